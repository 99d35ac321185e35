// The hello: what both sides know after it, and every way in which it is refused.
#include <string>

#include "support.hpp"

using namespace loophole;
using test::PortState;
using test::Studio;

namespace {
session::Hello hello_of(session::ProtocolRange range) {
  return {.role = Role::aura,
          .client_id = "raw",
          .instance_id = InstanceId("i-raw"),
          .software = {.name = "raw", .version = "1"},
          .protocol = range};
}
}  // namespace

TEST_CASE("after hello both sides know each other") {
  Studio studio({.capabilities = {"a", "b"}, .heartbeat_interval = std::chrono::milliseconds(750)});
  studio.server->on_hello([](const session::ClientInfo&, session::HelloReply& reply) {
    reply.engine = {.epoch = 42, .stream_endpoint = "ipc:///s", .telemetry_endpoint = "ipc:///t"};
  });
  auto options = studio.client_options();
  options.capabilities = {"b", "c"};
  test::Caller caller = studio.connect(options);
  std::vector<PortState> states;
  caller.client->on_state([&](PortState state) { states.push_back(state); });
  CHECK(caller.client->state() == PortState::connecting);
  CHECK(caller.client->hello() == nullptr);
  REQUIRE_SOON(studio.loop, !states.empty());
  CHECK(states == std::vector{PortState::ready});

  const session::HelloReply& hello = *caller.client->hello();
  CHECK(hello.role == Role::pulse);
  CHECK(hello.software.name == "studio");
  CHECK(hello.protocol.major == wire::kProtocolMajor);
  CHECK(hello.protocol.minor == wire::kProtocolMinor);
  CHECK(hello.capabilities == std::vector<std::string>{"b"});
  CHECK(hello.heartbeat_interval_ms == 750);
  CHECK(hello.instance_id == studio.server->instance_id());
  CHECK(hello.engine->epoch == 42);
  CHECK(hello.limits.max_message_bytes == 16 * 1024 * 1024);

  REQUIRE(studio.connected.size() == 1);
  CHECK(studio.connected[0].session_id == hello.session_id);
  CHECK(studio.connected[0].hello.client_id == "test");
  CHECK(studio.connected[0].hello.instance_id == caller.client->instance_id());
  CHECK(studio.server->clients().size() == 1);
}

TEST_CASE("events sent from on_connected come after the hello's answer") {
  Studio studio;
  studio.server->on_connected([&](const session::ClientInfo& client) { studio.server->send(client.key, test::transport_at(0, true)); });
  auto caller = studio.connect();
  PortState seen = PortState::connecting;
  bool event = false;
  caller.client->on_event([&](const wire::Message& message) {
    event = message.as<transport::Changed>() != nullptr;
    seen = caller.client->state();
  });
  REQUIRE_SOON(studio.loop, event);
  CHECK(seen == PortState::ready);
}

TEST_CASE("another major version is refused with both ranges") {
  Studio studio;
  const auto peer = studio.raw();
  peer->command("h1", hello_of({.major = 2, .min_minor = 0, .max_minor = 3}));
  const wire::Message& answer = peer->answer("h1");
  REQUIRE(answer.error);
  CHECK(is(*answer.error, errors::kProtocolVersionUnsupported));
  CHECK(answer.error->message.find("2.0 to 2.3") != std::string::npos);
  CHECK(answer.error->message.find("speaks 1.0") != std::string::npos);
  CHECK(studio.server->clients().empty());
  CHECK(studio.server->counters().refused == 1);
}

TEST_CASE("of the minor versions the lower highest one is in effect, when both have it") {
  Studio studio;
  const auto peer = studio.raw();
  peer->command("h1", hello_of({.major = 1, .min_minor = 7, .max_minor = 9}));
  CHECK(is(*peer->answer("h1").error, errors::kProtocolVersionUnsupported));
  peer->command("h2", hello_of({.major = 1, .min_minor = 0, .max_minor = 9}));
  CHECK(peer->answer("h2").as<session::HelloReply>()->protocol.minor == wire::kProtocolMinor);
}

TEST_CASE("a client refuses a server of another version") {
  test::Gate server;
  test::Caller caller = server.connect();
  server.gate->watch(server.loop, [&] {
    const auto incoming = server.gate->receive();
    const auto command = wire::decode_message(incoming->bytes).value();
    if (command.as<session::Hello>() == nullptr) return;
    session::HelloReply reply{.session_id = SessionId("s"),
                              .role = Role::pulse,
                              .instance_id = InstanceId("i"),
                              .software = {.name = "future", .version = "9"},
                              .protocol = {.major = 3, .minor = 1},
                              .heartbeat_interval_ms = 500,
                              .lease_ms = 5000,
                              .limits = {.max_message_bytes = 1024, .max_depth = 32, .max_frame_bytes = 1024}};
    const auto bytes = wire::encode_message(wire::make_reply(MessageId("r"), command, wire::Payload::of(reply))).value();
    server.send(incoming->peer, bytes);
  });
  REQUIRE_SOON(server.loop, caller.client->state() == PortState::closed);
  CHECK(is(*caller.client->close_reason(), errors::kProtocolVersionUnsupported));
  CHECK(caller.client->close_reason()->message.find("3.1") != std::string::npos);
  server.gate->unwatch(server.loop);
}

