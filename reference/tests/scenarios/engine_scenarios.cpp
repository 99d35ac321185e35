#include <doctest/doctest.h>

#include "scenario.hpp"

namespace loophole::scenarios {
namespace {

void transport_without_engine(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  a.refused("transport.play", Json::object(), "engine.unavailable");
  a.refused("transport.seek", {{"positionFrames", 4800}}, "engine.unavailable");
  a.no_event("transport.changed");
}

void transport_without_project(Stage& stage) {
  Player& a = stage.join("a");
  a.refused("transport.play", Json::object(), "project.none");
  a.refused("transport.seek", {{"positionFrames", -1}}, "payload.invalid", "/payload/positionFrames");
}

void seek(Stage& stage) {
  Player& a = stage.join("a");
  Player& b = stage.join("b");
  stage.new_project(a);
  const Json state = a.ok("transport.seek", {{"positionFrames", 96000}});
  CHECK(state["positionFrames"] == 96000);
  CHECK(state["playing"] == false);
  CHECK(b.event("transport.changed")["positionFrames"] == 96000);
  CHECK(a.event("transport.changed") == state);
}

void play_and_stop(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  CHECK(a.ok("transport.play")["playing"] == true);
  CHECK(a.event("transport.changed")["playing"] == true);
  CHECK(a.ok("transport.stop")["playing"] == false);
  CHECK(a.event("transport.changed")["playing"] == false);
}

void tempo(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  CHECK(a.ok("transport.setTempo", {{"tempoBpm", 96.0}})["tempoBpm"] == 96.0);
  CHECK(a.event("project.changed")["changes"][0]["type"] == "tempo.changed");
  a.refused("transport.setTempo", {{"tempoBpm", 0.0}}, "payload.invalid", "/payload/tempoBpm");
  CHECK(a.ok("project.snapshot")["project"]["tempoBpm"] == 96.0);
}

void loop(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  a.refused("transport.setLoop", {{"loop", {{"enabled", true}, {"startFrames", 48000}, {"endFrames", 48000}}}}, "transport.invalidLoop");
}

void no_engine(Stage& stage) {
  Player& a = stage.join("a");
  const Json status = a.ok("engine.status");
  CHECK(status["state"] == "absent");
  CHECK(status["processId"] == 0);
  CHECK_FALSE(status.contains("engineDigest"));
  stage.new_project(a);
  CHECK(a.ok("engine.status").contains("modelDigest"));
}

void engine_holds_the_graph(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  const Json track = a.ok("track.add", {{"name", "Tone"}});
  a.ok("node.add", {{"channelId", track["channelId"]}, {"kind", "testTone"}});
  a.ok("node.add", {{"channelId", track["channelId"]}, {"kind", "filter"}});
  a.ok("clip.add", {{"trackId", track["trackId"]}, {"path", stage.sound("beat.wav")}, {"startFrames", 0}});
  const Json status = a.ok("engine.status");
  CHECK(status["state"] == "running");
  CHECK(status["engineDigest"] == status["modelDigest"]);
  const Json gain = a.ok("project.snapshot")["project"]["tracks"][0]["channel"]["gain"]["id"];
  a.ok("parameter.set", {{"parameterId", gain}, {"value", -12.0}});
  CHECK(a.ok("parameter.get", {{"parameterId", gain}})["engineValue"] == -12.0);
}

void restart(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  const Json before = a.ok("engine.status");
  const Json after = a.ok("engine.restart");
  CHECK(after["epochs"].size() == before["epochs"].size() + 1);
}

void restart_without_engine(Stage& stage) {
  Player& a = stage.join("a");
  const Json answer = a.refused("engine.restart", Json::object(), "engine.unavailable");
  CHECK(answer["category"] == "unavailable");
}

void plugins_without_engine(Stage& stage) {
  Player& a = stage.join("a");
  a.refused("plugin.list", Json::object(), "engine.unavailable");
}

void plugin_scan_without_engine(Stage& stage) {
  Player& a = stage.join("a");
  a.refused("plugin.scan", Json::object(), "engine.unavailable");
}

void plugin_info(Stage& stage) {
  Player& a = stage.join("a");
  CHECK(a.ok("plugin.list")["plugins"].is_array());
  a.refused("plugin.info", {{"plugin", "urn:nowhere"}}, "plugin.notFound", "/payload/plugin");
}

void plugin_state(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  a.refused("plugin.state.get", {{"nodeId", "nod-nowhere"}}, "node.notFound", "/payload/nodeId");
}

void devices(Stage& stage) {
  Player& a = stage.join("a");
  CHECK(a.ok("device.list")["devices"].is_array());
}

void devices_without_engine(Stage& stage) {
  Player& a = stage.join("a");
  a.refused("device.list", Json::object(), "engine.unavailable");
}

void unknown_device(Stage& stage) {
  Player& a = stage.join("a");
  a.refused("device.select", {{"deviceId", "dev-nowhere"}}, "device.notFound", "/payload/deviceId");
}

}  // namespace

std::vector<Scenario> engine_scenarios() {
  constexpr auto kEngine = WithEngine::yes;
  return {
      {.domain = "transport", .name = "no engine, no transport", .play = transport_without_engine},
      {.domain = "transport", .name = "no project, no transport", .play = transport_without_project},
      {.domain = "transport", .name = "seek", .engine = kEngine, .play = seek},
      {.domain = "transport", .name = "play and stop", .engine = kEngine, .transport_runs = true, .play = play_and_stop},
      {.domain = "transport", .name = "tempo", .play = tempo},
      {.domain = "transport", .name = "a loop that ends before it begins", .engine = kEngine, .play = loop},
      {.domain = "engine", .name = "status without an engine", .play = no_engine},
      {.domain = "engine", .name = "the engine holds the graph of the model", .engine = kEngine, .play = engine_holds_the_graph},
      {.domain = "engine", .name = "restart", .engine = kEngine, .play = restart},
      {.domain = "engine", .name = "restart without an engine", .play = restart_without_engine},
      {.domain = "plugin", .name = "list without an engine", .play = plugins_without_engine},
      {.domain = "plugin", .name = "scan without an engine", .play = plugin_scan_without_engine},
      {.domain = "plugin", .name = "a plugin that is not there", .engine = kEngine, .play = plugin_info},
      {.domain = "plugin", .name = "the state of a node that is not there", .play = plugin_state},
      {.domain = "device", .name = "list", .engine = kEngine, .play = devices},
      {.domain = "device", .name = "list without an engine", .play = devices_without_engine},
      {.domain = "device", .name = "a device that is not there", .engine = kEngine, .play = unknown_device},
  };
}

}  // namespace loophole::scenarios
