#include <doctest/doctest.h>

#include <fstream>

#include "scenario.hpp"

namespace loophole::scenarios {
namespace {

void from_new_to_open(Stage& stage) {
  Player& a = stage.join("a");
  const Json made = stage.new_project(a);
  CHECK(made["revision"] == 0);
  const Json track = a.ok("track.add", {{"name", "Drums"}});
  const Json before = a.ok("project.snapshot");
  CHECK(a.ok("project.save")["revision"] == 1);
  a.ok("project.close");
  CHECK(a.event("project.closed")["projectId"] == made["projectId"]);
  CHECK(a.ok("project.snapshot")["revision"] == 0);
  const Json opened = a.ok("project.open", {{"path", made["path"]}});
  CHECK(opened["projectId"] == made["projectId"]);
  CHECK(opened["revision"] == 1);
  CHECK(a.event("project.opened")["revision"] == 1);
  CHECK(a.ok("project.snapshot") == before);
  CHECK(before["project"]["tracks"][0]["id"] == track["trackId"]);
}

void without_a_project(Stage& stage) {
  Player& a = stage.join("a");
  const Json empty = a.ok("project.snapshot");
  CHECK(empty["revision"] == 0);
  CHECK_FALSE(empty.contains("project"));
  a.refused("track.add", {{"name", "Drums"}}, "project.none");
  a.refused("project.save", Json::object(), "project.none");
  a.refused("project.close", Json::object(), "project.none");
  a.refused("history.undo", Json::object(), "project.none");
  a.refused("parameter.get", {{"parameterId", "prm-1"}}, "project.none");
  a.no_event("project.changed");
}

void refusals(Stage& stage) {
  Player& a = stage.join("a");
  a.refused("project.open", {{"path", stage.path("nowhere.loophole")}}, "project.fileNotFound");
  std::ofstream(stage.path("letter.txt")) << "dear reader";
  a.refused("project.open", {{"path", stage.path("letter.txt")}}, "project.fileUnreadable");
  a.refused("project.new", {{"path", stage.path("letter.txt")}}, "project.fileExists");
  stage.new_project(a);
  a.refused("project.new", {{"path", stage.path("other.loophole")}}, "project.alreadyOpen");
  a.refused("project.open", {{"path", stage.path("song.loophole")}}, "project.alreadyOpen");
  CHECK(a.ok("project.snapshot")["revision"] == 0);
}

void save_as(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  a.ok("track.add", {{"name", "Drums"}});
  a.refused("project.saveAs", {{"path", stage.path("song.loophole")}}, "project.fileExists");
  const Json saved = a.ok("project.saveAs", {{"path", stage.path("copy.loophole")}});
  CHECK(saved["path"] == stage.path("copy.loophole"));
  CHECK(a.ok("project.snapshot")["path"] == stage.path("copy.loophole"));
}

void changes(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  for (const char* name : {"One", "Two", "Three"}) a.ok("track.add", {{"name", name}});
  const Json id = a.ok("project.snapshot")["project"]["id"];
  const auto changes_since = [&](int revision) { return a.ok("project.changes", {{"projectId", id}, {"sinceRevision", revision}}); };
  const Json since = changes_since(1);
  CHECK(since["revision"] == 3);
  REQUIRE(since["transactions"].size() == 2);
  CHECK(since["transactions"][0]["revision"] == 2);
  a.event("project.changed");
  CHECK(since["transactions"][0] == a.event("project.changed"));
  CHECK(changes_since(3)["transactions"].empty());
  a.refused("project.changes", {{"projectId", id}, {"sinceRevision", 99}}, "project.revisionUnavailable");
  a.refused("project.changes", {{"projectId", "prj-other"}, {"sinceRevision", 3}}, "project.revisionUnavailable");
}

}  // namespace

std::vector<Scenario> project_scenarios() {
  return {
      {.domain = "project", .name = "new, save, close and open give the same project", .play = from_new_to_open},
      {.domain = "project", .name = "without a project", .play = without_a_project},
      {.domain = "project", .name = "files that cannot be used, and a project that is open", .play = refusals},
      {.domain = "project", .name = "save as", .play = save_as},
      {.domain = "resync", .name = "changes since a revision", .play = changes},
  };
}

}  // namespace loophole::scenarios
