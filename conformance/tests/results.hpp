#pragma once
// Results for tests of what is made of them.

#include <string>
#include <vector>

#include "result/result.hpp"

namespace loophole::conformance::test {

inline CaseResult case_with(std::string id, std::vector<Outcome> outcomes) {
  CaseResult one{.id = id, .title = "a title", .steps = "steps", .level = Level::required};
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    one.checks.push_back(
        {.id = id + "/check-" + std::to_string(i), .requirements = {"HELLO-13"}, .expects = "it is <so> & \"so\"", .outcome = outcomes[i]});
  return one;
}

inline RunResult run_with(std::vector<CaseResult> cases) {
  RunResult run{.suite_version = "0.1.0", .protocol = "1.0", .role = "signal", .level = Level::required};
  run.command = {"./engine"};
  for (const CaseResult& one : cases) run.planned_checks += one.checks.size();
  run.cases = std::move(cases);
  return run;
}

}  // namespace loophole::conformance::test
