// The catalogue: ids, requirements and levels are as they must be, and mistakes in them are found.
#include "runner/catalogue.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "runner/runner.hpp"

using namespace loophole::conformance;

namespace {

Case good() {
  return {.id = "signal.hello.some-case",
          .title = "t",
          .steps = "s",
          .level = Level::required,
          .checks = {{"one", {"HELLO-13"}, "e"}},
          .run = [](Trial&) {}};
}

}  // namespace

TEST_CASE("the catalogue has no faults") {
  for (const std::string& fault : faults_of(catalogue())) FAIL_CHECK(fault);
  CHECK(catalogue().size() >= 100);
}

TEST_CASE("faults of a catalogue are found") {
  CHECK(faults_of({good()}).empty());
  CHECK_FALSE(faults_of({good(), good()}).empty());
  const auto faulty = [](auto change) {
    Case one = good();
    change(one);
    return !faults_of({one}).empty();
  };
  CHECK(faulty([](Case& c) { c.id = "signal.7"; }));
  CHECK(faulty([](Case& c) { c.id = "signal.Hello.x"; }));
  CHECK(faulty([](Case& c) { c.checks.clear(); }));
  CHECK(faulty([](Case& c) { c.run = nullptr; }));
  CHECK(faulty([](Case& c) { c.checks[0].requirements.clear(); }));
  CHECK(faulty([](Case& c) { c.checks[0].requirements = {"HELLO-9999"}; }));
  CHECK(faulty([](Case& c) { c.checks[0].requirements = {"GEST-24"}; }));   // of aura
  CHECK(faulty([](Case& c) { c.checks[0].requirements = {"HELLO-26"}; }));  // SHOULD
  CHECK(faulty([](Case& c) { c.checks[0].requirements = {"SEC-10"}; }));    // announced
  CHECK(faulty([](Case& c) { c.checks.push_back(c.checks[0]); }));
  CHECK(faulty([](Case& c) { c.checks[0].id = kSpeechCheck; }));
  Case strict = good();
  strict.level = Level::strict;
  strict.checks[0].requirements = {"HELLO-26"};
  CHECK(faults_of({strict}).empty());
}

TEST_CASE("cases are selected by id, check or requirement, and what matches nothing is told") {
  const auto all = cases_of("signal", Level::stress);
  CHECK(select(all, {}).cases.size() == all.size());
  CHECK(select(all, {.patterns = {"signal.hello.held"}}).cases.size() == 1);
  CHECK(select(all, {.patterns = {"signal.hello.held/refused"}}).cases.size() == 1);
  CHECK(select(all, {.patterns = {"HELLO-10"}}).cases.size() == 1);
  CHECK(select(all, {.patterns = {"signal.hello.*"}}).cases.size() >= 10);
  const Selected none = select(all, {.patterns = {"signal.hello.held", "signal.hello.hel", "HELLO-1"}});
  CHECK(none.unmatched == std::vector<std::string>{"signal.hello.hel", "HELLO-1"});
}

TEST_CASE("each level has the cases of those before it") {
  CHECK(cases_of("signal", Level::wire).size() < cases_of("signal", Level::required).size());
  CHECK(cases_of("signal", Level::required).size() < cases_of("signal", Level::strict).size());
  CHECK(cases_of("signal", Level::strict).size() < cases_of("signal", Level::stress).size());
}

TEST_CASE("a report fits the catalogue whole, or not at all") {
  RunResult run{.suite_version = LOOPHOLE_VERSION, .protocol = "1.0", .role = "signal", .level = Level::wire};
  for (const Case* one : cases_of("signal", Level::wire)) run.cases.push_back(unrun(*one, Outcome::passed, ""));
  for (const CaseResult& one : run.cases) run.planned_checks += one.checks.size();
  CHECK_FALSE(misfit(run));
  RunResult cut = run;
  cut.cases.pop_back();
  CHECK(misfit(cut));
  cut = run;
  cut.cases.back().checks.pop_back();
  CHECK(misfit(cut));
  cut = run;
  cut.planned_checks = 7;
  CHECK(misfit(cut));
  cut = run;
  cut.cases.front().id = "signal.hello.other";
  CHECK(misfit(cut));
}
