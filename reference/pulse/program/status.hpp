#pragma once
// loophole-pulse status: asks a Pulse that runs how it is.

#include <string>

namespace loophole::pulse {

// [owner-thread] Prints it. The exit code: 0 it runs, 1 it does not answer, 3 there is no such session.
[[nodiscard]] int status(const std::string& session, bool json);

}  // namespace loophole::pulse
