#pragma once
// loophole-pulse inspect: what is in a project file. Works on a copy, so that the file is neither changed nor locked, and may be in use.

#include <filesystem>

namespace loophole::pulse {

// [owner-thread] Prints it. The exit code: 0, or 1 when the file cannot be read or is damaged.
[[nodiscard]] int inspect(const std::filesystem::path& file, bool json);

}  // namespace loophole::pulse
