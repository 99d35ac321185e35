// The verdict, and what must never become `conformant`.
#include <doctest/doctest.h>

#include "results.hpp"

using namespace loophole::conformance;
using namespace loophole::conformance::test;

TEST_CASE("all checks passed: conformant, exit code 0") {
  const RunResult run = run_with({case_with("a.b.c", {Outcome::passed, Outcome::passed}), case_with("a.b.d", {Outcome::passed})});
  CHECK(judge(run).verdict == Verdict::conformant);
  CHECK(exit_code(judge(run).verdict) == 0);
  CHECK(judge(run).counts.executed() == 3);
}

TEST_CASE("one check that failed or was not reached is enough") {
  for (const Outcome bad : {Outcome::failed, Outcome::not_reached}) {
    const RunResult run = run_with({case_with("a.b.c", {Outcome::passed, bad})});
    CHECK(judge(run).verdict == Verdict::not_conformant);
    CHECK(exit_code(judge(run).verdict) == 1);
  }
}

TEST_CASE("a check that did not run is no pass") {
  const RunResult run = run_with({case_with("a.b.c", {Outcome::passed}), case_with("a.b.d", {Outcome::not_run})});
  CHECK(judge(run).verdict == Verdict::incomplete);
  CHECK(exit_code(judge(run).verdict) == 5);
}

TEST_CASE("a failure is told before what did not run") {
  CHECK(judge(run_with({case_with("a.b.c", {Outcome::failed}), case_with("a.b.d", {Outcome::not_run})})).verdict ==
        Verdict::not_conformant);
}

TEST_CASE("where no check was executed nothing is known") {
  CHECK(judge(run_with({case_with("a.b.c", {Outcome::not_applicable, Outcome::not_applicable})})).verdict == Verdict::incomplete);
  CHECK(judge(run_with({})).verdict == Verdict::incomplete);
}

TEST_CASE("what does not apply does not stand in the way") {
  CHECK(judge(run_with({case_with("a.b.c", {Outcome::passed}), case_with("a.b.d", {Outcome::not_applicable})})).verdict ==
        Verdict::conformant);
}

TEST_CASE("checks that got lost are a fault of the suite") {
  RunResult run = run_with({case_with("a.b.c", {Outcome::passed})});
  run.planned_checks = 2;
  CHECK(judge(run).verdict == Verdict::suite_fault);
  CHECK(exit_code(judge(run).verdict) == 4);
}

TEST_CASE("a fault of the suite is no result, not even with all else passed") {
  RunResult run = run_with({case_with("a.b.c", {Outcome::passed})});
  run.cases[0].suite_fault = "sent an invalid message";
  CHECK(judge(run).verdict == Verdict::suite_fault);
}

TEST_CASE("a peer that did not start has an exit code of its own") {
  RunResult run = run_with({case_with("a.b.c", {Outcome::not_run})});
  run.start_problem = "it exited with code 127";
  CHECK(judge(run).verdict == Verdict::not_started);
  CHECK(exit_code(judge(run).verdict) == 3);
}

TEST_CASE("level wire alone is not conformance") {
  RunResult run = run_with({case_with("a.b.c", {Outcome::passed})});
  run.level = Level::wire;
  CHECK(judge(run).verdict == Verdict::incomplete);
  run.level = Level::strict;
  CHECK(judge(run).verdict == Verdict::conformant);
}

TEST_CASE("expected failures are counted and never change the verdict") {
  RunResult run = run_with({case_with("a.b.c", {Outcome::failed, Outcome::passed})});
  run.expected = {{.check = "a.b.c/check-0", .reason = "known"}, {.check = "a.b.c/check-1", .reason = "known"}};
  const Judgement judged = judge(run);
  CHECK(judged.verdict == Verdict::not_conformant);
  CHECK(judged.counts.expected_failures == 1);
  CHECK(judged.counts.unexpected_passes == std::vector<std::string>{"a.b.c/check-1"});
  CHECK(judged.reason == "1 check did not pass, all of them expected");
  run.expected.erase(run.expected.begin());
  CHECK(judge(run).reason == "1 check did not pass");
}

TEST_CASE("that some checks did not run is told beside those that failed") {
  RunResult run =
      run_with({case_with("a.b.c", {Outcome::failed, Outcome::passed}), case_with("a.b.d", {Outcome::not_run, Outcome::not_run})});
  run.expected = {{.check = "a.b.c/check-0", .reason = "known"}};
  CHECK(judge(run).reason == "1 check did not pass, all of them expected, and 2 checks did not run");
}
