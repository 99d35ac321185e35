#pragma once
// UTF-8: what every text on the wire is. Text from outside (file names, words of a driver) may be anything; printable() makes it fit.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace loophole {

// [any-thread] Number of Unicode code points; nothing when `text` is not well-formed UTF-8 (overlong forms and surrogates are not).
[[nodiscard]] std::optional<std::size_t> count_code_points(std::string_view text) noexcept;

// [any-thread] `text` as well-formed UTF-8 of at most `max_bytes` bytes: faulty bytes become U+FFFD, and what does not fit becomes "…".
[[nodiscard]] std::string printable(std::string_view text, std::size_t max_bytes);

}  // namespace loophole
