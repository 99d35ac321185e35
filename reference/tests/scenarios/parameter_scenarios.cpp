#include <doctest/doctest.h>

#include "scenario.hpp"

namespace loophole::scenarios {
namespace {

// A project with a track; gives the id of its gain.
Json gain_of_a_track(Stage& stage, Player& player) {
  stage.new_project(player);
  player.ok("track.add", {{"name", "Drums"}});
  player.event("project.changed");
  return player.ok("project.snapshot")["project"]["tracks"][0]["channel"]["gain"]["id"];
}

std::size_t steps(Player& player) {
  return player.ok("history.list")["entries"].size();
}

void values(Stage& stage) {
  Player& a = stage.join("a");
  const Json gain = gain_of_a_track(stage, a);
  const Json before = a.ok("parameter.get", {{"parameterId", gain}});
  CHECK(before["value"] == 0.0);
  CHECK_FALSE(before.contains("engineValue"));
  CHECK(a.ok("parameter.set", {{"parameterId", gain}, {"value", -6.5}})["value"] == -6.5);
  const Json changed = a.event("project.changed")["changes"][0];
  CHECK(changed == Json{{"type", "parameter.changed"}, {"parameterId", gain}, {"value", -6.5}});
  CHECK(a.ok("parameter.get", {{"parameterId", gain}})["value"] == -6.5);
}

void refusals(Stage& stage) {
  Player& a = stage.join("a");
  const Json gain = gain_of_a_track(stage, a);
  a.refused("parameter.set", {{"parameterId", gain}, {"value", 4000.0}}, "parameter.outOfRange", "/payload/value");
  a.refused("parameter.set", {{"parameterId", "prm-nowhere"}, {"value", 0.0}}, "parameter.notFound", "/payload/parameterId");
  a.refused("parameter.get", {{"parameterId", "prm-nowhere"}}, "parameter.notFound", "/payload/parameterId");
  a.no_event("project.changed");
}

void gesture_without_engine(Stage& stage) {
  Player& a = stage.join("a");
  const Json gain = gain_of_a_track(stage, a);
  a.refused("parameter.gesture.begin", {{"parameterIds", {gain}}}, "engine.unavailable");
  a.refused("parameter.gesture.end", {{"gestureId", "gst-nowhere"}, {"values", Json::array()}}, "gesture.notFound");
}

Json final_value(const Json& parameter, double value) {
  return {{{"parameterId", parameter}, {"value", value}}};
}

void gesture(Stage& stage) {
  Player& a = stage.join("a");
  Player& b = stage.join("b");
  const Json gain = gain_of_a_track(stage, a);
  const std::size_t before = steps(a);
  const Json grant = a.ok("parameter.gesture.begin", {{"parameterIds", {gain}}});
  CHECK(grant["targets"][0]["parameterId"] == gain);
  CHECK(grant["link"].contains("streamEndpoint"));
  a.refused("parameter.set", {{"parameterId", gain}, {"value", 1.0}}, "gesture.conflict");
  const Json end = a.ok("parameter.gesture.end", {{"gestureId", grant["gestureId"]}, {"values", final_value(gain, -3.0)}});
  CHECK(end["revision"] == 2);
  const Json changed = a.event("project.changed");
  CHECK(changed["cause"]["gestureId"] == grant["gestureId"]);
  CHECK(changed["changes"][0]["value"] == -3.0);
  b.event("project.changed");
  CHECK(b.event("project.changed") == changed);
  CHECK(steps(a) == before + 1);
  a.refused("parameter.gesture.end", {{"gestureId", grant["gestureId"]}, {"values", final_value(gain, 0.0)}}, "gesture.notFound");
}

void gesture_conflict(Stage& stage) {
  Player& a = stage.join("a");
  Player& b = stage.join("b");
  const Json gain = gain_of_a_track(stage, a);
  const Json grant = a.ok("parameter.gesture.begin", {{"parameterIds", {gain}}});
  b.refused("parameter.gesture.begin", {{"parameterIds", {gain}}}, "gesture.conflict");
  b.refused("parameter.set", {{"parameterId", gain}, {"value", 1.0}}, "gesture.conflict");
  const Json taken = b.ok("parameter.gesture.begin", {{"parameterIds", {gain}}, {"takeOver", true}});
  CHECK(taken["gestureId"] != grant["gestureId"]);
  CHECK(a.event("parameter.gesture.ended")["gestureId"] == grant["gestureId"]);
  b.ok("parameter.gesture.end", {{"gestureId", taken["gestureId"]}, {"values", final_value(gain, -9.0)}});
  CHECK(b.ok("parameter.get", {{"parameterId", gain}})["value"] == -9.0);
}

void gesture_reverted(Stage& stage) {
  Player& a = stage.join("a");
  const Json gain = gain_of_a_track(stage, a);
  const Json grant = a.ok("parameter.gesture.begin", {{"parameterIds", {gain}}});
  const Json end =
      a.ok("parameter.gesture.end", {{"gestureId", grant["gestureId"]}, {"values", final_value(gain, -3.0)}, {"outcome", "revert"}});
  CHECK(end["revision"] == 1);
  a.no_event("project.changed");
  CHECK(a.ok("parameter.get", {{"parameterId", gain}})["value"] == 0.0);
}

void gesture_of_a_removed_target(Stage& stage) {
  Player& a = stage.join("a");
  Player& b = stage.join("b");
  const Json gain = gain_of_a_track(stage, a);
  const Json grant = a.ok("parameter.gesture.begin", {{"parameterIds", {gain}}});
  const Json track = b.ok("project.snapshot")["project"]["tracks"][0]["id"];
  b.ok("track.remove", {{"trackId", track}});
  const Json ended = a.event("parameter.gesture.ended");
  CHECK(ended["gestureId"] == grant["gestureId"]);
  CHECK(ended["reason"] == "targetRemoved");
}

void gesture_abandoned(Stage& stage) {
  Player& a = stage.join("a");
  Player& b = stage.join("b");
  const Json gain = gain_of_a_track(stage, a);
  a.ok("parameter.gesture.begin", {{"parameterIds", {gain}}});
  b.refused("parameter.set", {{"parameterId", gain}, {"value", 1.0}}, "gesture.conflict");
  a.leave();
  // Free again once Pulse has closed the stream; whoever asks for it takes it over until then.
  const Json taken = b.ok("parameter.gesture.begin", {{"parameterIds", {gain}}, {"takeOver", true}});
  b.ok("parameter.gesture.end", {{"gestureId", taken["gestureId"]}, {"values", final_value(gain, -1.0)}});
  CHECK(b.ok("parameter.get", {{"parameterId", gain}})["value"] == -1.0);
}

void refused_gestures(Stage& stage) {
  Player& a = stage.join("a");
  const Json gain = gain_of_a_track(stage, a);
  a.refused("parameter.gesture.begin", {{"parameterIds", {"prm-nowhere"}}}, "parameter.notFound");
  a.refused("parameter.gesture.begin", {{"parameterIds", Json::array()}}, "payload.invalid", "/payload/parameterIds");
  const Json grant = a.ok("parameter.gesture.begin", {{"parameterIds", {gain}}});
  a.refused("parameter.gesture.end", {{"gestureId", grant["gestureId"]}, {"values", final_value(gain, 4000.0)}}, "parameter.outOfRange");
  a.ok("parameter.gesture.end", {{"gestureId", grant["gestureId"]}, {"values", final_value(gain, 1.0)}});  // it was still open
}

}  // namespace

std::vector<Scenario> parameter_scenarios() {
  constexpr auto kEngine = WithEngine::yes;
  return {
      {.domain = "parameter", .name = "values are set and read", .play = values},
      {.domain = "parameter", .name = "values out of range, and what is not there", .play = refusals},
      {.domain = "gesture", .name = "no engine, no gesture", .play = gesture_without_engine},
      {.domain = "gesture", .name = "a gesture is one step", .engine = kEngine, .play = gesture},
      {.domain = "gesture", .name = "two hands on one parameter", .engine = kEngine, .play = gesture_conflict},
      {.domain = "gesture", .name = "a gesture that is taken back", .engine = kEngine, .play = gesture_reverted},
      {.domain = "gesture", .name = "the parameter goes during the gesture", .engine = kEngine, .play = gesture_of_a_removed_target},
      {.domain = "gesture", .name = "the client goes during the gesture", .engine = kEngine, .play = gesture_abandoned},
      {.domain = "gesture", .name = "refusals leave a gesture open", .engine = kEngine, .play = refused_gestures},
  };
}

}  // namespace loophole::scenarios
