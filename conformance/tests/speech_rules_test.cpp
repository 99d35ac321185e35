// What every message of a peer is held to.
#include "trial/speech_rules.hpp"

#include <doctest/doctest.h>

#include "loophole/frames/meters.hpp"
#include "trial/strict_json.hpp"

using namespace loophole;
using namespace loophole::conformance;

namespace {

const std::string kReply =
    R"({"v":1,"id":"m1","cid":"c1","ts":"2026-01-31T12:00:00.000Z","origin":"signal","target":"pulse","kind":"reply","name":"graph.query","payload":{"revision":1,"values":[]}})";

std::string with(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

// The requirements that these messages break, one after the other on one connection on which c1, a graph.query, was asked.
std::vector<std::string> broken(const std::vector<std::string>& messages) {
  SpeechRules rules;
  ConnectionMemory connection;
  connection.sent["c1"] = "graph.query";
  connection.open["c1"] = 1;
  std::vector<Violation> violations;
  for (const std::string& message : messages) (void)rules.hear(message, Role::signal, Role::pulse, connection, violations);
  std::vector<std::string> ids;
  for (const Violation& violation : violations) ids.push_back(violation.requirement);
  return ids;
}

using Ids = std::vector<std::string>;

std::string error(const std::string& code, const std::string& category) {
  return with(kReply, R"("kind":"reply","name":"graph.query","payload":{"revision":1,"values":[]})",
              R"("kind":"error","name":"graph.query","error":{"category":")" + category + R"(","code":")" + code + R"(","message":"no"})");
}

std::string event(const std::string& id, const std::string& name, const std::string& payload) {
  return R"({"v":1,"id":")" + id + R"(","ts":"2026-01-31T12:00:00.000Z","origin":"signal","target":"pulse","kind":"event","name":")" +
         name + R"(","payload":)" + payload + "}";
}

}  // namespace

TEST_CASE("a good answer breaks nothing") {
  CHECK(broken({kReply}).empty());
}

TEST_CASE("schemas hold for peers: syntax, members, labels, routes") {
  CHECK(broken({"{"}) == Ids{"ENV-1"});
  CHECK(broken({with(kReply, R"("revision":1)", R"("revision":-1)")}) == Ids{"ENV-3"});
  CHECK(broken({with(kReply, R"("revision":1)", R"("revision":1,"motto":2)")}) == Ids{"ENV-6"});
  CHECK(broken({with(kReply, R"("v":1)", R"("v":1,"v":1)")}) == Ids{"ENV-8"});
  CHECK(broken({with(kReply, "graph.query", "track.add")}) == Ids{"GEN-2"});
}

TEST_CASE("null is no value of any type, in the header and in the payload") {
  CHECK(broken({with(kReply, R"("revision":1)", R"("revision":null)")}) == Ids{"ENV-7"});
  CHECK(broken({with(kReply, R"("revision":1)", R"("revision":1,"digest":null)")}) == Ids{"ENV-7"});
  CHECK(broken({with(kReply, R"("cid":"c1")", R"("cid":null)")}).front() == "ENV-7");
}

TEST_CASE("an answer is one answer to what was asked, with its name") {
  CHECK(broken({kReply, with(kReply, "m1", "m2")}) == Ids{"ENV-14"});
  CHECK(broken({with(kReply, "\"cid\":\"c1\"", "\"cid\":\"c9\"")}) == Ids{"ENV-15"});
  CHECK(broken({with(with(kReply, R"("revision":1,"values":[])",
                          R"("revision":1,"digest":"0000000000000000000000000000000000000000000000000000000000000000","latencyFrames":0)"),
                     "graph.query", "graph.replace")}) == Ids{"ENV-15"});
}

TEST_CASE("an id is for one message; the answer of the first time may be said again") {
  const std::string beat = event("m1", "session.heartbeat", R"({"sequence":4})");
  CHECK(broken({kReply, beat}) == Ids{"ENV-2"});
}

