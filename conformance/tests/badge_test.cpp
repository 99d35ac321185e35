// The badge: role and level as they were judged, and green for `conformant` alone.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "report/report.hpp"
#include "results.hpp"

using namespace loophole::conformance;
using namespace loophole::conformance::test;

namespace {

constexpr const char* kGreen = "#2d7a33";

RunResult ending_in(Verdict verdict) {
  const Outcome outcome = verdict == Verdict::not_conformant ? Outcome::failed : Outcome::passed;
  RunResult run = run_with({case_with("a.b.c", {Outcome::passed, outcome})});
  if (verdict == Verdict::not_started) run.start_problem = "gone\nand more";
  if (verdict == Verdict::suite_fault) run.cases[0].suite_fault = "oh";
  if (verdict == Verdict::incomplete) run.cases[0].checks[1].outcome = Outcome::not_run;
  REQUIRE(judge(run).verdict == verdict);
  return run;
}

}  // namespace

TEST_CASE("in the form that shields.io reads, with the words of each verdict") {
  const auto badge = [](Verdict verdict) { return nlohmann::json::parse(report::badge_json(ending_in(verdict))); };
  CHECK(badge(Verdict::conformant) == nlohmann::json{{"schemaVersion", 1},
                                                     {"label", "Loophole 1.0 signal"},
                                                     {"message", "conformant (required)"},
                                                     {"color", "brightgreen"},
                                                     {"isError", false}});
  CHECK(badge(Verdict::not_conformant)["message"] == "not conformant (required)");
  CHECK(badge(Verdict::not_started)["message"] == "did not start");
  CHECK(badge(Verdict::suite_fault)["message"] == "fault of the suite");
  CHECK(badge(Verdict::incomplete)["message"] == "incomplete (required)");
}

TEST_CASE("nothing but conformant is green, or can be painted over") {
  for (std::size_t i = 0; i < kVerdicts.size(); ++i) {
    const auto verdict = static_cast<Verdict>(i);
    const bool conformant = verdict == Verdict::conformant;
    CAPTURE(kVerdicts[i]);
    const auto json = nlohmann::json::parse(report::badge_json(ending_in(verdict)));
    CHECK((json["color"] == "brightgreen") == conformant);
    CHECK(json["isError"] == !conformant);
    CHECK((report::badge_svg(ending_in(verdict)).find(kGreen) != std::string::npos) == conformant);
  }
}

TEST_CASE("role and level are those of the run; level wire is never green") {
  RunResult run = ending_in(Verdict::conformant);
  run.role = "pulse";
  run.level = Level::strict;
  const std::string picture = report::badge_svg(run);
  CHECK(picture.find("aria-label=\"Loophole 1.0 pulse: conformant (strict)\"") != std::string::npos);
  CHECK(picture.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  run.level = Level::wire;
  CHECK(nlohmann::json::parse(report::badge_json(run))["message"] == "incomplete (wire)");
  CHECK(report::badge_svg(run).find(kGreen) == std::string::npos);
}
