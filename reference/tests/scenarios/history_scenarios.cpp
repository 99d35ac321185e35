#include <doctest/doctest.h>

#include "scenario.hpp"

namespace loophole::scenarios {
namespace {

void back_and_forth(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  const Json empty = a.ok("project.snapshot")["project"];
  const Json track = a.ok("track.add", {{"name", "Drums"}});
  a.ok("node.add", {{"channelId", track["channelId"]}, {"kind", "filter"}});
  const Json full = a.ok("project.snapshot")["project"];
  CHECK(a.ok("history.undo")["revision"] == 3);
  CHECK(a.ok("history.undo")["revision"] == 4);
  CHECK(a.ok("project.snapshot")["project"] == empty);
  CHECK(a.ok("history.redo")["revision"] == 5);
  CHECK(a.ok("history.redo")["revision"] == 6);
  CHECK(a.ok("project.snapshot")["project"] == full);
  for (const char* origin : {"edit", "edit", "undo", "undo", "redo", "redo"}) CHECK(a.event("project.changed")["origin"] == origin);
}

void at_the_ends(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  a.refused("history.undo", Json::object(), "history.nothingToUndo");
  a.ok("track.add", {{"name", "Drums"}});
  a.refused("history.redo", Json::object(), "history.nothingToRedo");
}

void list(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  CHECK(a.ok("history.list")["entries"].empty());
  a.ok("track.add", {{"name", "One"}});
  a.ok("track.add", {{"name", "Two"}});
  a.ok("history.undo");
  const Json history = a.ok("history.list");
  CHECK(history["entries"].size() == 2);
  CHECK(history["position"] == 1);
  CHECK(history["entries"][0]["revision"] == 1);
}

void an_edit_ends_redo(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  a.ok("track.add", {{"name", "One"}});
  a.ok("history.undo");
  a.ok("track.add", {{"name", "Other"}});
  a.refused("history.redo", Json::object(), "history.nothingToRedo");
}

void shared(Stage& stage) {
  Player& a = stage.join("a");
  Player& b = stage.join("b");
  stage.new_project(a);
  a.ok("track.add", {{"name", "Mine"}});
  const Json undone = b.ok("history.undo");
  CHECK(undone["revision"] == 2);
  a.event("project.changed");
  const Json heard = a.event("project.changed");
  CHECK(heard["origin"] == "undo");
  CHECK(heard["cause"]["instanceId"] == b.instance());
}

void survives_reopening(Stage& stage) {
  Player& a = stage.join("a");
  const Json made = stage.new_project(a);
  a.ok("track.add", {{"name", "One"}});
  a.ok("project.close");
  a.ok("project.open", {{"path", made["path"]}});
  CHECK(a.ok("history.undo")["revision"] == 2);
  CHECK(a.ok("project.snapshot")["project"]["tracks"].empty());
}

}  // namespace

std::vector<Scenario> history_scenarios() {
  return {
      {.domain = "history", .name = "undo and redo give the same states", .play = back_and_forth},
      {.domain = "history", .name = "nothing to undo, nothing to redo", .play = at_the_ends},
      {.domain = "history", .name = "the list", .play = list},
      {.domain = "history", .name = "an edit ends what could be done again", .play = an_edit_ends_redo},
      {.domain = "history", .name = "all clients share it", .play = shared},
      {.domain = "history", .name = "it survives closing and opening", .play = survives_reopening},
  };
}

}  // namespace loophole::scenarios
