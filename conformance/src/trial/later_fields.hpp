#pragma once
// Frames as a later version of the schema has them.

#include <string>

namespace loophole::conformance {

// [any-thread] The same frame, with one more field in its table, of a number that no table of 1.0 has. The frame is one that was made by
// loophole::frames: its offsets are trusted.
[[nodiscard]] std::string with_later_field(const std::string& frame);

}  // namespace loophole::conformance
