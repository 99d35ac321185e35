#pragma once
// Names for people, cut to what their schemas allow.

#include <string>

namespace loophole::pulse::edits {

inline constexpr std::size_t kLongestName = 128;  // code points, as the schemas of all things with names say

// [any-thread] The first `count` code points of UTF-8 text.
[[nodiscard]] inline std::string first_code_points(const std::string& text, std::size_t count) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (begins && seen++ == count) return text.substr(0, i);
  }
  return text;
}

}  // namespace loophole::pulse::edits
