// Heartbeats, leases and goodbyes, in both directions.
#include <string>
#include <thread>

#include "loophole/core/clock.hpp"
#include "support.hpp"

using namespace loophole;
using namespace std::chrono_literals;
using session::GoodbyeReason;
using test::PortState;
using test::Studio;

TEST_CASE("a client that falls silent is given up, and told why") {
  Studio studio({.heartbeat_interval = 20ms, .lease = 60ms});
  const auto peer = studio.raw();
  peer->hello("i-1");
  REQUIRE_SOON(studio.loop, studio.disconnected.size() == 1);
  CHECK(studio.reasons[0] == GoodbyeReason::lease_expired);
  CHECK(studio.server->clients().empty());
  REQUIRE_SOON(studio.loop, peer->count<session::Goodbye>() == 1);
  CHECK(peer->received.back().as<session::Goodbye>()->reason == GoodbyeReason::lease_expired);
}

TEST_CASE("heartbeats keep a session alive in which nobody says anything") {
  Studio studio({.heartbeat_interval = 20ms, .lease = 500ms});
  auto caller = studio.ready();
  const auto received = caller.client->counters().control_received;
  bool over = false;
  studio.loop.after(1500ms, [&] { over = true; });
  REQUIRE_SOON(studio.loop, over);
  CHECK(caller.client->state() == PortState::ready);
  CHECK(studio.disconnected.empty());
  CHECK(caller.client->counters().control_received > received);
}

TEST_CASE("anything that is heard renews the lease") {
  Studio studio({.heartbeat_interval = 50ms, .lease = 400ms});
  const auto peer = studio.raw();
  peer->hello("i-1");
  int beats = 0;
  const net::TimerId timer = studio.loop.every(20ms, [&] {
    ++beats;
    peer->send(wire::make_event(MessageId("b" + std::to_string(beats)), Role::aura, Role::pulse, session::Heartbeat{.sequence = beats}));
  });
  REQUIRE_SOON(studio.loop, beats == 60);
  CHECK(studio.disconnected.empty());
  studio.loop.cancel(timer);
  CHECK(peer->count<session::Heartbeat>() > 0);  // and the server beats too
  REQUIRE_SOON(studio.loop, studio.disconnected.size() == 1);
}

namespace {
// Greets each client that says hello, and says nothing else.
void greet(const test::Gate& server, const net::ControlGate::Incoming& incoming, const wire::Message& hello, std::int64_t lease_ms) {
  const session::HelloReply reply{.session_id = SessionId("s"),
                                  .role = Role::pulse,
                                  .instance_id = InstanceId("i"),
                                  .software = {.name = "silent", .version = "1"},
                                  .protocol = {.major = wire::kProtocolMajor, .minor = wire::kProtocolMinor},
                                  .heartbeat_interval_ms = 20,
                                  .lease_ms = lease_ms,
                                  .limits = {.max_message_bytes = 1024, .max_depth = 32, .max_frame_bytes = 1024}};
  server.send(incoming.peer, wire::encode_message(wire::make_reply(MessageId("r"), hello, wire::Payload::of(reply))).value());
}
}  // namespace

TEST_CASE("a client gives up a server that falls silent") {
  test::Gate server;
  test::Caller caller = server.connect();
  bool told = false;
  server.gate->watch(server.loop, [&] {
    const auto incoming = server.gate->receive();
    const auto message = wire::decode_message(incoming->bytes).value();
    if (const auto* goodbye = message.as<session::Goodbye>()) told = goodbye->reason == GoodbyeReason::lease_expired;
    if (message.as<session::Hello>() != nullptr) greet(server, *incoming, message, 60);
  });
  std::optional<Error> failed;
  caller.call(test::rename_to("x"), [&](const Result<Edited>& answer) { failed = answer.error(); });
  REQUIRE_SOON(server.loop, caller.client->state() == PortState::closed);
  CHECK(is(*caller.client->close_reason(), errors::kSessionLost));
  CHECK(caller.client->close_reason()->message.find("60 ms") != std::string::npos);
  REQUIRE(failed);
  CHECK(is(*failed, errors::kSessionLost));
  REQUIRE_SOON(server.loop, told);
  server.gate->unwatch(server.loop);
}

