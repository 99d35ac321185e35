#pragma once
// Failures that a vendor knows of, as a file: one check a line, then the reason; # begins a comment.

#include <string>
#include <string_view>
#include <vector>

#include "result/result.hpp"

namespace loophole::conformance {

struct ExpectedFailures {
  std::vector<Expected> list;
  std::string error;  // the first line that is none: a check without a reason, twice, or that there is not; empty: none
};

// [any-thread] `text` of a file for a peer of this role.
[[nodiscard]] ExpectedFailures parse_expected(std::string_view text, std::string_view role);

}  // namespace loophole::conformance
