// All reports say the same.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "report/report.hpp"
#include "results.hpp"

using namespace loophole::conformance;
using namespace loophole::conformance::test;

namespace {

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++found;
  return found;
}

RunResult mixed() {
  RunResult run = run_with({case_with("a.b.c", {Outcome::passed, Outcome::failed, Outcome::not_reached}),
                            case_with("a.b.d", {Outcome::not_run}), case_with("a.b.e", {Outcome::not_applicable, Outcome::passed})});
  run.cases[0].checks[1].came = "came\x01 <this> \xff instead";
  run.cases[0].repeat = "loophole-conformance run --case a.b.c";
  run.cases[0].transcript.push_back({.at_ms = 1, .plane = "control", .way = "sent", .who = "pulse", .text = "{\"v\":1}"});
  return run;
}

}  // namespace

TEST_CASE("numbers agree in JSON, JUnit and TAP") {
  const RunResult run = mixed();
  const auto json = nlohmann::json::parse(report::json(run));
  CHECK(json["verdict"] == "notConformant");
  CHECK(json["counts"]["checks"] == 6);
  CHECK(json["counts"]["passed"] == 2);
  CHECK(json["counts"]["failed"] == 1);
  CHECK(json["counts"]["notReached"] == 1);
  CHECK(json["counts"]["notRun"] == 1);
  CHECK(json["counts"]["notApplicable"] == 1);

  const std::string junit = report::junit(run);
  CHECK(count(junit, "<testcase ") == 7);  // and the verdict
  CHECK(count(junit, "<failure ") == 3);
  CHECK(count(junit, "<skipped ") == 2);
  CHECK(junit.find("failures=\"3\"") != std::string::npos);
  CHECK(junit.find("skipped=\"2\"") != std::string::npos);
  CHECK(junit.find("tests=\"7\"") != std::string::npos);
  CHECK(junit.find('\x01') == std::string::npos);

  const std::string tap = report::tap(run);
  CHECK(tap.find("1..7\n") != std::string::npos);
  CHECK(count(tap, "\nnot ok ") == 3);
  CHECK(count(tap, "\nok ") == 4);
  CHECK(count(tap, "# SKIP") == 2);
}

TEST_CASE("a run that is incomplete is a failure for tools that read JUnit and TAP alone") {
  const RunResult run = run_with({case_with("a.b.c", {Outcome::passed}), case_with("a.b.d", {Outcome::not_run})});
  CHECK(count(report::junit(run), "<failure ") == 1);
  CHECK(count(report::tap(run), "\nnot ok ") == 1);
}

TEST_CASE("a conformant run has no failure anywhere") {
  const RunResult run = run_with({case_with("a.b.c", {Outcome::passed})});
  CHECK(count(report::junit(run), "<failure ") == 0);
  CHECK(count(report::tap(run), "\nnot ok ") == 0);
  CHECK(report::html(run).find("conformant") != std::string::npos);
}

TEST_CASE("a report in JSON is read back as it was") {
  RunResult run = mixed();
  run.expected.push_back({.check = "a.b.c/check-1", .reason = "known"});
  run.start_problem = "gone";
  std::string error;
  const auto back = report::parse_json(report::json(run), error);
  REQUIRE_MESSAGE(back, error);
  CHECK(report::json(*back) == report::json(run));
  CHECK_FALSE(report::parse_json("{}", error));
}

TEST_CASE("a failure says what is expected, what the specification says and where, what came and how to repeat it") {
  const std::string text = report::terminal_case(mixed().cases[0], {});
  for (const char* part : {"it is <so>", "HELLO-13 (protocol/hello.md#version): A server MUST answer", "instead", "{\"v\":1}",
                           "loophole-conformance run --case a.b.c"})
    CHECK_MESSAGE(text.find(part) != std::string::npos, part);
}

TEST_CASE("pages escape what peers send") {
  CHECK(report::html(mixed()).find("<this>") == std::string::npos);
}