TEST_CASE("nothing but hello is taken before hello") {
  Studio studio;
  const auto peer = studio.raw();
  peer->command("c1", test::rename_to("x"));
  const wire::Message& answer = peer->answer("c1");
  CHECK(is(*answer.error, errors::kSessionHelloRequired));
  CHECK(answer.header.name == "track.rename");
  CHECK(studio.renames == 0);
  CHECK(studio.server->counters().refused == 1);
  peer->hello("i-1");
  peer->command("c1", test::rename_to("x"));
  CHECK(peer->answer("c1", 2).header.kind == Kind::reply);
}

TEST_CASE("a hello in another role is refused") {
  Studio studio;
  const auto peer = studio.raw();
  auto hello = hello_of({.major = 1});
  hello.role = Role::signal;
  peer->command("h1", hello);
  CHECK(is(*peer->answer("h1").error, errors::kEnvelopeWrongRoute));
  peer->command("h2", hello_of({.major = 1}), Role::pulse, Role::signal);  // the other edge that has a hello
  CHECK(is(*peer->answer("h2").error, errors::kEnvelopeWrongRoute));
  CHECK(studio.server->clients().empty());
}

TEST_CASE("one engine is held by one Pulse") {
  Studio studio({.max_clients = 1});
  auto first = studio.ready();
  auto second = studio.connect();
  REQUIRE_SOON(studio.loop, second.client->state() == PortState::closed);
  CHECK(is(*second.client->close_reason(), errors::kEngineHeld));
  CHECK(first.client->state() == PortState::ready);
  first.client->close();
  REQUIRE_SOON(studio.loop, studio.server->clients().empty());
  auto third = studio.ready();
}

TEST_CASE("above the number of clients one more is refused") {
  Studio studio({.max_clients = 2});
  auto first = studio.ready();
  auto second = studio.ready();
  auto third = studio.connect();
  REQUIRE_SOON(studio.loop, third.client->state() == PortState::closed);
  CHECK(is(*third.client->close_reason(), errors::kSessionFull));
}

TEST_CASE("the same instance on a new connection replaces the old one, also where only one is allowed") {
  Studio studio({.max_clients = 1});
  const auto first = studio.raw();
  first->hello("i-1");
  const auto second = studio.raw();
  second->hello("i-1");
  CHECK(studio.server->clients().size() == 1);
  REQUIRE(studio.connected.size() == 2);
  REQUIRE(studio.disconnected.size() == 1);
  CHECK(studio.disconnected[0].key == studio.connected[0].key);
  CHECK(studio.connected[0].key != studio.connected[1].key);
  REQUIRE_SOON(studio.loop, first->count<session::Goodbye>() == 1);
  CHECK(first->received.back().as<session::Goodbye>()->reason == session::GoodbyeReason::closing);
  first->command("c1", test::rename_to("x"));
  CHECK(is(*first->answer("c1").error, errors::kSessionHelloRequired));
  second->command("c2", test::rename_to("x"));
  CHECK(second->answer("c2").header.kind == Kind::reply);
  CHECK(second->count<session::Goodbye>() == 0);
}

TEST_CASE("a hello said again on the same connection changes nothing") {
  Studio studio;
  const auto peer = studio.raw();
  peer->hello("i-1", "h1");
  peer->hello("i-1", "h2");
  CHECK(peer->answer("h1").as<session::HelloReply>()->session_id == peer->answer("h2").as<session::HelloReply>()->session_id);
  CHECK(studio.connected.size() == 1);
  CHECK(studio.disconnected.empty());
}

TEST_CASE("where nobody answers, the client says which endpoint it was") {
  test::TempRuntime runtime;
  net::Context context;
  net::Loop loop;
  test::Caller caller(context, loop,
                      {.endpoint = runtime.ipc("nobody"), .client_id = "test", .hello_deadline = std::chrono::milliseconds(30)});
  std::optional<Error> failed;
  caller.call(test::rename_to("x"), [&](Result<Edited> answer) { failed = answer.error(); });
  REQUIRE_SOON(loop, caller.client->state() == PortState::closed);
  CHECK(is(*caller.client->close_reason(), errors::kSessionNotFound));
  CHECK(caller.client->close_reason()->message.find(runtime.ipc("nobody")) != std::string::npos);
  REQUIRE_SOON(loop, failed.has_value());
  CHECK(is(*failed, errors::kSessionNotFound));
}

TEST_CASE("a client may be there before its server") {
  test::TempRuntime runtime;
  net::Context context;
  net::Loop loop;
  test::Caller caller(context, loop, {.endpoint = runtime.ipc("s"), .client_id = "test", .hello_deadline = test::kWatchdog});
  CHECK_FALSE(loop.run_once(std::chrono::milliseconds(20)));
  auto server = session::Server::bind(context, loop, {.endpoint = runtime.ipc("s"), .software_name = "late"}).value();
  REQUIRE_SOON(loop, caller.client->state() == PortState::ready);
}
