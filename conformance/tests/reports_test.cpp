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

TEST_CASE("what a peer sends and writes does nothing to a terminal") {
  RunResult run = mixed();
  run.cases[0].transcript.push_back({.at_ms = 2,
                                     .plane = "control",
                                     .way = "received",
                                     .who = "pulse",
                                     .text = "\x1b[2J \xc2\x9b"
                                             "31m"});
  run.cases[0].output = "\x1b]0;title\x07";
  const std::string text = report::terminal_case(run.cases[0], report::Colours{});
  for (const char* control : {"\x01", "\x07", "\x1b", "\xc2\x9b", "\xff"}) CHECK(text.find(control) == std::string::npos);
  CHECK(text.find("title") != std::string::npos);
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

TEST_CASE("what a peer sends makes no report invalid: no bytes that are no UTF-8, no characters that XML does not have") {
  RunResult run = run_with({case_with("a.b.c", {Outcome::failed, Outcome::not_run})});
  run.cases[0].checks[0].came =
      "\xC3\x28 \xED\xA0\x80 \xF4\x90\x80\x80 \xC0\x80 \xE2\x82 \x01 \x1b[31m \xEF\xBF\xBF good: \xC3\xA9\xE2\x82\xAC\xF0\x9F\x8E\xB5 \xff";
  run.cases[0].checks[1].came = "cut \xE2\x82";
  run.cases[0].output = run.cases[0].checks[0].came;
  for (const std::string& text : {report::junit(run), report::tap(run), report::html(run)}) {
    CHECK_NOTHROW((void)nlohmann::json(text).dump());  // throws for what is no UTF-8
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find("\xEF\xBF\xBF") == std::string::npos);
    CHECK(text.find("good: \xC3\xA9\xE2\x82\xAC\xF0\x9F\x8E\xB5 \xEF\xBF\xBD") != std::string::npos);
  }
}

TEST_CASE("JUnit has the attributes that its readers ask for, in both of its outer elements") {
  const std::string junit = report::junit(mixed());
  CHECK(count(junit, " tests=\"7\" failures=\"3\" errors=\"0\" skipped=\"2\" time=\"0.000\"") == 2);
  CHECK(junit.find("<failure type=\"failed\" message=\"it is &lt;so&gt; &amp; &quot;so&quot;\">") != std::string::npos);
  CHECK(junit.find("<failure type=\"notReached\"") != std::string::npos);
}

TEST_CASE("TAP: marks in descriptions and reasons are escaped, diagnostics are blocks of YAML") {
  RunResult run = run_with({case_with("a.b.c", {Outcome::not_run, Outcome::failed})});
  run.cases[0].checks[0].came = "needs #1 of C:\\";
  const std::string tap = report::tap(run);
  CHECK(tap.starts_with("TAP version 13\n1..3\n"));
  CHECK(tap.find("ok 1 - a.b.c/check-0 # SKIP needs \\#1 of C:\\\\\n") != std::string::npos);
  CHECK(tap.find("not ok 2 - a.b.c/check-1\n  ---\n  message: |\n    expected: ") != std::string::npos);
  CHECK(tap.find("\n  ...\n") != std::string::npos);
}

TEST_CASE("known failures are told with their reason in every report, and what passed instead") {
  RunResult run = run_with({case_with("a.b.c", {Outcome::failed, Outcome::passed})});
  run.expected = {{.check = "a.b.c/check-0", .reason = "ticket 12"}, {.check = "a.b.c/check-1", .reason = "ticket 13"}};
  for (const std::string& text : {report::junit(run), report::tap(run), report::html(run), report::terminal_end(run, {})}) {
    CHECK(text.find("ticket 12") != std::string::npos);
    CHECK(text.find("a.b.c/check-1") != std::string::npos);
  }
  CHECK(report::terminal_end(run, {}).find("passed, though it was expected to fail: a.b.c/check-1\n") != std::string::npos);
  CHECK(report::junit(run).find("<system-out>passed, though it was expected to fail: a.b.c/check-1\n") != std::string::npos);
  CHECK(report::tap(run).find("\n# passed, though it was expected to fail: a.b.c/check-1\n") != std::string::npos);
  CHECK(report::html(run).find("What passed, though it was expected to fail") != std::string::npos);
}

TEST_CASE("the page goes down to the decoded message and to the bytes of a frame") {
  RunResult run = mixed();
  auto& transcript = run.cases[0].transcript;
  transcript.push_back({.plane = "control",
                        .way = "received",
                        .who = "pulse",
                        .fault = "ENV-1: v",
                        .text = R"({"kind":"reply","name":"graph.query","id":"a"})"});
  transcript.push_back(
      {.plane = "telemetry", .way = "received", .who = "aura", .text = "Meters 7", .raw = "00010241424344454647484900aabbccdd"});
  const std::string page = report::html(run);
  CHECK(page.find("pulse ← </span>reply graph.query  id a <span class=\"mark\">✗ ENV-1: v</span>") != std::string::npos);
  CHECK(page.find("  &quot;name&quot;: &quot;graph.query&quot;,\n") != std::string::npos);
  CHECK(page.find("0000  00 01 02 41 42 43 44 45  46 47 48 49 00 aa bb cc  ...ABCDEFGHI....\n0010  dd") != std::string::npos);
  CHECK(page.find("id=\"a.b.c/check-1\"") != std::string::npos);  // where the list of failures leads
  CHECK(page.find("href=\"#a.b.c/check-1\"") != std::string::npos);
  CHECK(page.find("<script") == std::string::npos);
}
