#pragma once
// A loophole-pulse in the background that goes on when this program ends, and the end of one.

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/messages/session.hpp"

namespace loophole::cli {

// [owner-thread] Starts `program` in a session of processes of its own, with its output at the end of `log`, and waits until it is
// published under `session`. Errors: session.notFound, with what it said last when it ended; session.timeout.
[[nodiscard]] Result<session::SessionFile> start_in_background(const std::filesystem::path& program, std::vector<std::string> arguments,
                                                               const std::filesystem::path& log, const std::string& session,
                                                               std::chrono::milliseconds deadline);

// [owner-thread] Asks a process to end, and waits until it has. Errors: session.notFound when there is none, denied as session.runtimeDir
// when it is somebody else's, session.timeout.
[[nodiscard]] Result<void> end_process(std::int64_t process, std::chrono::milliseconds deadline);

}  // namespace loophole::cli
