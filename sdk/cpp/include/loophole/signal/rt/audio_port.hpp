#pragma once
// AudioPort: all that an audio callback sees of Loophole. Made by the engine before anything else, given to EngineServer, which holds the
// I/O end; the audio thread uses the functions marked [audio-thread] and nothing more.

#include "loophole/signal/rt/load_readings.hpp"
#include "loophole/signal/rt/meter_board.hpp"
#include "loophole/signal/rt/parameter_feed.hpp"
#include "loophole/signal/rt/transport_readings.hpp"

namespace loophole::signal::rt {

struct AudioPort {
  ParameterFeed parameters;     // in: values that are due in this block
  MeterBoard meters;            // out: levels
  TransportReadings transport;  // out: where the transport is
  LoadReadings load;            // out: how long rendering takes, and gaps
};

}  // namespace loophole::signal::rt
