// Both EnginePorts against a real server in the seat of Signal: hello, typed answers, errors, events, and the end of the connection.

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <type_traits>

#include "loophole/pulse.hpp"

using namespace loophole;

namespace {

template <class Port>
struct Pair {
  static constexpr bool kInProcess = std::is_same_v<Port, pulse::InProcessEnginePort>;
  net::Context context;
  net::Loop loop;
  std::string endpoint = kInProcess ? "" : "inproc://engine-port-test";
  std::unique_ptr<session::Server> signal = session::Server::bind(context, loop,
                                                                  {.endpoint = endpoint,
                                                                   .role = Role::signal,
                                                                   .peers = Role::pulse,
                                                                   .software_name = "engine",
                                                                   .capabilities = {},
                                                                   .max_clients = 1,
                                                                   .socket = {}})
                                                .value();
  std::unique_ptr<Port> port = connect("pulse");

  std::unique_ptr<Port> connect(const std::string& client_id) {
    if constexpr (kInProcess)
      return Port::connect(signal->in_process(), loop, {.client_id = client_id}).value();
    else
      return Port::connect(context, loop, {.endpoint = endpoint, .client_id = client_id}).value();
  }
  void wait() {
    if (!loop.run_once(std::chrono::seconds(30))) FAIL("nothing happened for 30 s");
  }
  void wait_ready() {
    while (port->state() == session::PortState::connecting) wait();
    REQUIRE(port->state() == session::PortState::ready);
  }
};

#define PORTS pulse::IpcEnginePort, pulse::InProcessEnginePort

}  // namespace

TEST_CASE_TEMPLATE("hello: the engine sees a Pulse, the port has what the engine said", Port, PORTS) {
  Pair<Port> pair;
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

TEST_CASE_TEMPLATE("a command gets its typed reply, or the engine's error", Port, PORTS) {
  Pair<Port> pair;
  pair.signal->template on<engine::TransportSet>([](session::Server::Request<engine::TransportSet> request) {
    request.reply(
        {.playing = request.command().playing.value_or(false), .position_frames = 7, .position_beats = 0.5, .tempo_bpm = 120, .loop = {}});
  });
  pair.signal->template on<graph::Replace>(
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

TEST_CASE_TEMPLATE("events of the engine arrive", Port, PORTS) {
  Pair<Port> pair;
  std::optional<stream::Expired> seen;
  pair.port->on_event([&](const wire::Message& event) {
    if (const auto* expired = event.as<stream::Expired>()) seen = *expired;
  });
  pair.wait_ready();
  pair.signal->broadcast(stream::Expired{.stream_id = StreamId("00f1a2b3c4d5e6f7"), .report = {}, .values = {}});
  while (!seen) pair.wait();
  CHECK(seen->stream_id.str() == "00f1a2b3c4d5e6f7");
}

TEST_CASE_TEMPLATE("a second Pulse at the engine is refused", Port, PORTS) {
  Pair<Port> pair;
  pair.wait_ready();
  auto second = pair.connect("second");
  while (second->state() == session::PortState::connecting) pair.wait();
  REQUIRE(second->state() == session::PortState::closed);
  CHECK(is(*second->close_reason(), errors::kEngineHeld));
}

TEST_CASE_TEMPLATE("the engine says goodbye: the port is closed and open calls fail", Port, PORTS) {
  Pair<Port> pair;
  std::optional<session::Server::Request<graph::Query>> kept;
  pair.signal->template on<graph::Query>([&](session::Server::Request<graph::Query> request) { kept.emplace(std::move(request)); });
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

TEST_CASE_TEMPLATE("counters: control messages are counted, and no frame of another plane was seen", Port, PORTS) {
  Pair<Port> pair;
  pair.wait_ready();
  const session::CountersReply counters = pair.port->counters();
  CHECK(counters.control_received > 0);
  CHECK(counters.control_sent > 0);
  CHECK(counters.stream_frames_seen == 0);
  CHECK(counters.telemetry_frames_seen == 0);
}
