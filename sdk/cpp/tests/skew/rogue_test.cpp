// A peer that sends what is newer than agreed all the same: ignored or refused, counted, and not the end of the connection.
#include "support.hpp"

using namespace loophole;
using namespace loophole::test;

namespace {

// Envelopes as text, so that they can have anything in them.
Json enveloped(const std::string& id, Role from, Role to, const std::string& kind, const std::string& name, const Json& payload) {
  return {{"v", 1},
          {"id", id},
          {"ts", "2026-01-31T12:00:00.000Z"},
          {"origin", to_string(from)},
          {"target", to_string(to)},
          {"kind", kind},
          {"name", name},
          {"payload", payload}};
}
Json command(const std::string& id, const std::string& name, const Json& payload) {
  return enveloped(id, Role::aura, Role::pulse, "command", name, payload);
}
Json hello() {
  return command("hello", "session.hello",
                 {{"role", "aura"},
                  {"clientId", "rogue"},
                  {"instanceId", "i-rogue"},
                  {"software", {{"name", "rogue"}, {"version", "9"}}},
                  // What agrees on the older version with either Pulse, and is not kept to below.
                  {"protocol", {{"major", wire::kProtocolMajor}, {"minMinor", 0}, {"maxMinor", wire::kProtocolMinor}}},
                  {"capabilities", Json::array()}});
}

}  // namespace

TEST_CASE("a rogue Aura") {
  Age age = Age::older;
  SUBCASE("at an older Pulse, which cannot know what it is") {}
  SUBCASE("at a newer Pulse, which knows and must not show") {
    age = Age::newer;
  }
  Stage stage;
  Peer pulse(stage.loop, age, {"pulse", stage.endpoint("pulse")});
  CHECK(pulse.next() == "serving");
  CHECK(pulse.ask(line("answer", "track.rename", {{"revision", 7}})) == "answering");
  CHECK(pulse.ask("answer node.add -") == "answering");
  auto connection = net::ControlConnection::connect(stage.context, stage.endpoint("pulse")).value();
  std::vector<Json> received;
  stage.loop.watch(*connection, [&] {
    while (auto bytes = connection->receive()) received.push_back(Json::parse(*bytes));
  });
  const auto exchange = [&](const Json& message) {
    const std::size_t before = received.size();
    REQUIRE(connection->send(message.dump()));
    REQUIRE_SOON(stage.loop, received.size() > before);
    return received.back();
  };

  CHECK(exchange(hello()).at("payload").at("protocol").at("minor").dump() == kOlder);
  CHECK(pulse.next() == "greeted " + kOlder);

  // A newer member: the command is executed without it.
  const Json renamed = example_with("track.rename", {{"nickname", "Vox"}, {"keepNickname", "not even a boolean"}});
  CHECK(exchange(command("c1", "track.rename", renamed)).at("payload").at("revision") == 7);
  const std::string seen = pulse.next();
  check_payload(seen, example("track.rename"));
  CHECK_FALSE(json_of(seen).contains("nickname"));
  CHECK(pulse.ask("counters") == "counters newer 1 withheld 0 refused 0 malformed 0");

  // A newer label: unknown.
  CHECK(exchange(command("c2", "node.add", example_with("node.add", {{"kind", "shimmer"}}))).at("kind") == "error");
  CHECK(pulse.next() == "command node.add unknown /kind");
  CHECK(pulse.ask("counters") == "counters newer 2 withheld 0 refused 0 malformed 0");

  // A newer message: no message of this name.
  const Json refused = exchange(command("c3", "track.freeze", {{"trackId", "trk-1"}}));
  CHECK(refused.at("cid") == "c3");
  CHECK(refused.at("error").at("code") == "envelope.unknownName");
  CHECK(pulse.ask("counters") == "counters newer 3 withheld 0 refused 1 malformed 0");

  // And it goes on.
  CHECK(exchange(command("c4", "track.rename", example("track.rename"))).at("kind") == "reply");
  stage.loop.unwatch(*connection);
}

TEST_CASE("a rogue Pulse") {
  Age age = Age::older;
  SUBCASE("at an older Aura, which cannot know what it is") {}
  SUBCASE("at a newer Aura, which knows and must not show") {
    age = Age::newer;
  }
  Stage stage;
  auto listener = net::ControlListener::bind(stage.context, stage.endpoint("pulse")).value();
  net::PeerKey client;
  const auto send = [&](const Json& message) { CHECK(listener->send(client, message.dump()) == net::ControlListener::SendOutcome::sent); };
  const auto event = [&](const std::string& name, const Json& payload) {
    send(enveloped("e", Role::pulse, Role::aura, "event", name, payload));
  };
  stage.loop.watch(*listener, [&] {
    while (auto incoming = listener->receive()) {
      client = incoming->peer;
      const Json message = Json::parse(incoming->bytes);
      if (message.at("kind") != "command") continue;
      Json payload{{"revision", 7}, {"undoLabel", "Vox"}};
      if (message.at("name") == "session.hello") {
        payload = {{"sessionId", "s"},
                   {"role", "pulse"},
                   {"instanceId", "i"},
                   {"software", {{"name", "rogue"}, {"version", "9"}}},
                   {"protocol", {{"major", wire::kProtocolMajor}, {"minor", wire::kProtocolMinor}}},
                   {"capabilities", Json::array()},
                   {"heartbeatIntervalMs", 600'000},
                   {"leaseMs", 3'600'000},
                   {"limits", {{"maxMessageBytes", 65536}, {"maxDepth", 32}, {"maxFrameBytes", 1024}}}};
      }
      Json reply = enveloped("r", Role::pulse, Role::aura, "reply", message.at("name"), payload);
      reply["cid"] = message.at("id");
      send(reply);
    }
  });
  Peer aura(stage.loop, age, {"aura", stage.endpoint("pulse")});
  CHECK(aura.next() == "ready " + kOlder);

  CHECK(aura.ask(line("call", "track.rename", example("track.rename"))) == line("reply", "track.rename", {{"revision", 7}}));
  CHECK(aura.ask("counters") == "counters newer 1 withheld 0 refused 0 malformed 0");

  event("transport.changed", example_with("transport.changed", {{"caption", 7}}));
  const std::string shown = aura.next();
  check_payload(shown, example("transport.changed"));
  CHECK_FALSE(json_of(shown).contains("caption"));
  event("parameter.gesture.ended", example_with("parameter.gesture.ended", {{"reason", "superseded"}}));
  CHECK(aura.next() == "event parameter.gesture.ended unknown /reason");
  CHECK(aura.ask("counters") == "counters newer 3 withheld 0 refused 0 malformed 0");

  event("track.frozen", {{"trackId", "trk-1"}});
  event("transport.changed", example("transport.changed"));
  check_begins(aura.next(), "event transport.changed");  // the one before it was not shown
  CHECK(aura.ask("counters") == "counters newer 4 withheld 0 refused 1 malformed 0");
  stage.loop.unwatch(*listener);
}
