#pragma once
// Everything for an engine: link loophole_signal, implement signal::Engine, start an EngineServer on an I/O thread, and use the
// rt::AudioPort in the audio callback. Callbacks that must not see more include loophole/signal/rt/audio_port.hpp alone: it needs the
// standard library only.

#include "loophole/signal/automation.hpp"
#include "loophole/signal/engine.hpp"
#include "loophole/signal/engine_program.hpp"
#include "loophole/signal/engine_server.hpp"
#include "loophole/signal/graph_check.hpp"
#include "loophole/signal/live_graph.hpp"
#include "loophole/signal/rt/audio_port.hpp"
#include "loophole/signal/rt/automated_parameter.hpp"
#include "loophole/signal/rt/flush_to_zero.hpp"
#include "loophole/signal/rt/nonblocking.hpp"
#include "loophole/signal/rt/smoothed_parameter.hpp"
#include "loophole/signal/rt/spsc_ring.hpp"
#include "loophole/signal/rt/transport.hpp"
#include "loophole/signal/stream_leases.hpp"
#include "loophole/signal/transport_control.hpp"
