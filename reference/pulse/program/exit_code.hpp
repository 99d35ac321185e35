#pragma once
// Exit codes of loophole-pulse; --help says what they mean for each command.

namespace loophole::pulse {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;
inline constexpr int kSession = 3;  // the session is served by another process; status: by none

}  // namespace loophole::pulse
