#include "demo/report.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace loophole;

TEST_CASE("a report is ok when the story came to its end and every check passed") {
  cli::Report report;
  CHECK_FALSE(report.ok());
  report.finished = true;
  CHECK_FALSE(report.ok());  // nothing was checked
  report.checks.push_back({.id = "a", .ok = true, .detail = "fine"});
  CHECK(report.ok());
  report.checks.push_back({.id = "b", .ok = false, .detail = "not fine"});
  CHECK_FALSE(report.ok());
}

TEST_CASE("the report has every member that is asked for") {
  cli::Report report;
  report.checks.push_back({.id = "a", .ok = true, .detail = "x"});
  const auto json = nlohmann::json::parse(report.json());
  for (const char* pointer : {"/ok",
                              "/checks/0/id",
                              "/checks/0/ok",
                              "/checks/0/detail",
                              "/gesture/samplesSent",
                              "/gesture/samplesApplied",
                              "/gesture/lost",
                              "/gesture/undoEntries",
                              "/gesture/committedValue",
                              "/gesture/engineValue",
                              "/pulse/streamFramesSeen",
                              "/pulse/telemetryFramesSeen",
                              "/engine/epochsSeen",
                              "/engine/digestEqual",
                              "/engine/recoveryMs",
                              "/engine/driver",
                              "/telemetry/metersFrames",
                              "/telemetry/transportFrames",
                              "/telemetry/gaps",
                              "/audio/file",
                              "/audio/seconds",
                              "/audio/rmsDb"}) {
    CAPTURE(pointer);
    CHECK(json.contains(nlohmann::json::json_pointer(pointer)));
  }
}
