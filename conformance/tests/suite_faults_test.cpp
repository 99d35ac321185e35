// What the suite itself does wrong is never blamed on the peer, and never the end of the run.
#include <doctest/doctest.h>

#include <algorithm>

#include "fake_engine.hpp"
#include "runner/runner.hpp"
#include "trial/client.hpp"

using namespace loophole;
using namespace loophole::conformance;

namespace {

Case case_that(void (*run)(Trial&)) {
  return {.id = "signal.test.case", .title = "t", .steps = "s", .checks = {{"first", {"HELLO-13"}, "e"}}, .run = run};
}

const CheckResult& check(const CaseResult& result, std::string_view id) {
  return *std::ranges::find(result.checks, "signal.test.case/" + std::string(id), &CheckResult::id);
}

Setting nobody() {
  return {.attached = Endpoints{.control = "ipc:///nowhere/c", .stream = "ipc:///nowhere/s", .telemetry = "ipc:///nowhere/t"},
          .patience = Milliseconds(50)};
}

const test::FakeEngine* peer = nullptr;
int held_up_cases = 0;

// Works on something for a lease, and says nothing meanwhile.
void work_for_long() {
  peer->await_lease();
}

}  // namespace

TEST_CASE("a suite that was silent for longer than the lease tries again, and then says that it was held up") {
  const test::FakeEngine engine(40);
  peer = &engine;
  held_up_cases = 0;
  const CaseResult result = run_case(case_that([](Trial& t) {
                                       ++held_up_cases;
                                       (void)t.pulse();
                                       work_for_long();
                                       t.pass(Milliseconds(1));
                                       t.check("first", false, "the peer is blamed");
                                     }),
                                     engine.setting(), 1);
  CHECK(held_up_cases == 3);
  REQUIRE(result.suite_fault);
  CHECK(result.suite_fault->find("held up") != std::string::npos);
  CHECK(check(result, "first").outcome != Outcome::failed);
}

TEST_CASE("a case that is held up once counts as it went the second time") {
  const test::FakeEngine engine(2'000);
  peer = &engine;
  held_up_cases = 0;
  const CaseResult result = run_case(case_that([](Trial& t) {
                                       ++held_up_cases;
                                       (void)t.pulse();
                                       if (held_up_cases == 1) work_for_long();
                                       t.pass(Milliseconds(1));
                                       t.check("first", true, "");
                                     }),
                                     engine.setting(), 1);
  CHECK(held_up_cases == 2);
  CHECK_FALSE(result.suite_fault);
  CHECK(check(result, "first").outcome == Outcome::passed);
}

TEST_CASE("what a lie of the peer leaves out ends the case, and is no fault of the suite") {
  for (void (*run)(Trial&) : {+[](Trial&) { (void)std::optional<int>().value(); }, +[](Trial&) { (void)std::vector<int>().at(0); },
                              +[](Trial&) { (void)Answer().need<session::HelloReply>(); }}) {
    const CaseResult result = run_case(case_that(run), nobody(), 1);
    CHECK_FALSE(result.suite_fault);
    CHECK(check(result, "first").outcome == Outcome::not_reached);
    CHECK_FALSE(result.ended.empty());
  }
}

TEST_CASE("an interrupted case is not run, and no failure of the peer") {
  const CaseResult result = run_case(case_that([](Trial& t) {
                                       interrupted = true;
                                       (void)t.pulse();
                                     }),
                                     nobody(), 1);
  interrupted = false;
  for (const CheckResult& one : result.checks) CHECK_MESSAGE(one.outcome == Outcome::not_run, one.id);
}

TEST_CASE("an attached peer that answers no command any more is not alive") {
  const test::FakeEngine engine(30'000);
  Setting setting = engine.setting();
  setting.patience = Milliseconds(200);
  const CaseResult result = run_case(case_that([](Trial& t) {
                                       (void)t.pulse();
                                       t.check("first", true, "");
                                     }),
                                     setting, 1);
  CHECK(check(result, "first").outcome == Outcome::passed);
  CHECK(check(result, "alive").outcome == Outcome::failed);
}
