// EngineServer: graph.patch is a graph like any other once it is applied, and all or nothing before.

#include <doctest/doctest.h>

#include "engine_seat.hpp"
#include "loophole/model/graph_patch.hpp"
#include "loophole/wire/graph_digest.hpp"

namespace loophole::test {
namespace {

// What a patch from one graph to another is refused with; the graph that is live stays.
Error refusal(EngineSeat& seat, graph::Patch patch) {
  const auto before = seat.pulse->call(graph::Query{}).value();
  auto answer = seat.pulse->call(std::move(patch));
  REQUIRE_FALSE(answer);
  CHECK(seat.pulse->call(graph::Query{}).value() == before);
  return std::move(answer).error();
}

}  // namespace

TEST_CASE("a patch goes live with the digest of the graph that it makes, and says so first") {
  EngineSeat seat;
  seat.load(synth_graph(), 4);
  graph::Graph wanted = synth_graph();
  wanted.nodes.push_back(pan_of("pan", 9));
  wanted.connections =
      chain_of({tone_of("tone", 1), filter_of("filter", 3), pan_of("pan", 9), gain_of("gain", 5), meter_of("meter", 6), output_of()})
          .connections;
  seat.audio_runs = false;
  std::optional<graph::AppliedReply> applied;
  seat.pulse->start<graph::Patch>({.base_revision = 4, .revision = 5, .operations = model::make_patch(synth_graph(), wanted)},
                                  [&](Result<graph::AppliedReply> answer) {
                                    CHECK(seat.pulse->event<graph::Applied>() != nullptr);
                                    applied = answer.value();
                                  });
  const int ticks = seat.engine.ticks;
  REQUIRE_SOON(seat.loop, seat.engine.ticks > ticks + 20);
  CHECK_FALSE(applied);
  seat.engine.block();
  REQUIRE_SOON(seat.loop, applied.has_value());
  CHECK(applied->revision == 5);
  CHECK(applied->digest == wire::graph_digest(wanted));
  CHECK(seat.engine.held.contains(9));
}

TEST_CASE("values committed since the graph went live are part of what is patched") {
  EngineSeat seat;
  seat.load(synth_graph());
  REQUIRE(seat.pulse->call(engine::ParameterSet{.values = {{.handle = 5, .value = -7}}}));
  graph::Graph wanted = synth_graph();
  wanted.nodes[2].parameters[0].value = -7;
  wanted.nodes[1].bypassed = true;
  const auto applied =
      seat.pulse->call(graph::Patch{.base_revision = 1, .revision = 2, .operations = {graph::ReplaceNode{.node = wanted.nodes[1]}}})
          .value();
  CHECK(applied.digest == wire::graph_digest(wanted));
  CHECK(seat.engine.held.at(5) == -7);
}

TEST_CASE("a patch for another graph than the live one is refused") {
  EngineSeat seat;
  CHECK(is(refusal(seat, {.base_revision = 0, .revision = 1, .operations = {}}), errors::kGraphWrongBase));
  seat.load(synth_graph(), 4);
  const Error error = refusal(seat, {.base_revision = 3, .revision = 5, .operations = {}});
  CHECK(is(error, errors::kGraphWrongBase));
  CHECK(error.pointer == "/payload/baseRevision");
}

TEST_CASE("what is wrong with a patch is said of the operation that is at fault") {
  EngineSeat seat;
  seat.load(synth_graph());
  const auto pointer = [&](std::vector<graph::Operation> operations) {
    const Error error = refusal(seat, {.base_revision = 1, .revision = 2, .operations = std::move(operations)});
    CHECK(is(error, errors::kGraphInvalid));
    return error.pointer;
  };
  const graph::Operation fits = graph::AddNode{.node = pan_of("pan", 9)};
  CHECK(pointer({fits, graph::RemoveNode{.node_id = GraphNodeId("x")}}) == "/payload/operations/1/nodeId");
  // The result is at fault, by what one operation put there.
  CHECK(pointer({fits, graph::AddNode{.node = gain_of("more", 5)}}) == "/payload/operations/1/node/parameters/0/handle");
  CHECK(pointer({fits, graph::Connect{.connection = {.from = GraphNodeId("out"), .to = GraphNodeId("pan")}}}) ==
        "/payload/operations/1/connection/from");
  // A cycle is nobody's alone.
  CHECK(pointer({graph::Connect{.connection = {.from = GraphNodeId("gain"), .to = GraphNodeId("filter")}}}) == std::nullopt);
}

TEST_CASE("what the engine refuses in a patched graph is said of the operation too") {
  EngineSeat seat;
  seat.load(synth_graph());
  Error unreadable = make_error(errors::kClipFileUnreadable, "no");
  unreadable.pointer = "/graph/nodes/5/clips/0/path";
  seat.engine.refusal = unreadable;
  const Error error = refusal(seat, {.base_revision = 1, .revision = 2, .operations = {graph::AddNode{.node = player_of("clips", {})}}});
  CHECK(is(error, errors::kClipFileUnreadable));
  CHECK(error.pointer == "/payload/operations/0/node/clips/0/path");
}

}  // namespace loophole::test
