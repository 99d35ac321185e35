// EngineServer: commands of Pulse, their order, and answers that wait for the audio thread.

#include <doctest/doctest.h>

#include "engine_seat.hpp"
#include "loophole/wire/graph_digest.hpp"

namespace loophole::test {
namespace {

TEST_CASE("hello tells the epoch and the endpoints") {
  EngineSeat seat;
  CHECK(seat.pulse->link() == seat.server->link());
  CHECK(seat.pulse->link().epoch > 0);
  CHECK(seat.pulse->link().stream_endpoint == seat.runtime.ipc("stream"));
  CHECK(seat.pulse->client->hello()->role == Role::signal);
}

TEST_CASE("a second Pulse is refused while the first holds the engine") {
  EngineSeat seat;
  PulseSeat second(seat.context, seat.loop, seat.server->control_endpoint());
  REQUIRE_SOON(seat.loop, second.client->state() == session::PortState::closed);
  CHECK(is(second.client->close_reason().value(), errors::kEngineHeld));
}

TEST_CASE("a Pulse of the same process holds the engine as any other does") {
  EngineSeat seat;
  PulseSeat early(seat.server->in_process(), seat.loop);
  REQUIRE_SOON(seat.loop, early.client->state() == session::PortState::closed);
  CHECK(is(early.client->close_reason().value(), errors::kEngineHeld));
  seat.pulse->client->close();
  std::unique_ptr<PulseSeat> inside;  // refused until the engine has heard the goodbye
  const auto holds = [&] {
    if (!inside || inside->client->state() == session::PortState::closed)
      inside = std::make_unique<PulseSeat>(seat.server->in_process(), seat.loop);
    return inside->client->state() == session::PortState::ready;
  };
  REQUIRE_SOON(seat.loop, holds());
  CHECK(inside->link() == seat.server->link());
  CHECK(inside->call(graph::Query{}).value().revision == 0);
  PulseSeat outside(seat.context, seat.loop, seat.server->control_endpoint());
  REQUIRE_SOON(seat.loop, outside.client->state() == session::PortState::closed);
  CHECK(is(outside.client->close_reason().value(), errors::kEngineHeld));
}

TEST_CASE("a graph is answered when the audio thread has it, with the digest that Pulse computes too") {
  EngineSeat seat;
  seat.audio_runs = false;
  bool answered = false;
  seat.pulse->start<graph::Replace>({.revision = 3, .graph = synth_graph()}, [&](Result<graph::AppliedReply> applied) {
    answered = true;
    CHECK(applied.value().revision == 3);
    CHECK(applied.value().digest == wire::graph_digest(synth_graph()));
    CHECK(applied.value().latency_frames == 12);
  });
  const int ticks = seat.engine.ticks;
  REQUIRE_SOON(seat.loop, seat.engine.ticks > ticks + 20);
  CHECK_FALSE(answered);
  seat.engine.block();
  REQUIRE_SOON(seat.loop, answered);
}

TEST_CASE("a refused graph leaves the old one") {
  EngineSeat seat;
  seat.load(synth_graph());
  const auto before = seat.pulse->call(graph::Query{}).value();
  graph::Graph cyclic = synth_graph();
  cyclic.connections.push_back({.from = GraphNodeId("gain"), .to = GraphNodeId("filter")});
  const auto refused = seat.pulse->call(graph::Replace{.revision = 2, .graph = cyclic});
  REQUIRE_FALSE(refused);
  CHECK(is(refused.error(), errors::kGraphInvalid));
  seat.engine.refusal = make_error(errors::kClipFileUnreadable, "no");
  CHECK(is(seat.pulse->call(graph::Replace{.revision = 2, .graph = chain_of({output_of()})}).error(), errors::kClipFileUnreadable));
  CHECK(seat.pulse->call(graph::Query{}).value() == before);
}

TEST_CASE("a graph with a kind of node that the engine does not have is refused before it comes there") {
  EngineSeat seat;
  seat.load(synth_graph());
  const auto before = seat.pulse->call(graph::Query{}).value();
  seat.engine.missing_kind = graph::GraphNodeKind::delay;
  const auto refused = seat.pulse->call(graph::Replace{.revision = 2, .graph = chain_of({delay_of("echo", 1), output_of()})});
  REQUIRE_FALSE(refused);
  CHECK(is(refused.error(), errors::kNodeKindUnsupported));
  CHECK(refused.error().message == "node 'echo' is of the kind delay, which this engine does not have");
  CHECK(refused.error().pointer == "/payload/graph/nodes/0/kind");
  const auto patched =
      seat.pulse->call(graph::Patch{.base_revision = 1, .revision = 2, .operations = {graph::AddNode{.node = delay_of("echo", 20)}}});
  CHECK(patched.error().pointer == "/payload/operations/0/node/kind");
  CHECK(seat.pulse->call(graph::Query{}).value() == before);
}

TEST_CASE("before the first graph a query says so, and parameters are unknown") {
  EngineSeat seat;
  const auto query = seat.pulse->call(graph::Query{}).value();
  CHECK(query.revision == 0);
  CHECK_FALSE(query.digest);
  CHECK(query.values.empty());
  CHECK(is(seat.pulse->call(engine::ParameterSet{.values = {{.handle = 3, .value = 1}}}).error(), errors::kGraphUnknownHandle));
}

TEST_CASE("set parameters are held exactly, and the digest follows") {
  EngineSeat seat;
  seat.load(synth_graph());
  const auto reply =
      seat.pulse->call(engine::ParameterSet{.values = {{.handle = 3, .value = 1'234.567}, {.handle = 5, .value = -3}}}).value();
  const auto query = seat.pulse->call(graph::Query{}).value();
  CHECK(query.digest == reply.digest);
  CHECK(seat.engine.held.at(3) == 1'234.567);
  CHECK(seat.engine.held.at(5) == -3);
  graph::Graph expected = synth_graph();
  expected.nodes[1].parameters[0].value = 1'234.567;
  expected.nodes[2].parameters[0].value = -3;
  CHECK(query.digest == wire::graph_digest(expected));
}

TEST_CASE("a set with one wrong value sets nothing") {
  EngineSeat seat;
  seat.load(synth_graph());
  CHECK(is(seat.pulse->call(engine::ParameterSet{.values = {{.handle = 3, .value = 500}, {.handle = 99, .value = 1}}}).error(),
           errors::kGraphUnknownHandle));
  CHECK(is(seat.pulse->call(engine::ParameterSet{.values = {{.handle = 3, .value = 1}}}).error(), errors::kParameterOutOfRange));
  CHECK(seat.engine.held.at(3) == 1'000);
}

TEST_CASE("commands behind a slow graph wait for it and then speak of it") {
  EngineSeat seat;
  seat.engine.slow = true;
  bool graph_answered = false;
  bool set_answered = false;
  seat.pulse->start<graph::Replace>({.revision = 1, .graph = synth_graph()}, [&](Result<graph::AppliedReply> applied) {
    CHECK(applied);
    CHECK_FALSE(set_answered);
    graph_answered = true;
  });
  seat.pulse->start<engine::ParameterSet>({.values = {{.handle = 3, .value = 500}}}, [&](Result<engine::ParameterSetReply> reply) {
    CHECK(reply);
    CHECK(graph_answered);
    set_answered = true;
  });
  REQUIRE(seat.pulse->run([&] { return seat.engine.prepared != nullptr; }));
  const int ticks = seat.engine.ticks;
  REQUIRE(seat.pulse->run([&] { return seat.engine.ticks > ticks + 1; }));
  CHECK_FALSE(set_answered);
  seat.engine.prepared();
  REQUIRE(seat.pulse->run([&] { return set_answered; }));
  CHECK(seat.engine.held.at(3) == 500);
}

TEST_CASE("the transport is answered as the audio thread follows it") {
  EngineSeat seat;
  engine::TransportState wanted{.playing = true, .position_frames = 96'000, .position_beats = 0, .tempo_bpm = 90, .loop = {}};
  CHECK(seat.pulse->call(engine::TransportSet{.playing = true, .position_frames = 96'000, .loop = {}, .tempo_bpm = 90}).value() == wanted);
  wanted.playing = false;
  wanted.loop = {.enabled = true, .start_frames = 1, .end_frames = 2};
  CHECK(seat.pulse->call(engine::TransportSet{.playing = false, .position_frames = {}, .loop = wanted.loop, .tempo_bpm = {}}).value() ==
        wanted);
}

TEST_CASE("a loop that ends before it begins is refused, and nothing is changed") {
  EngineSeat seat;
  const transport::Loop backwards{.enabled = true, .start_frames = 10, .end_frames = 10};
  const auto refused = seat.pulse->call(engine::TransportSet{.playing = true, .position_frames = {}, .loop = backwards, .tempo_bpm = {}});
  REQUIRE_FALSE(refused.has_value());
  CHECK(is(refused.error(), errors::kTransportInvalidLoop));
  CHECK(refused.error().pointer == "/payload/loop/endFrames");
  CHECK_FALSE(seat.pulse->call(engine::TransportSet{}).value().playing);
}

TEST_CASE("a driver that changes is told to Pulse") {
  EngineSeat seat;
  const auto effective = seat.pulse->call(engine::Configure{.sample_rate_hz = 44'100, .block_frames = 128, .driver = {}}).value();
  CHECK(effective.sample_rate_hz == 44'100);
  seat.server->tell(engine::DriverChanged{.effective = effective, .reason = "the device is gone"});
  REQUIRE_SOON(seat.loop, seat.pulse->event<engine::DriverChanged>() != nullptr);
  CHECK(seat.pulse->event<engine::DriverChanged>()->reason == "the device is gone");
}

TEST_CASE("when its Pulse goes, the engine holds everything for the next one") {
  EngineSeat seat;
  seat.load(synth_graph(), 9);
  seat.pulse->client->close();
  seat.pulse = std::make_unique<PulseSeat>(seat.context, seat.loop, seat.server->control_endpoint());
  seat.pulse->while_waiting = [&] { seat.engine.block(); };
  seat.pulse->wait_ready();
  CHECK(seat.pulse->link().epoch == seat.server->link().epoch);
  CHECK(seat.pulse->call(graph::Query{}).value().revision == 9);
}

}  // namespace
}  // namespace loophole::test
