#pragma once
// What a decoder forgives and a sender must not do all the same.

#include <optional>
#include <string>
#include <string_view>

namespace loophole::conformance {

// [any-thread] JSON pointer of the first member that `text` has twice in one object (ENV-8). Nothing also where `text` is no JSON.
[[nodiscard]] std::optional<std::string> repeated_member(std::string_view text);

}  // namespace loophole::conformance