TEST_CASE("on a connection that ZeroMQ made again by itself a client says nothing, and gives it up") {
  if (test::topology() == test::Topology::in_process) return;  // there is none
  test::Gate server;
  test::Caller caller = server.connect();
  std::size_t heard = 0;
  const auto listen = [&] {
    server.gate->watch(server.loop, [&] {
      const auto incoming = server.gate->receive();
      if (!incoming) return;
      ++heard;
      const auto message = wire::decode_message(incoming->bytes).value();
      if (message.as<session::Hello>() != nullptr) greet(server, *incoming, message, 60'000);
    });
  };
  listen();
  REQUIRE_SOON(server.loop, caller.client->state() == PortState::ready && heard >= 3);  // heartbeats
  server.gate->unwatch(server.loop);
  server.gate.reset();
  server.gate = net::ControlListener::bind(server.context, server.runtime.ipc("s")).value();
  heard = 0;
  listen();
  std::optional<Error> failed;
  caller.call(test::rename_to("x"), [&](const Result<Edited>& answer) { failed = answer.error(); });
  REQUIRE_SOON(server.loop, caller.client->state() == PortState::closed);
  CHECK(caller.client->close_reason()->message.find("connected to anew") != std::string::npos);
  CHECK(heard == 0);
  REQUIRE_SOON(server.loop, failed.has_value());
  CHECK(is(*failed, errors::kSessionLost));
  server.gate->unwatch(server.loop);
}

TEST_CASE("a client that closes says goodbye; its open calls are cancelled from the Loop") {
  Studio studio;
  std::vector<session::Server::Request<track::Rename>> kept;
  studio.server->on<track::Rename>([&](session::Server::Request<track::Rename> request) { kept.push_back(std::move(request)); });
  auto caller = studio.ready();
  std::vector<std::string> order;
  caller.client->on_state([&](PortState state) {
    if (state == PortState::closed) order.emplace_back("closed");
  });
  for (const char* name : {"a", "b"})
    caller.call(test::rename_to(name), [&, name](const Result<Edited>& answer) {
      CHECK(is(answer.error(), errors::kSessionCancelled));
      order.emplace_back(name);
    });
  REQUIRE_SOON(studio.loop, kept.size() == 2);
  caller.client->close();
  CHECK(caller.client->state() == PortState::closed);
  CHECK(order.empty());
  REQUIRE_SOON(studio.loop, order.size() == 3);
  CHECK(order == std::vector<std::string>{"a", "b", "closed"});
  REQUIRE_SOON(studio.loop, studio.reasons.size() == 1);
  CHECK(studio.reasons[0] == GoodbyeReason::closing);

  std::optional<Error> later;
  caller.call(test::rename_to("c"), [&](const Result<Edited>& answer) { later = answer.error(); });
  CHECK_FALSE(later);
  REQUIRE_SOON(studio.loop, later.has_value());
  CHECK(is(*later, errors::kSessionCancelled));
}

namespace {

// Tells everybody something until nothing reaches anybody. The Loop does not run meanwhile.
void tell_until_nobody_is_there(session::Server& server) {
  const auto end = Clock::now() + test::kWatchdog;
  for (std::int64_t before = 0; server.counters().control_sent != before; std::this_thread::yield()) {
    before = server.counters().control_sent;
    server.broadcast(test::transport_at(0));
    REQUIRE(Clock::now() < end);
  }
}

}  // namespace

TEST_CASE("a goodbye counts as one, though its connection has ended before it is read") {
  session::ServerOptions options;
  options.socket.queue_messages = 10'000'000;
  Studio studio(options);
  auto peer = studio.raw();
  peer->hello("i-1");
  peer->command("last", test::rename_to("x"));
  peer->send(wire::make_event(MessageId("bye"), Role::aura, Role::pulse, session::Goodbye{}));
  peer.reset();
  tell_until_nobody_is_there(*studio.server);
  REQUIRE_SOON(studio.loop, studio.reasons.size() == 1);
  CHECK(studio.reasons[0] == GoodbyeReason::closing);
  CHECK(studio.renames == 1);
  CHECK(studio.server->clients().empty());
}

TEST_CASE("a client whose connection ends without a goodbye is given up when that shows, before its lease is over") {
  session::ServerOptions options;
  options.socket.queue_messages = 10'000'000;
  Studio studio(options);
  auto peer = studio.raw();
  peer->hello("i-1");
  peer.reset();
  tell_until_nobody_is_there(*studio.server);
  REQUIRE_SOON(studio.loop, studio.reasons.size() == 1);
  CHECK(studio.reasons[0] == GoodbyeReason::lease_expired);
}

TEST_CASE("a server that closes says goodbye, with its reason") {
  Studio studio;
  auto caller = studio.ready();
  SUBCASE("by close") {
    studio.server->close(GoodbyeReason::restarting);
    CHECK(studio.server->clients().empty());
    CHECK(studio.reasons == std::vector{GoodbyeReason::restarting});
    REQUIRE_SOON(studio.loop, caller.client->state() == PortState::closed);
    CHECK(caller.client->close_reason()->message.find("will be back") != std::string::npos);
  }
  SUBCASE("by being destroyed") {
    studio.server.reset();
    REQUIRE_SOON(studio.loop, caller.client->state() == PortState::closed);
    CHECK(studio.reasons.empty());  // the application ended it, and is not called any more
  }
  CHECK(is(*caller.client->close_reason(), errors::kSessionLost));
}

TEST_CASE("a server that does not know the connection any more is noticed at the next command") {
  Studio studio;
  auto caller = studio.ready();
  const auto peer = studio.raw();
  peer->hello(caller.client->instance_id().str());  // takes the place of the caller, who is not told
  std::optional<Error> failed;
  caller.call(test::rename_to("x"), [&](const Result<Edited>& answer) { failed = answer.error(); });
  REQUIRE_SOON(studio.loop, failed.has_value());
  CHECK(is(*failed, errors::kSessionLost));
  CHECK(caller.client->state() == PortState::closed);
}

TEST_CASE("a client that vanished is noticed when something is sent to it") {
  Studio studio({.heartbeat_interval = 20ms});
  auto peer = studio.raw();
  peer->hello("i-1");
  peer.reset();
  REQUIRE_SOON(studio.loop, studio.disconnected.size() == 1);
  CHECK(studio.server->clients().empty());
}

TEST_CASE("time in which nobody ran, because the machine was suspended, is nobody's silence") {
  Studio studio({.heartbeat_interval = 20ms, .lease = 200ms});
  auto caller = studio.ready();
  bool awake = false;
  studio.loop.post([&awake] {
    for (const auto end = Clock::now() + 1s; Clock::now() < end;) continue;  // five leases in which no timer and no socket is looked at
    awake = true;
  });
  REQUIRE_SOON(studio.loop, awake);
  const auto received = caller.client->counters().control_received;
  REQUIRE_SOON(studio.loop, caller.client->counters().control_received >= received + 3);
  CHECK(caller.client->state() == PortState::ready);
  CHECK(studio.disconnected.empty());
}
