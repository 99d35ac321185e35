// Parts of a run put together: the worst of what ran counts.
#include <doctest/doctest.h>

#include "results.hpp"

using namespace loophole::conformance;
using namespace loophole::conformance::test;

TEST_CASE("two halves make a whole") {
  const RunResult first = run_with({case_with("a.b.c", {Outcome::passed}), case_with("a.b.d", {Outcome::not_run})});
  const RunResult second = run_with({case_with("a.b.c", {Outcome::not_run}), case_with("a.b.d", {Outcome::passed})});
  CHECK(judge(first).verdict == Verdict::incomplete);
  const Merged merged = merge({first, second});
  REQUIRE(merged.run);
  CHECK(judge(*merged.run).verdict == Verdict::conformant);
}

TEST_CASE("a failure in one part is not healed by a pass in another, in whichever order") {
  const RunResult bad = run_with({case_with("a.b.c", {Outcome::failed, Outcome::passed})});
  const RunResult good = run_with({case_with("a.b.c", {Outcome::passed, Outcome::passed})});
  for (const auto& runs : {std::vector{bad, good}, std::vector{good, bad}}) {
    const Merged merged = merge(runs);
    REQUIRE(merged.run);
    CHECK(merged.run->cases[0].checks[0].outcome == Outcome::failed);
    CHECK(merged.run->cases[0].checks[1].outcome == Outcome::passed);
    CHECK(judge(*merged.run).verdict == Verdict::not_conformant);
  }
}

TEST_CASE("a fault of the suite and a peer that did not start stay") {
  RunResult faulty = run_with({case_with("a.b.c", {Outcome::passed})});
  faulty.cases[0].suite_fault = "oh";
  const RunResult good = run_with({case_with("a.b.c", {Outcome::passed})});
  CHECK(judge(*merge({good, faulty}).run).verdict == Verdict::suite_fault);
  RunResult absent = run_with({case_with("a.b.c", {Outcome::not_run})});
  absent.start_problem = "absent";
  CHECK(judge(*merge({good, absent}).run).verdict == Verdict::not_started);
}

TEST_CASE("runs of different things are not merged") {
  const RunResult one = run_with({case_with("a.b.c", {Outcome::passed})});
  RunResult other = one;
  other.command = {"./another"};
  CHECK_FALSE(merge({one, other}).run);
  other = one;
  other.level = Level::strict;
  CHECK_FALSE(merge({one, other}).run);
  CHECK_FALSE(merge({one, run_with({case_with("a.b.x", {Outcome::passed})})}).run);
  CHECK_FALSE(merge({}).run);
}
