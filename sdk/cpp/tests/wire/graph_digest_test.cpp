// The digest of protocol/graph-digest.md: test vectors, and what it does not depend on.
#include "loophole/wire/graph_digest.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>

#include "loophole/wire/codec.hpp"

namespace lp = loophole;
using lp::graph::Graph;

namespace {

nlohmann::json vectors() {
  return nlohmann::json::parse(std::ifstream(std::filesystem::path(LOOPHOLE_PROTOCOL) / "graph-digest-vectors.json")).at("vectors");
}
Graph graph_of(const nlohmann::json& vector) {
  return lp::wire::from_json<Graph>(vector.at("graph").dump()).value();
}
Graph large() {
  Graph graph;
  for (const auto& vector : vectors())
    if (Graph candidate = graph_of(vector); candidate.nodes.size() > graph.nodes.size()) graph = std::move(candidate);
  return graph;
}

}  // namespace

TEST_CASE("the vectors of the specification") {
  CHECK(vectors().size() >= 3);
  for (const auto& vector : vectors()) {
    CAPTURE(vector.at("name").get<std::string>());
    CHECK(lp::wire::graph_digest(graph_of(vector)).str() == vector.at("digest").get<std::string>());
  }
}

TEST_CASE("order does not matter") {
  Graph graph = large();
  const lp::Digest wanted = lp::wire::graph_digest(graph);
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    std::ranges::shuffle(graph.nodes, random);
    std::ranges::shuffle(graph.connections, random);
    for (auto& node : graph.nodes) {
      std::ranges::shuffle(node.parameters, random);
      std::ranges::shuffle(node.clips, random);
    }
    CHECK(lp::wire::graph_digest(graph) == wanted);
  }
}

TEST_CASE("every other change matters") {
  const Graph graph = large();
  const lp::Digest before = lp::wire::graph_digest(graph);
  const auto with_parameters = std::ranges::find_if(graph.nodes, [](const auto& n) { return !n.parameters.empty(); }) - graph.nodes.begin();
  const auto with_clips = std::ranges::find_if(graph.nodes, [](const auto& n) { return !n.clips.empty(); }) - graph.nodes.begin();
  const auto parameter = [&](Graph& g) -> lp::graph::GraphParameter& {
    return g.nodes[static_cast<std::size_t>(with_parameters)].parameters[0];
  };
  const auto clip = [&](Graph& g) -> lp::graph::GraphClip& { return g.nodes[static_cast<std::size_t>(with_clips)].clips[0]; };
  const std::function<void(Graph&)> changes[] = {
      [](Graph& g) { g.nodes[0].id.value += "x"; },
      [](Graph& g) { g.nodes[0].kind = lp::graph::GraphNodeKind::gain; },
      [](Graph& g) { g.nodes[0].meter_handle = 77; },
      [](Graph& g) { g.nodes.pop_back(); },
      [](Graph& g) { g.connections.pop_back(); },
      [](Graph& g) { std::swap(g.connections[0].from, g.connections[0].to); },
      [&](Graph& g) { parameter(g).handle += 1; },
      [&](Graph& g) { parameter(g).key += "x"; },
      [&](Graph& g) { parameter(g).value += 1e-9; },
      [&](Graph& g) { parameter(g).minimum -= 1; },
      [&](Graph& g) { parameter(g).maximum += 1; },
      [&](Graph& g) { parameter(g).smoothing_ms += 1; },
      [&](Graph& g) { clip(g).path += "x"; },
      [&](Graph& g) { clip(g).start_frames += 1; },
      [](Graph& g) { g.nodes[0].bypassed = true; },
      [](Graph& g) { g.nodes[0].plugin = lp::PluginId("urn:x"); },
      [](Graph& g) { g.nodes[0].state = lp::PluginState("AA"); },
      [&](Graph& g) { parameter(g).automation.emplace(); },
      [&](Graph& g) { parameter(g).automation.emplace().points.push_back({.position_frames = 1, .value = 2, .shape = {}}); },
      [&](Graph& g) { clip(g).offset_frames += 1; },
      [&](Graph& g) { clip(g).length_frames += 1; },
      [&](Graph& g) { clip(g).gain_db += 0.5; },
  };
  for (const auto& change : changes) {
    Graph changed = graph;
    change(changed);
    CHECK(lp::wire::graph_digest(changed) != before);
  }
}

TEST_CASE("negative zero is zero, and the way through JSON changes nothing") {
  Graph graph = large();
  graph.nodes[1].parameters.push_back(
      {.handle = 4711, .key = "k", .value = 0.0, .minimum = 0, .maximum = 1.0 / 3, .smoothing_ms = 0.1, .automation = {}});
  const lp::Digest wanted = lp::wire::graph_digest(graph);
  graph.nodes[1].parameters.back().value = -0.0;
  CHECK(lp::wire::graph_digest(graph) == wanted);
  const Graph back = lp::wire::from_json<Graph>(lp::wire::to_json(graph).value()).value();
  CHECK(lp::wire::graph_digest(back) == wanted);
}
