// Patches of graphs: what make_patch says, apply_patch makes; and what does not fit is refused where it stands.

#include "loophole/model/graph_patch.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>

#include "loophole/wire/graph_digest.hpp"

namespace loophole::test {
namespace {

graph::GraphNode node_of(const std::string& id, double value = 0, graph::GraphNodeKind kind = graph::GraphNodeKind::gain) {
  graph::GraphNode node{.id = GraphNodeId(id), .kind = kind, .meter_handle = {}, .parameters = {}, .clips = {}};
  node.parameters.push_back({.handle = 1 + static_cast<Handle>(std::hash<std::string>{}(id) % 1'000'000),
                             .key = "gain",
                             .value = value,
                             .minimum = -90,
                             .maximum = 24,
                             .smoothing_ms = 0});
  return node;
}
graph::Connection between(const std::string& from, const std::string& to) {
  return {.from = GraphNodeId(from), .to = GraphNodeId(to)};
}

// Any graph over at most twelve names; need not be valid.
graph::Graph random_graph(std::mt19937& random) {
  graph::Graph graph;
  std::vector<std::string> names;
  for (char name = 'a'; name <= 'l'; ++name)
    if (random() % 3 != 0) names.emplace_back(1, name);
  std::shuffle(names.begin(), names.end(), random);
  for (const std::string& name : names) graph.nodes.push_back(node_of(name, static_cast<double>(random() % 3)));
  for (const std::string& from : names)
    for (const std::string& to : names)
      if (random() % 4 == 0) graph.connections.push_back(between(from, to));
  return graph;
}

Error refusal(const graph::Graph& graph, std::vector<graph::Operation> operations) {
  auto result = model::apply_patch(graph, operations);
  REQUIRE_FALSE(result);
  return std::move(result).error();
}

}  // namespace

TEST_CASE("the patch from one graph to another makes one of the other") {
  std::mt19937 random(7);
  for (int i = 0; i < 2'000; ++i) {
    const graph::Graph from = random_graph(random);
    const graph::Graph to = random_graph(random);
    const auto operations = model::make_patch(from, to);
    const auto result = model::apply_patch(from, operations);
    REQUIRE(result);
    REQUIRE(wire::graph_digest(*result) == wire::graph_digest(to));
    REQUIRE(model::make_patch(*result, to).empty());
  }
}

TEST_CASE("a patch says what is other and nothing else") {
  graph::Graph from{.nodes = {node_of("a"), node_of("b"), node_of("out")}, .connections = {between("a", "b"), between("b", "out")}};
  graph::Graph to = from;
  CHECK(model::make_patch(from, to).empty());
  std::swap(to.nodes[0], to.nodes[1]);  // order has no meaning
  std::swap(to.connections[0], to.connections[1]);
  CHECK(model::make_patch(from, to).empty());

  to = from;
  to.nodes[1].bypassed = true;
  CHECK(model::make_patch(from, to) == std::vector<graph::Operation>{graph::ReplaceNode{.node = to.nodes[1]}});

  // A node that goes takes its connections along.
  to = {.nodes = {node_of("a"), node_of("out")}, .connections = {between("a", "out")}};
  CHECK(model::make_patch(from, to) ==
        std::vector<graph::Operation>{graph::RemoveNode{.node_id = GraphNodeId("b")}, graph::Connect{.connection = between("a", "out")}});
}

TEST_CASE("steps in between need not be a graph, and an identifier that went may come again") {
  const graph::Graph from{.nodes = {node_of("a"), node_of("out")}, .connections = {between("a", "out")}};
  const std::vector<graph::Operation> operations{graph::RemoveNode{.node_id = GraphNodeId("a")}, graph::AddNode{.node = node_of("a", 3)},
                                                 graph::Connect{.connection = between("a", "out")}};
  const auto result = model::apply_patch(from, operations).value();
  graph::Graph expected = from;
  expected.nodes[0].parameters[0].value = 3;
  CHECK(wire::graph_digest(result) == wire::graph_digest(expected));
}

TEST_CASE("an operation that does not fit is named with its place") {
  const graph::Graph graph{.nodes = {node_of("a"), node_of("out")}, .connections = {between("a", "out")}};
  const graph::Operation fits = graph::AddNode{.node = node_of("b")};
  const struct {
    graph::Operation operation;
    const char* pointer;
  } cases[] = {{graph::AddNode{.node = node_of("a")}, "/operations/1/node/id"},
               {graph::RemoveNode{.node_id = GraphNodeId("x")}, "/operations/1/nodeId"},
               {graph::ReplaceNode{.node = node_of("x")}, "/operations/1/node/id"},
               {graph::Connect{.connection = between("x", "out")}, "/operations/1/connection/from"},
               {graph::Connect{.connection = between("a", "x")}, "/operations/1/connection/to"},
               {graph::Connect{.connection = between("a", "out")}, "/operations/1/connection"},
               {graph::Disconnect{.connection = between("out", "a")}, "/operations/1/connection"}};
  for (const auto& one : cases) {
    const Error error = refusal(graph, {fits, one.operation});
    CHECK(is(error, errors::kGraphInvalid));
    CHECK(error.pointer == one.pointer);
  }
}

}  // namespace loophole::test
