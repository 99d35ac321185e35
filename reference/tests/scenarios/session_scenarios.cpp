#include <doctest/doctest.h>

#include <algorithm>

#include "scenario.hpp"

namespace loophole::scenarios {
namespace {

Json envelope(const std::string& id, const std::string& name, const Json& payload) {
  return {{"v", 1},           {"id", id},          {"ts", "2026-01-31T12:00:00.000Z"},
          {"origin", "aura"}, {"target", "pulse"}, {"kind", "command"},
          {"name", name},     {"payload", payload}};
}

Json hello_payload(const std::string& instance) {
  return {{"role", "aura"},
          {"clientId", "by hand"},
          {"instanceId", instance},
          {"software", {{"name", "scenario"}, {"version", "1"}}},
          {"protocol", {{"major", 1}, {"minMinor", 0}, {"maxMinor", 0}}},
          {"capabilities", Json::array()}};
}

void hello(Stage& stage) {
  Player& a = stage.arrive("a");
  const Json first = a.hello({{"capabilities", {"com.example.surround"}}});
  CHECK(first["role"] == "pulse");
  CHECK(first["protocol"] == Json{{"major", 1}, {"minor", 0}});
  CHECK(first["capabilities"] == Json::array());
  CHECK_FALSE(first.contains("engine"));
  const Json again = a.hello({{"capabilities", {"com.example.surround"}}});
  CHECK(again["sessionId"] == first["sessionId"]);
}

void before_hello(Stage& stage) {
  Player& a = stage.arrive("a");
  const Json early = a.answer(a.send("project.snapshot"));
  CHECK(early["error"]["code"] == "session.helloRequired");
  a.hello();
  CHECK(a.ok("project.snapshot")["revision"] == 0);
}

void refused_hello(Stage& stage) {
  Player& future = stage.arrive("future");
  Json payload = hello_payload(future.instance());
  payload["protocol"] = {{"major", 2}, {"minMinor", 0}, {"maxMinor", 3}};
  CHECK(future.answer(future.send("session.hello", payload))["error"]["code"] == "protocol.versionUnsupported");
  Player& later = stage.arrive("later");
  payload = hello_payload(later.instance());
  payload["protocol"] = {{"major", 1}, {"minMinor", 7}, {"maxMinor", 9}};
  CHECK(later.answer(later.send("session.hello", payload))["error"]["code"] == "protocol.versionUnsupported");
  Player& signal = stage.arrive("signal");
  payload = hello_payload(signal.instance());
  payload["role"] = "signal";
  CHECK(signal.answer(signal.send("session.hello", payload))["error"]["code"] == "envelope.wrongRoute");
  stage.join("good");
}

void describe(Stage& stage) {
  Player& a = stage.join("a");
  const Json description = a.ok("session.describe");
  for (const char* command : {"session.hello", "session.describe", "session.counters", "project.snapshot"})
    CHECK_MESSAGE(stage.serves(command), command);
  const Json& sends = description["sends"];
  CHECK(std::find(sends.begin(), sends.end(), "project.changed") != sends.end());
  CHECK(std::find(sends.begin(), sends.end(), "stream.expired") == sends.end());  // the engine's to send
}

void counters(Stage& stage) {
  Player& a = stage.join("a");
  const Json before = a.ok("session.counters");
  CHECK(before["streamFramesSeen"] == 0);
  CHECK(before["telemetryFramesSeen"] == 0);
  a.send_envelope(envelope("bad", "track.add", {{"name", 3}}));
  CHECK(a.answer("bad")["error"]["code"] == "payload.invalid");
  const Json after = a.ok("session.counters");
  CHECK(after["malformed"] == before["malformed"].get<int>() + 1);
  CHECK(after["refused"] == before["refused"]);
}

void unknown_name(Stage& stage) {
  Player& a = stage.join("a");
  const Json answer = a.answer(a.send("track.explode", {{"force", 9}}));
  CHECK(answer["error"]["code"] == "envelope.unknownName");
  CHECK(answer["name"] == "track.explode");
}

void unknown_members(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  Json message = envelope("later", "track.add", {{"name", "Drums"}, {"mood", {{"deep", {1, 2, 3}}}}});
  message["colour"] = "green";
  a.send_envelope(message);
  CHECK(a.answer("later")["payload"]["revision"] == 1);
  CHECK(a.ok("session.counters")["newer"] == 1);
}

void wrong_routes(Stage& stage) {
  Player& a = stage.join("a");
  Json message = envelope("as-signal", "project.snapshot", Json::object());
  message["origin"] = "signal";
  a.send_envelope(message);
  CHECK(a.answer("as-signal")["error"]["code"] == "envelope.wrongRoute");
  a.send_envelope(envelope("for-signal", "graph.query", Json::object()));
  CHECK(a.answer("for-signal")["error"]["code"] == "envelope.wrongRoute");
  CHECK(a.ok("project.snapshot")["revision"] == 0);
}

void faulty_payloads(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  a.refused("track.add", {{"name", 3}}, "payload.invalid", "/payload/name");
  a.refused("track.add", Json::object(), "payload.invalid");
  a.refused("track.add", {{"name", ""}}, "payload.invalid", "/payload/name");
  a.refused("parameter.set", {{"parameterId", "prm-1"}, {"value", "loud"}}, "payload.invalid", "/payload/value");
  Json message = envelope("no-kind", "track.add", {{"name", "x"}});
  message.erase("kind");
  a.send_envelope(message);
  CHECK(a.answer("no-kind")["kind"] == "error");
  CHECK(a.ok("project.snapshot")["revision"] == 0);
}

void repeated(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  a.send("track.add", {{"name", "Once"}}, "again");
  a.send("track.add", {{"name", "Once"}}, "again");
  const Json first = a.answer("again", 1);
  CHECK(first["payload"]["revision"] == 1);
  CHECK(a.answer("again", 2) == first);
  a.event("project.changed");
  a.no_event("project.changed");
  CHECK(a.ok("session.counters")["duplicates"] == 1);
}

void repeated_on_a_new_connection(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  a.send("track.add", {{"name", "Once"}}, "again");
  const Json first = a.answer("again");
  a.vanish();
  Player& back = stage.arrive("a-again", a.instance());
  back.hello();
  back.send("track.add", {{"name", "Once"}}, "again");
  CHECK(back.answer("again")["payload"] == first["payload"]);
  CHECK(back.ok("project.snapshot")["project"]["tracks"].size() == 1);
}

void second_client(Stage& stage) {
  Player& a = stage.join("a");
  Player& b = stage.join("b");
  stage.new_project(a);
  CHECK(b.event("project.opened")["name"] == "Song");
  const Json drums = a.ok("track.add", {{"name", "Drums"}});
  const Json echo = a.event("project.changed");
  const Json heard = b.event("project.changed");
  CHECK(heard == echo);
  CHECK(heard["revision"] == drums["revision"]);
  CHECK(heard["cause"]["instanceId"] == a.instance());
  const Json bass = b.ok("track.add", {{"name", "Bass"}});
  CHECK(bass["revision"] == 2);
  CHECK(a.event("project.changed")["cause"]["instanceId"] == b.instance());
  CHECK(a.ok("project.snapshot") == b.ok("project.snapshot"));
}

void goodbye(Stage& stage) {
  Player& a = stage.join("a");
  Player& b = stage.join("b");
  stage.new_project(a);
  a.leave();
  CHECK(b.ok("track.add", {{"name", "Mine now"}})["revision"] == 1);
  Player& back = stage.arrive("a-again", a.instance());
  back.hello();
  CHECK(back.ok("project.snapshot")["revision"] == 1);
}

void resync(Stage& stage) {
  Player& a = stage.join("a");
  stage.new_project(a);
  for (const char* name : {"One", "Two", "Three"}) a.ok("track.add", {{"name", name}});
  Player& late = stage.join("late");
  const Json snapshot = late.ok("project.snapshot");
  CHECK(snapshot["revision"] == 3);
  CHECK(snapshot["project"]["tracks"].size() == 3);
  CHECK(snapshot == a.ok("project.snapshot"));
  a.ok("track.add", {{"name", "Four"}});
  CHECK(late.event("project.changed")["revision"] == 4);  // and none of those before
}

}  // namespace

std::vector<Scenario> session_scenarios() {
  return {
      {.domain = "session", .name = "hello says what is in effect, and may be said again", .play = hello},
      {.domain = "session", .name = "nothing before hello", .play = before_hello},
      {.domain = "session", .name = "a hello of another version or role is refused", .play = refused_hello},
      {.domain = "session", .name = "describe lists what is served", .play = describe},
      {.domain = "session", .name = "counters count", .play = counters},
      {.domain = "session", .name = "an unknown name is answered under that name", .play = unknown_name},
      {.domain = "session", .name = "unknown members are ignored and counted", .play = unknown_members},
      {.domain = "session", .name = "wrong routes are refused", .play = wrong_routes},
      {.domain = "session", .name = "faulty payloads are answered with the place of the fault", .play = faulty_payloads},
      {.domain = "session", .name = "a repeated command is executed once", .play = repeated},
      {.domain = "session", .name = "also on a new connection", .play = repeated_on_a_new_connection},
      {.domain = "session", .name = "a second client hears of everything", .play = second_client},
      {.domain = "session", .name = "a client that says goodbye leaves the project as it is", .play = goodbye},
      {.domain = "session", .name = "who comes late takes a snapshot", .play = resync},
  };
}

}  // namespace loophole::scenarios
