// A case under way: what counts as passed, and what is a fault of the suite.
#include <doctest/doctest.h>

#include <algorithm>

#include "runner/runner.hpp"
#include "steps.hpp"
#include "trial/client.hpp"

using namespace loophole;
using namespace loophole::conformance;

namespace {

Setting nobody() {
  return {.attached =
              Endpoints{.control = "ipc:///nowhere/control", .stream = "ipc:///nowhere/stream", .telemetry = "ipc:///nowhere/telemetry"},
          .patience = Milliseconds(50)};
}

Case case_that(void (*run)(Trial&)) {
  return {.id = "signal.test.case",
          .title = "t",
          .steps = "s",
          .checks = {{"first", {"HELLO-13"}, "e"}, {"second", {"HELLO-13"}, "e"}},
          .run = run};
}

Outcome outcome(const CaseResult& result, std::string_view check) {
  return std::ranges::find(result.checks, "signal.test.case/" + std::string(check), &CheckResult::id)->outcome;
}

}  // namespace

TEST_CASE("no check passes in a case in which the peer was never greeted") {
  const CaseResult result = run_case(case_that([](Trial& t) { t.check("first", true, ""); }), nobody(), 1);
  CHECK(outcome(result, "first") == Outcome::failed);
  CHECK(outcome(result, "second") == Outcome::not_reached);
  CHECK(outcome(result, "speech") == Outcome::failed);
  CHECK(outcome(result, "alive") == Outcome::failed);
}

TEST_CASE("a case ends where its next step has nothing to stand on") {
  const CaseResult result = run_case(case_that([](Trial& t) {
                                       t.require("first", false, "nothing came");
                                       t.check("second", true, "");
                                     }),
                                     nobody(), 1);
  CHECK(outcome(result, "first") == Outcome::failed);
  CHECK(outcome(result, "second") == Outcome::not_reached);
  CHECK(result.checks[0].came == "nothing came");
}

TEST_CASE("the first failure of a check stays") {
  const CaseResult result = run_case(case_that([](Trial& t) {
                                       t.check("first", false, "one");
                                       t.check("first", true, "");
                                       t.check("first", false, "two");
                                     }),
                                     nobody(), 1);
  CHECK(outcome(result, "first") == Outcome::failed);
  CHECK(result.checks[0].came == "one");
}

TEST_CASE("a check that was not declared, and an invalid message that is meant to be valid, are faults of the suite") {
  CHECK(run_case(case_that([](Trial& t) { t.check("third", true, ""); }), nobody(), 1).suite_fault);
  CHECK(run_case(case_that([](Trial& t) { t.connect().send_text("no JSON", Meant::valid); }), nobody(), 1).suite_fault);
  CHECK_FALSE(run_case(case_that([](Trial& t) { t.connect().send_text("no JSON", Meant::wrong); }), nobody(), 1).suite_fault);
}

TEST_CASE("what is sent wrong on purpose is marked in the transcript") {
  const CaseResult result = run_case(case_that([](Trial& t) { t.connect().send_text("no JSON", Meant::wrong); }), nobody(), 1);
  REQUIRE(!result.transcript.empty());
  CHECK(result.transcript[0].wrong);
  CHECK(result.transcript[0].text == "no JSON");
}

TEST_CASE("a peer that ends ends the case, and says how") {
  Setting setting{.command = {"/bin/sh", "-c", "echo last words; exit 7"}, .patience = Milliseconds(10'000)};
  const CaseResult result = run_case(case_that([](Trial& t) { (void)t.pulse(); }), setting, 1);
  CHECK(result.ended == "the peer exited with code 7");
  CHECK(outcome(result, "alive") == Outcome::failed);
  CHECK(result.output == "last words\n");
}

TEST_CASE("a crash is no refusal") {
  CHECK(OtherRun{.ended = Ended{.code = 3}}.refused());
  CHECK_FALSE(OtherRun{.ended = Ended{.code = 0}}.refused());
  CHECK_FALSE(OtherRun{.ended = Ended{.signal = 11}}.refused());
  CHECK_FALSE(OtherRun{}.refused());
}

TEST_CASE("a run in which nobody answers is not started, and says so of every check") {
  Order order{.role = "signal", .level = Level::wire, .setting = nobody()};
  std::size_t ran = 0;
  const RunResult result = run(order, [&](const CaseResult&) { ++ran; });
  CHECK(ran == 0);
  const Judgement judged = judge(result);
  CHECK(judged.verdict == Verdict::not_started);
  CHECK(judged.counts.of(Outcome::not_run) == result.planned_checks);
}
