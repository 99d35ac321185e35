#pragma once
// Ports to the Pulse that the options mean.

#include <functional>
#include <memory>

#include "app/command.hpp"
#include "loophole/core/clock.hpp"

namespace loophole::cli {

using MadePort = Result<std::unique_ptr<aura::ProjectPort>>;

// [owner-thread] To the Pulse inside this program where there is one, else to the endpoint or the session of the options, which is waited
// for until the deadline, as its hello is; Ctrl-C ends that too, with session.cancelled. `context` and `loop` outlive the port. `tap`, when
// given, is called with every event as it arrives.
[[nodiscard]] MadePort make_port(const Options& options, const Tap& tap, net::Context& context, net::Loop& loop,
                                 Clock::time_point deadline);

}  // namespace loophole::cli
