// IpcEnginePort against a real server in the seat of Signal: hello, typed answers, errors, events, and the end of the connection.

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "loophole/pulse.hpp"

using namespace loophole;

namespace {

struct Pair {
  net::Context context;
  net::Loop loop;
  std::string endpoint = "inproc://engine-port-test";
  std::unique_ptr<session::Server> signal = session::Server::bind(context, loop,
                                                                  {.endpoint = endpoint,
                                                                   .role = Role::signal,
                                                                   .peers = Role::pulse,
                                                                   .software_name = "engine",
                                                                   .capabilities = {},
                                                                   .max_clients = 1,
                                                                   .socket = {}})
                                                .value();
  std::unique_ptr<pulse::IpcEnginePort> port =
      pulse::IpcEnginePort::connect(context, loop, {.endpoint = endpoint, .client_id = "pulse"}).value();

  void wait() {
    if (!loop.run_once(std::chrono::seconds(30))) FAIL("nothing happened for 30 s");
  }
  void wait_ready() {
    while (port->state() == session::PortState::connecting) wait();
    REQUIRE(port->state() == session::PortState::ready);
  }
};

}  // namespace

TEST_CASE("hello: the engine sees a Pulse, the port has what the engine said") {
  Pair pair;
  pair.signal->on_hello([](const session::ClientInfo& client, session::HelloReply& reply) {
    CHECK(client.hello.role == Role::pulse);
    CHECK(client.hello.client_id == "pulse");
    reply.engine = session::EngineLink{.epoch = 17, .stream_endpoint = "inproc://s", .telemetry_endpoint = "inproc://t"};
  });
  CHECK(pair.port->hello() == nullptr);
  pair.wait_ready();
  REQUIRE(pair.port->hello() != nullptr);
  CHECK(pair.port->hello()->role == Role::signal);
  CHECK(pair.port->hello()->engine->epoch == 17);
}

TEST_CASE("a command gets its typed reply, or the engine's error") {
  Pair pair;
  pair.signal->on<engine::TransportSet>([](session::Server::Request<engine::TransportSet> request) {
    request.reply(
        {.playing = request.command().playing.value_or(false), .position_frames = 7, .position_beats = 0.5, .tempo_bpm = 120, .loop = {}});
  });
  pair.signal->on<graph::Replace>(
      [](session::Server::Request<graph::Replace> request) { request.fail(make_error(errors::kGraphInvalid, "there is no output")); });
  pair.wait_ready();
  std::optional<Result<engine::TransportState>> moved;
  std::optional<Result<graph::AppliedReply>> applied;
  pair.port->call(engine::TransportSet{.playing = true}, [&](Result<engine::TransportState> answer) { moved = std::move(answer); });
  pair.port->call(graph::Replace{}, [&](Result<graph::AppliedReply> answer) { applied = std::move(answer); });
  CHECK(!moved.has_value());  // never from within the call
  while (!moved || !applied) pair.wait();
  CHECK(moved->value() ==
        engine::TransportState{.playing = true, .position_frames = 7, .position_beats = 0.5, .tempo_bpm = 120, .loop = {}});
  CHECK(is(applied->error(), errors::kGraphInvalid));
}

TEST_CASE("events of the engine arrive") {
  Pair pair;
  std::optional<stream::Expired> seen;
  pair.port->on_event([&](const wire::Message& event) {
    if (const auto* expired = event.as<stream::Expired>()) seen = *expired;
  });
  pair.wait_ready();
  pair.signal->broadcast(stream::Expired{.stream_id = StreamId("00f1a2b3c4d5e6f7"), .report = {}, .values = {}});
  while (!seen) pair.wait();
  CHECK(seen->stream_id.str() == "00f1a2b3c4d5e6f7");
}

TEST_CASE("a second Pulse at the engine is refused") {
  Pair pair;
  pair.wait_ready();
  auto second = pulse::IpcEnginePort::connect(pair.context, pair.loop, {.endpoint = pair.endpoint, .client_id = "second"}).value();
  while (second->state() == session::PortState::connecting) pair.wait();
  REQUIRE(second->state() == session::PortState::closed);
  CHECK(is(*second->close_reason(), errors::kEngineHeld));
}

TEST_CASE("the engine says goodbye: the port is closed and open calls fail") {
  Pair pair;
  std::optional<session::Server::Request<graph::Query>> kept;
  pair.signal->on<graph::Query>([&](session::Server::Request<graph::Query> request) { kept.emplace(std::move(request)); });
  pair.wait_ready();
  std::optional<Result<graph::QueryReply>> answer;
  pair.port->call(graph::Query{}, [&](Result<graph::QueryReply> result) { answer = std::move(result); });
  while (!kept) pair.wait();
  pair.signal->close(session::GoodbyeReason::closing);
  while (!answer) pair.wait();
  CHECK(!answer->has_value());
  CHECK(pair.port->state() == session::PortState::closed);
  CHECK(pair.port->close_reason().has_value());
}

TEST_CASE("counters: control messages are counted, and no frame of another plane was seen") {
  Pair pair;
  pair.wait_ready();
  const session::CountersReply counters = pair.port->counters();
  CHECK(counters.control_received > 0);
  CHECK(counters.control_sent > 0);
  CHECK(counters.stream_frames_seen == 0);
  CHECK(counters.telemetry_frames_seen == 0);
}
