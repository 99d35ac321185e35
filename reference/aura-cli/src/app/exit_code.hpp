#pragma once
// Exit codes: a script can tell what to do next from the number alone.

#include "loophole/core/error.hpp"

namespace loophole::cli {

inline constexpr int kSuccess = 0;
inline constexpr int kFailed = 1;  // a check of the demo or of a script failed, or the output could not be written
inline constexpr int kUsage = 2;   // the command line is wrong
inline constexpr int kInterrupted = 130;

// [any-thread] 10 invalid, 11 denied, 12 conflict, 13 unavailable, 14 overloaded, 15 unsupported, 16 internal.
[[nodiscard]] int exit_code(envelope::Category category) noexcept;

// For --help.
inline constexpr const char* kExitCodeHelp =
    "Exit codes: 0 done, 2 wrong usage, 10 invalid request, 11 denied, 12 conflict with the present state,\n"
    "13 unavailable (no session, no engine, no answer), 14 overloaded, 15 unsupported, 16 internal fault.";

}  // namespace loophole::cli
