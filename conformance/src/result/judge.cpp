#include <algorithm>

#include "result/result.hpp"

namespace loophole::conformance {
namespace {

Counts count(const RunResult& run) {
  Counts counts;
  for (const CaseResult& one : run.cases) {
    bool executed = false;
    for (const CheckResult& check : one.checks) {
      ++counts.checks;
      ++counts.by_outcome[static_cast<std::size_t>(check.outcome)];
      const bool bad = check.outcome == Outcome::failed || check.outcome == Outcome::not_reached;
      executed = executed || bad || check.outcome == Outcome::passed;
      const bool expected = std::ranges::find(run.expected, check.id, &Expected::check) != run.expected.end();
      if (expected && bad) ++counts.expected_failures;
      if (expected && check.outcome == Outcome::passed) counts.unexpected_passes.push_back(check.id);
    }
    if (executed) ++counts.cases;
  }
  return counts;
}

std::string number_of(std::size_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

}  // namespace

Judgement judge(const RunResult& run) {
  Judgement done;
  done.counts = count(run);
  const Counts& counts = done.counts;
  const auto say = [&done](Verdict verdict, std::string reason) {
    done.verdict = verdict;
    done.reason = std::move(reason);
    return done;
  };
  for (const CaseResult& one : run.cases)
    if (one.suite_fault) return say(Verdict::suite_fault, one.id + ": " + *one.suite_fault);
  if (counts.checks != run.planned_checks)
    return say(Verdict::suite_fault,
               "the catalogue has " + number_of(run.planned_checks, "check") + ", the result has " + std::to_string(counts.checks));
  if (run.start_problem) return say(Verdict::not_started, *run.start_problem);
  const std::size_t missing = counts.of(Outcome::not_run);
  if (const std::size_t bad = counts.of(Outcome::failed) + counts.of(Outcome::not_reached); bad > 0)
    return say(Verdict::not_conformant, number_of(bad, "check") + " did not pass" +
                                            (bad == counts.expected_failures ? ", all of them expected" : "") +
                                            (missing > 0 ? ", and " + number_of(missing, "check") + " did not run" : ""));
  if (counts.executed() == 0) return say(Verdict::incomplete, "no check was executed, so nothing is known");
  if (missing > 0)
    return say(Verdict::incomplete, number_of(missing, "check") + " of level " + std::string(to_string(run.level)) + " did not run");
  if (run.level < Level::required)
    return say(Verdict::incomplete,
               "everything of level " + std::string(to_string(run.level)) + " passed; conformance begins at level required");
  return say(Verdict::conformant, "every check of level " + std::string(to_string(run.level)) + " passed");
}

int exit_code(Verdict verdict) {
  switch (verdict) {
    case Verdict::conformant:
      return 0;
    case Verdict::not_conformant:
      return 1;
    case Verdict::not_started:
      return 3;
    case Verdict::suite_fault:
      return 4;
    case Verdict::incomplete:
      return 5;
  }
  return 4;
}

std::optional<Level> level_named(std::string_view name) {
  const auto found = std::ranges::find(kLevels, name);
  if (found == kLevels.end()) return std::nullopt;
  return static_cast<Level>(found - kLevels.begin());
}

Merged merge(const std::vector<RunResult>& runs) {
  if (runs.empty()) return {.run = std::nullopt, .error = "there is nothing to merge"};
  // The worse of two, where both ran; else the one that ran.
  const auto rank = [](Outcome outcome) {
    switch (outcome) {
      case Outcome::failed:
        return 4;
      case Outcome::not_reached:
        return 3;
      case Outcome::passed:
        return 2;
      case Outcome::not_applicable:
        return 1;
      case Outcome::not_run:
        return 0;
    }
    return 0;
  };
  RunResult whole = runs.front();
  for (std::size_t n = 1; n < runs.size(); ++n) {
    const RunResult& part = runs[n];
    if (part.role != whole.role || part.level != whole.level || part.suite_version != whole.suite_version || part.command != whole.command)
      return {.run = std::nullopt, .error = "report " + std::to_string(n + 1) + " is of another role, level, suite or peer than the first"};
    if (part.cases.size() != whole.cases.size())
      return {.run = std::nullopt, .error = "report " + std::to_string(n + 1) + " has other cases than the first"};
    whole.seconds += part.seconds;
    whole.noise = std::max(whole.noise, part.noise);
    if (part.start_problem) whole.start_problem = part.start_problem;
    for (const Expected& expected : part.expected)
      if (std::ranges::find(whole.expected, expected.check, &Expected::check) == whole.expected.end()) whole.expected.push_back(expected);
    for (std::size_t i = 0; i < part.cases.size(); ++i) {
      CaseResult& mine = whole.cases[i];
      const CaseResult& theirs = part.cases[i];
      if (mine.id != theirs.id || mine.checks.size() != theirs.checks.size())
        return {.run = std::nullopt, .error = "report " + std::to_string(n + 1) + " has other cases than the first"};
      const auto worst = [&](const CaseResult& one) {
        int found = 0;
        for (const CheckResult& check : one.checks) found = std::max(found, rank(check.outcome));
        return found;
      };
      const bool adopt = worst(theirs) > worst(mine);
      std::vector<CheckResult> checks = mine.checks;
      for (std::size_t c = 0; c < checks.size(); ++c)
        if (rank(theirs.checks[c].outcome) > rank(checks[c].outcome)) checks[c] = theirs.checks[c];
      const std::optional<std::string> fault = mine.suite_fault ? mine.suite_fault : theirs.suite_fault;
      if (adopt) mine = theirs;  // the transcript of what went worst
      mine.checks = std::move(checks);
      mine.suite_fault = fault;
    }
  }
  return {.run = std::move(whole), .error = {}};
}

}  // namespace loophole::conformance
