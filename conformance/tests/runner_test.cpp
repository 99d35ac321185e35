// A run of cases against the reference engine: what ran, what did not, and that neither is taken for the other.
#include "runner/runner.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "trial/client.hpp"

using namespace loophole;
using namespace loophole::conformance;

namespace {

Order of_engine() {
  Order order{.role = "signal", .level = Level::wire, .setting = {}, .selection = {}};
  order.setting.command = {std::getenv("LOOPHOLE_SIGNAL"),
                           "--control",
                           "{control}",
                           "--stream",
                           "{stream}",
                           "--telemetry",
                           "{telemetry}",
                           "--driver",
                           "paced",
                           "--log-level",
                           "error"};
  order.repeat = {"suite", "run"};
  order.repeat_after = {"--", "engine"};
  return order;
}

void nothing(const CaseResult&) {}

Case case_that(void (*run)(Trial&)) {
  return {.id = "signal.test.case", .title = "t", .steps = "s", .checks = {{"first", {"HELLO-13"}, "e"}}, .run = run};
}

}  // namespace

TEST_CASE("a selection runs what it selects; all else is there, and not run; the verdict is incomplete") {
  Order order = of_engine();
  order.level = Level::required;
  order.selection.patterns = {"signal.hello.answer"};
  std::vector<std::string> ran;
  const RunResult result = run(order, [&](const CaseResult& one) { ran.push_back(one.id); });
  CHECK(ran == std::vector<std::string>{"signal.hello.answer"});
  CHECK(result.cases.size() == cases_of("signal", Level::required).size());
  std::size_t planned = 0;
  for (const Case* one : cases_of("signal", Level::required)) planned += one->checks.size() + common_checks("signal").size();
  CHECK(result.planned_checks == planned);
  const Judgement judged = judge(result);
  CHECK(judged.verdict == Verdict::incomplete);
  CHECK(judged.counts.cases == 1);
  CHECK(judged.counts.of(Outcome::passed) == result.cases[0].checks.size());
  CHECK(judged.counts.of(Outcome::not_run) == planned - result.cases[0].checks.size());
  CHECK(result.cases[1].checks[0].came == "not selected");
  CHECK(result.cases[0].repeat == "suite run --case signal.hello.answer -- engine");
  CHECK(result.peer_software.starts_with("loophole-signal "));
}

TEST_CASE("a run that is interrupted has not run the rest") {
  Order order = of_engine();
  const RunResult result = run(order, [](const CaseResult&) { interrupted = true; });
  interrupted = false;
  const Judgement judged = judge(result);
  CHECK(judged.verdict == Verdict::incomplete);
  CHECK(judged.counts.cases == 1);
  CHECK(result.cases.back().checks[0].came == "the run was interrupted");
}

TEST_CASE("a peer that can no longer be greeted ends the run after three cases, and none of them passes") {
  Order order = of_engine();
  order.level = Level::required;
  order.selection.patterns = {"signal.hello.*"};
  order.setting.patience = Milliseconds(100);
  std::size_t ran = 0;
  // Each start after the first, which is the survey, is of an engine that answers nobody.
  const char* once = "if mkdir \"$0\" 2>/dev/null; then exec \"$@\"; else exec sleep 60; fi";
  const Folder folder;
  std::vector<std::string> words{"/bin/sh", "-c", once, (folder.path() / "started").string()};
  words.insert(words.end(), order.setting.command.begin(), order.setting.command.end());
  order.setting.command = words;
  const RunResult result = run(order, [&](const CaseResult&) { ++ran; });
  CHECK(ran == 3);
  const Judgement judged = judge(result);
  CHECK(judged.verdict == Verdict::not_conformant);
  CHECK(judged.counts.of(Outcome::passed) == 0);
  CHECK(result.cases[3].checks[0].came == "the peer can no longer be greeted");
}

TEST_CASE("cases that start the peer themselves do not run with one that is attached") {
  Order order{.role = "signal", .level = Level::required, .setting = {}, .selection = {.patterns = {"signal.process.*"}}};
  const Folder folder;
  const std::string base = "ipc://" + folder.path().string() + "/";
  order.setting.attached = Endpoints{.control = base + "c", .stream = base + "s", .telemetry = base + "t"};
  std::vector<std::string> command = substitute(of_engine().setting.command, *order.setting.attached);
  std::string error;
  const auto engine = PeerProcess::start(command, {}, error);
  REQUIRE(engine != nullptr);
  const RunResult result = run(order, nothing);
  CHECK_FALSE(result.start_problem);
  CHECK(result.attached);
  const auto one = std::ranges::find_if(result.cases, [](const CaseResult& each) { return each.id == "signal.process.epochs"; });
  REQUIRE(one != result.cases.end());
  CHECK(one->checks[0].outcome == Outcome::not_run);
  CHECK(one->checks[0].came.starts_with("needs a peer that the suite starts itself"));
}

TEST_CASE("a wait that ends without its event is not the event") {
  Setting setting = of_engine().setting;
  const CaseResult result = run_case(case_that([](Trial& t) {
                                       (void)t.pulse();
                                       t.check("first", t.wait([] { return false; }, Milliseconds(50)), "it never came");
                                     }),
                                     setting, 1);
  CHECK(result.checks[0].outcome == Outcome::failed);
  CHECK(result.checks[0].came == "it never came");
  CHECK(result.checks[1].outcome == Outcome::passed);  // the peer was greeted, and said nothing wrong
}

TEST_CASE("a peer that dies in the middle, after all checks held, was not alive to the end") {
  const CaseResult result = run_case(case_that([](Trial& t) {
                                       (void)t.pulse();
                                       t.check("first", true, "");
                                       ::kill(t.process()->id(), SIGKILL);
                                       REQUIRE(t.process()->wait(Milliseconds(60'000)));
                                     }),
                                     of_engine().setting, 1);
  CHECK(result.checks[0].outcome == Outcome::passed);
  CHECK(result.checks.back().id == "signal.test.case/alive");
  CHECK(result.checks.back().outcome == Outcome::failed);
}

TEST_CASE("a case that goes on for ever ends at its limit, and what it did not come to is not passed") {
  Setting setting = of_engine().setting;
  setting.case_limit = Milliseconds(1'500);
  const CaseResult result = run_case(case_that([](Trial& t) {
                                       (void)t.pulse();
                                       for (;;) t.pass(Milliseconds(20));
                                     }),
                                     setting, 1);
  CHECK(result.ended == "the case took too long");
  CHECK(result.checks[0].outcome == Outcome::not_reached);
}
