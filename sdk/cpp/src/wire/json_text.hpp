#pragma once
// Writing the two JSON literals that need care.

#include <string>
#include <string_view>

namespace loophole::wire::detail {

// Appends a JSON string. `utf8` must be well-formed.
void append_quoted(std::string& out, std::string_view utf8);

// Appends the shortest text that reads back as the same double. `value` must be finite.
void append_number(std::string& out, double value);

}  // namespace loophole::wire::detail