TEST_CASE("codes are of the register, of the command, and in their category") {
  CHECK(broken({error("internal.fault", "internal")}).empty());
  CHECK(broken({error("com.example.reason", "internal")}).empty());
  CHECK(broken({error("internal.fault", "invalid")}) == Ids{"ERR-2"});
  CHECK(broken({error("graph.invalid", "invalid")}) == Ids{"ERR-8"});
  CHECK(broken({error("graph.tooNice", "invalid")}) == Ids{"ERR-4"});
  CHECK(broken({error("payload.invalid", "invalid")}) == Ids{"ENV-35"});
}

TEST_CASE("heartbeats rise by one, and nothing follows a goodbye") {
  CHECK(broken({event("e1", "session.heartbeat", R"({"sequence":4})"), event("e2", "session.heartbeat", R"({"sequence":5})")}).empty());
  CHECK(broken({event("e1", "session.heartbeat", R"({"sequence":4})"), event("e2", "session.heartbeat", R"({"sequence":6})")}) ==
        Ids{"HELLO-28"});
  CHECK(broken({event("e1", "session.goodbye", R"({"reason":"closing"})"), event("e2", "session.heartbeat", R"({"sequence":6})")}) ==
        Ids{"HELLO-35"});
}

TEST_CASE("frames are of their topic and epoch, and never go back") {
  SpeechRules rules;
  std::vector<Violation> violations;
  const auto hear = [&](std::string_view topic, const frames::MetersHeader& header) {
    violations.clear();
    const frames::MeterReading reading{.handle = 1};
    (void)rules.hear_frame(topic, frames::make_meters(header, {&reading, 1}), 17, violations);
    return violations.empty() ? std::string() : violations.front().requirement;
  };
  CHECK(hear("meters", {.epoch = 17, .sequence = 4, .engine_frames = 100, .time_ns = 9}).empty());
  CHECK(hear("meters", {.epoch = 17, .sequence = 6, .engine_frames = 100, .time_ns = 9}).empty());  // the plane may lose
  CHECK(hear("meters@010", {.epoch = 17, .sequence = 1, .engine_frames = 1, .time_ns = 1}).empty());
  CHECK(hear("meters", {.epoch = 17, .sequence = 6, .engine_frames = 100, .time_ns = 9}) == "TEL-1");
  CHECK(hear("meters", {.epoch = 17, .sequence = 7, .engine_frames = 99, .time_ns = 9}) == "TEL-2");
  CHECK(hear("meters", {.epoch = 16, .sequence = 8, .engine_frames = 100, .time_ns = 9}) == "ENG-8");
  CHECK(hear("stats", {.epoch = 17, .sequence = 8, .engine_frames = 100, .time_ns = 9}) == "FRM-29");
  CHECK(hear("meter", {.epoch = 17, .sequence = 8, .engine_frames = 100, .time_ns = 9}) == "FRM-22");
}

TEST_CASE("a member that comes twice is found where it is") {
  CHECK_FALSE(repeated_member(R"({"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]})"));
  CHECK(repeated_member(R"({"b":{"a":1,"a":2}})") == "/b/a");
  CHECK(repeated_member(R"({"c":[0,{"x":[],"y":1,"x":2}]})") == "/c/1/x");
}

TEST_CASE("an event comes before the answer to what caused it, and is caused by something") {
  const std::string caused =
      R"({"v":1,"id":"m0","cid":"c1","ts":"2026-01-31T12:00:00.000Z","origin":"signal","target":"pulse","kind":"event","name":"graph.applied","payload":{"revision":1,"digest":")" +
      std::string(64, 'a') + R"(","latencyFrames":0}})";
  CHECK(broken({caused, kReply}).empty());
  CHECK(broken({kReply, caused}) == Ids{"ENV-16"});
  CHECK(broken({with(caused, "c1", "c9")}) == Ids{"ENV-17"});
}
