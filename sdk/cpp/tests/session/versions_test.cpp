// The version in effect, and what comes in without being part of it: ignored, counted, and no reason to end a connection. That nothing
// newer goes out is shown in tests/skew, where there is something newer.
#include <string>

#include "support.hpp"

using namespace loophole;
using test::PortState;
using test::rename_to;
using test::Studio;

namespace {
std::string inserted(std::string text, const std::string& before, const std::string& more) {
  const auto at = text.find(before);
  REQUIRE(at != std::string::npos);
  return text.insert(at, more);
}
std::string rename_text(const std::string& id) {
  return wire::encode_message(wire::make_command(MessageId(id), Role::aura, Role::pulse, rename_to("x"))).value();
}
}  // namespace

TEST_CASE("both sides know the version in effect") {
  Studio studio;
  auto caller = studio.ready();
  const session::ProtocolVersion wanted{.major = wire::kProtocolMajor, .minor = wire::kProtocolMinor};
  CHECK(caller.client->hello()->protocol == wanted);
  CHECK(studio.connected.at(0).protocol == wanted);
  CHECK(studio.server->clients().at(0).protocol == wanted);
}

TEST_CASE("a program may speak an older version than its own, never a newer one") {
  Studio studio({.max_minor = 65535});
  const auto peer = studio.raw();
  peer->hello("i-1");  // up to our own newest
  CHECK(peer->answer("hello").as<session::HelloReply>()->protocol.minor == wire::kProtocolMinor);
  auto options = studio.client_options();
  options.max_minor = 65535;
  test::Caller caller = studio.connect(options);
  REQUIRE_SOON(studio.loop, caller.client->state() == PortState::ready);
  CHECK(studio.connected.at(1).hello.protocol.max_minor == wire::kProtocolMinor);
}

TEST_CASE("a command with a member that is not known is executed and counted") {
  Studio studio;
  const auto peer = studio.raw();
  peer->hello("i-1");
  REQUIRE(peer->connection->send(inserted(rename_text("c1"), "\"trackId\"", "\"later\":{\"x\":1},")));
  CHECK(peer->answer("c1").header.kind == Kind::reply);
  CHECK(studio.server->counters().newer == 1);
  CHECK(studio.server->counters().refused == 0);
  peer->command("c2", rename_to("x"));
  CHECK(peer->answer("c2").header.kind == Kind::reply);
  CHECK(studio.server->counters().newer == 1);
}

TEST_CASE("a name that is not known is refused and counted as newer, too") {
  Studio studio;
  const auto peer = studio.raw();
  peer->hello("i-1");
  std::string text = rename_text("c1");
  text.replace(text.find("track.rename"), 12, "track.juggle");
  REQUIRE(peer->connection->send(text));
  CHECK(is(*peer->answer("c1").error, errors::kEnvelopeUnknownName));
  CHECK(studio.server->counters().newer == 1);
  CHECK(studio.server->counters().refused == 1);
}

TEST_CASE("a hello may have what is newer: its sender cannot know yet") {
  Studio studio;
  const auto peer = studio.raw();
  const session::Hello hello{.role = Role::aura,
                             .client_id = "raw",
                             .instance_id = InstanceId("i-raw"),
                             .software = {.name = "raw", .version = "1"},
                             .protocol = {.major = wire::kProtocolMajor, .min_minor = 0, .max_minor = 65535}};
  const auto text = wire::encode_message(wire::make_command(MessageId("h"), Role::aura, Role::pulse, hello)).value();
  REQUIRE(peer->connection->send(inserted(text, "\"clientId\"", "\"later\":1,")));
  CHECK(peer->answer("h").header.kind == Kind::reply);
  CHECK(studio.server->counters().newer == 0);
}

TEST_CASE("a client counts what is newer in events and answers, and goes on") {
  test::Gate server;
  net::PeerKey client_key;
  const auto send = [&](const std::string& bytes) { server.send(client_key, bytes); };
  const auto encode = [](const wire::Message& message) { return wire::encode_message(message).value(); };
  server.gate->watch(server.loop, [&] {
    const auto incoming = server.gate->receive();
    const auto command = wire::decode_message(incoming->bytes).value();
    client_key = incoming->peer;
    if (command.as<session::Hello>() != nullptr) {
      const session::HelloReply reply{.session_id = SessionId("s"),
                                      .role = Role::pulse,
                                      .instance_id = InstanceId("i"),
                                      .software = {.name = "future", .version = "9"},
                                      .protocol = {.major = wire::kProtocolMajor, .minor = wire::kProtocolMinor},
                                      .heartbeat_interval_ms = 600'000,
                                      .lease_ms = 3'600'000,
                                      .limits = {.max_message_bytes = 65536, .max_depth = 32, .max_frame_bytes = 1024}};
      send(encode(wire::make_reply(MessageId("r"), command, wire::Payload::of(reply))));
    } else if (command.as<track::Rename>() != nullptr) {
      const auto event = encode(wire::make_event(MessageId("e"), Role::pulse, Role::aura, test::transport_at(5)));
      send(inserted(event, "\"playing\"", "\"later\":1,"));
      std::string unknown = event;
      send(unknown.replace(unknown.find("transport.changed"), 17, "transport.juggled"));
      const auto reply = wire::make_reply(MessageId("a"), command, wire::Payload::of(track::Rename::Reply{.revision = 3}));
      send(inserted(encode(reply), "\"revision\"", "\"later\":1,"));
    }
  });
  test::Caller caller = server.connect();
  int events = 0;
  caller.client->on_event([&](const wire::Message& message) { events += message.as<transport::Changed>() != nullptr ? 1 : 100; });
  std::optional<std::int64_t> revision;
  caller.call(rename_to("x"), [&](const Result<track::Rename::Reply>& answer) { revision = answer.value().revision; });
  REQUIRE_SOON(server.loop, revision == 3);
  CHECK(events == 1);
  CHECK(caller.client->counters().newer == 3);
  CHECK(caller.client->counters().refused == 1);
  CHECK(caller.client->state() == PortState::ready);
  server.gate->unwatch(server.loop);
}
