#pragma once
// What `list` and `explain` print.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "result/result.hpp"

namespace loophole::conformance {

[[nodiscard]] std::vector<std::string> roles_with_cases();
[[nodiscard]] bool has_check(std::string_view id, std::string_view role);
[[nodiscard]] std::string list_text(std::string_view role, Level level);
[[nodiscard]] std::string list_json(std::string_view role, Level level);
// Of a case, of the case of a check, or of a requirement: what checks it; nothing for an id that there is not.
[[nodiscard]] std::optional<std::string> explain(std::string_view id);

}  // namespace loophole::conformance
