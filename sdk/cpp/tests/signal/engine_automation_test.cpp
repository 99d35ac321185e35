// EngineServer: automation by handle, and which values hold: gestures, ends, committed values.

#include <doctest/doctest.h>

#include "engine_seat.hpp"

namespace loophole::test {
namespace {

using automation::Mode;
using automation::Shape;

engine::AutomationLane lane_of(Handle handle, std::vector<automation::Point> points, Mode mode = Mode::read) {
  return {.handle = handle, .automation = automation::Lane{.mode = mode, .points = std::move(points)}};
}

TEST_CASE("automation is set when the audio thread has it, and is in the digest") {
  EngineSeat seat;
  seat.load(synth_graph());
  const auto before = seat.pulse->call(graph::Query{}).value().digest;
  const auto lane = lane_of(3, {{.position_frames = 0, .value = 200, .shape = Shape::linear}});
  std::optional<Digest> digest;
  seat.audio_runs = false;
  seat.pulse->start(engine::AutomationSet{.lanes = {lane}},
                    [&](Result<engine::ParameterSetReply> reply) { digest = reply.value().digest; });
  REQUIRE(seat.pulse->run([&] { return seat.engine.automation.contains(3); }));
  CHECK_FALSE(digest);
  seat.audio_runs = true;
  REQUIRE(seat.pulse->run([&] { return digest.has_value(); }));
  CHECK(digest != before);
  CHECK(seat.pulse->call(graph::Query{}).value().digest == digest);
  // The same graph with the same automation is the same.
  graph::Graph graph = synth_graph();
  graph.nodes[1].parameters[0].automation = lane.automation;
  CHECK(seat.pulse->call(graph::Replace{.revision = 2, .graph = graph}).value().digest == digest);
  // A lane without automation takes it away.
  const engine::AutomationLane none{.handle = 3, .automation = {}};
  CHECK(seat.pulse->call(engine::AutomationSet{.lanes = {none}}).value().digest == before);
  CHECK(seat.engine.automation.at(3) == nullptr);
}

TEST_CASE("an engine that takes automation with whole graphs only gets the graph again, with what was committed since") {
  EngineSeat seat;
  seat.load(synth_graph());
  REQUIRE(seat.pulse->call(engine::ParameterSet{.values = {{.handle = 5, .value = -7}}}));
  seat.engine.whole_graphs_only = true;
  const auto lane = lane_of(3, {{.position_frames = 0, .value = 200, .shape = Shape::linear}});
  const auto set = seat.pulse->call(engine::AutomationSet{.lanes = {lane}});
  REQUIRE(set);
  CHECK(seat.engine.held.at(5) == -7);
  const auto live = seat.pulse->call(graph::Query{}).value();
  CHECK(live.digest == set->digest);
  CHECK(live.revision == 1);
  // Where it refuses the graph, nothing has changed.
  seat.engine.refusal = make_error(errors::kGraphInvalid, "not this one");
  CHECK(is(seat.pulse->call(engine::AutomationSet{.lanes = {lane_of(3, {})}}).error(), errors::kGraphInvalid));
  CHECK(seat.pulse->call(graph::Query{}).value().digest == set->digest);
}

TEST_CASE("what is wrong about automation is refused with its place, and nothing is set") {
  EngineSeat seat;
  seat.load(synth_graph());
  const auto before = seat.pulse->call(graph::Query{}).value().digest;
  const auto fine = lane_of(5, {{.position_frames = 0, .value = 0, .shape = Shape::hold}});
  const auto refused = [&](const engine::AutomationLane& lane) {
    return seat.pulse->call(engine::AutomationSet{.lanes = {fine, lane}}).error();
  };
  const Error unknown = refused(lane_of(99, {}));
  CHECK(is(unknown, errors::kGraphUnknownHandle));
  CHECK(unknown.pointer == "/payload/lanes/1/handle");
  const Error order = refused(lane_of(
      3, {{.position_frames = 10, .value = 200, .shape = Shape::hold}, {.position_frames = 10, .value = 300, .shape = Shape::hold}}));
  CHECK(is(order, errors::kAutomationInvalidPoints));
  CHECK(order.pointer == "/payload/lanes/1/automation/points/1/positionFrames");
  const Error range = refused(lane_of(3, {{.position_frames = 10, .value = 30'000, .shape = Shape::hold}}, Mode::off));
  CHECK(is(range, errors::kAutomationInvalidPoints));
  CHECK(range.pointer == "/payload/lanes/1/automation/points/0/value");
  CHECK(seat.engine.automation.empty());
  CHECK(seat.pulse->call(graph::Query{}).value().digest == before);
}

TEST_CASE("a value that is committed while a hand is on the parameter is heard after the hand") {
  EngineSeat seat;
  seat.load(synth_graph());
  const StreamId stream("00f1a2b3c4d5e6f7");
  REQUIRE(seat.pulse->call(stream::Open{.stream_id = stream, .handles = {3}, .lease_ms = 60'000}));
  Hand hand(seat.context, seat.pulse->link(), 0x00f1'a2b3'c4d5'e6f7);
  hand.move(3, 4'321);
  REQUIRE(seat.pulse->run([&] { return seat.engine.held.at(3) == 4'321; }));
  REQUIRE(seat.pulse->call(engine::ParameterSet{.values = {{.handle = 3, .value = 600}}}));
  CHECK(seat.engine.held.at(3) == 4'321);
  // One that the close leaves out stays until Pulse says a value.
  REQUIRE(seat.pulse->call(stream::Close{.stream_id = stream, .values = {}}));
  CHECK(seat.engine.held.at(3) == 4'321);
  REQUIRE(seat.pulse->call(engine::ParameterSet{.values = {{.handle = 3, .value = 700}}}));
  CHECK(seat.engine.held.at(3) == 700);
}

}  // namespace
}  // namespace loophole::test
