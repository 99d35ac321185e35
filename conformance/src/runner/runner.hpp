#pragma once
// Runs cases against a peer, whatever the peer does: each in a process of its own, so that not even the suite can end the run.

#include <functional>
#include <string>
#include <vector>

#include "result/result.hpp"
#include "runner/catalogue.hpp"
#include "trial/trial.hpp"

namespace loophole::conformance {

struct Order {
  std::string role;
  Level level = Level::required;
  Setting setting;
  Selection selection;
  std::vector<Expected> expected;
  std::vector<std::string> repeat;  // the words with which a single case is repeated, before and after the id
  std::vector<std::string> repeat_after;
  std::size_t jobs = 1;  // cases at once
};

// The result has every case of role and level: those that were not selected with the outcome not_run. `on_case` is called after each that
// ran. The selection must match.
[[nodiscard]] RunResult run(const Order& order, const std::function<void(const CaseResult&)>& on_case);

// [any-thread] The case as it is before it ran, all checks with this outcome.
[[nodiscard]] CaseResult unrun(const Case& one, Outcome outcome, const std::string& why);

// Runs one case; again, where the suite was held up.
[[nodiscard]] CaseResult run_case(const Case& one, const Setting& setting, double noise);

}  // namespace loophole::conformance
