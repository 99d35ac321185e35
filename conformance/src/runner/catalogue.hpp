#pragma once
// Every case that there is, in the order in which they run.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trial/case.hpp"

namespace loophole::conformance {

[[nodiscard]] const std::vector<Case>& catalogue();
[[nodiscard]] const Case* find_case(std::string_view id);

// [any-thread] What is wrong with a catalogue: an id twice or of another form, a check without a requirement, one that the register does
// not have or that is not of the role, a level that does not fit the keyword. Empty: nothing.
[[nodiscard]] std::vector<std::string> faults_of(const std::vector<Case>& cases);

// [any-thread] Cases of a role up to a level.
[[nodiscard]] std::vector<const Case*> cases_of(std::string_view role, Level level);

// [any-thread] Why a result is not one of this catalogue: other cases or checks, or another order, than role and level have here.
[[nodiscard]] std::optional<std::string> misfit(const RunResult& run);

// What the user asked for: ids of cases, checks or requirements, with * for any text.
struct Selection {
  std::vector<std::string> patterns;
};
struct Selected {
  std::vector<const Case*> cases;
  std::vector<std::string> unmatched;  // patterns that match nothing
};
[[nodiscard]] Selected select(const std::vector<const Case*>& from, const Selection& selection);

}  // namespace loophole::conformance
