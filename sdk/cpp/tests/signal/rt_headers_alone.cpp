// The headers for audio threads need nothing but the standard library: this file is compiled without the rest of Loophole.

#include "loophole/signal/rt/audio_port.hpp"
#include "loophole/signal/rt/automated_parameter.hpp"
#include "loophole/signal/rt/flush_to_zero.hpp"
#include "loophole/signal/rt/nonblocking.hpp"
#include "loophole/signal/rt/smoothed_parameter.hpp"
#include "loophole/signal/rt/spsc_ring.hpp"
#include "loophole/signal/rt/transport.hpp"
