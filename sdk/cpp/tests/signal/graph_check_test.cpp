// check_graph: every rule refuses with the name of the thing.

#include "loophole/signal/graph_check.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "graphs.hpp"

namespace loophole::signal {
namespace {

using namespace loophole::test;

graph::Connection wire_of(const char* from, const char* to) {
  return {.from = GraphNodeId(from), .to = GraphNodeId(to)};
}

void check_refused(const graph::Graph& graph, const char* named, const errors::Code& code = errors::kGraphInvalid) {
  const auto result = check_graph(graph);
  REQUIRE_FALSE(result);
  CHECK(is(result.error(), code));
  CHECK_MESSAGE(result.error().message.find(named) != std::string::npos, result.error().message);
  CHECK(result.error().pointer.has_value());
}

TEST_CASE("a good graph comes out sorted") {
  graph::Graph graph = synth_graph();
  std::reverse(graph.nodes.begin(), graph.nodes.end());
  const auto result = check_graph(graph);
  REQUIRE(result);
  std::vector<std::size_t> place(graph.nodes.size());
  for (std::size_t i = 0; i < result->order.size(); ++i) place[result->order[i]] = i;
  for (std::size_t node = 0; node < graph.nodes.size(); ++node)
    for (const std::size_t input : result->inputs[node]) CHECK(place[input] < place[node]);
  CHECK(graph.nodes[result->output].kind == graph::GraphNodeKind::output);
}

TEST_CASE("a cycle is named node by node") {
  graph::Graph graph = chain_of({gain_of("a", 1), gain_of("b", 2), gain_of("c", 3), output_of()});
  graph.connections.push_back(wire_of("c", "b"));
  check_refused(graph, "b -> c -> b");
  graph = chain_of({gain_of("self", 1), output_of()});
  graph.connections.push_back(wire_of("self", "self"));
  check_refused(graph, "self -> self");
}

TEST_CASE("ids, handles, keys and connections may occur once") {
  check_refused(chain_of({gain_of("a", 1), gain_of("a", 2), output_of()}), "'a' occurs twice");
  check_refused(chain_of({gain_of("a", 1), gain_of("b", 1), output_of()}), "handle 1 occurs twice");
  check_refused(chain_of({gain_of("a", 1), meter_of("m", 1), output_of()}), "handle 1 occurs twice");
  graph::Graph graph = chain_of({gain_of("a", 1), output_of()});
  graph.nodes[0].parameters.push_back(parameter_of(2, "gain", 0, -1, 1));
  check_refused(graph, "'gain' twice");
  graph = chain_of({gain_of("a", 1), output_of()});
  graph.connections.push_back(graph.connections[0]);
  check_refused(graph, "'a' to 'out' occurs twice");
}

TEST_CASE("connections name nodes of the graph") {
  graph::Graph graph = chain_of({gain_of("a", 1), output_of()});
  graph.connections.push_back(wire_of("ghost", "out"));
  check_refused(graph, "'ghost'");
  graph.connections.back() = wire_of("a", "ghost");
  check_refused(graph, "'ghost'");
}

TEST_CASE("there is one output, and nothing behind it") {
  check_refused(chain_of({gain_of("a", 1)}), "no output");
  check_refused(chain_of({output_of("one"), output_of("two")}), "'one' and 'two'");
  graph::Graph graph = chain_of({gain_of("a", 1), output_of(), gain_of("b", 2)});
  check_refused(graph, "comes from the output");
}

TEST_CASE("members fit the kind, and values their range") {
  graph::Graph graph = chain_of({meter_of("m", 1), output_of()});
  graph.nodes[0].meter_handle.reset();
  check_refused(graph, "'m' has no meterHandle");
  graph = chain_of({gain_of("a", 1), output_of()});
  graph.nodes[0].meter_handle = 9;
  check_refused(graph, "is neither meter nor analyser");
  graph = chain_of({gain_of("a", 1), output_of()});
  graph.nodes[0].clips.push_back({.path = "/x.wav", .start_frames = 0, .offset_frames = 0, .length_frames = 1, .gain_db = 0});
  check_refused(graph, "is no clipPlayer");
  graph = chain_of({node_of("fx", graph::GraphNodeKind::plugin), output_of()});
  check_refused(graph, "'fx' does not say which plugin");
  graph = chain_of({gain_of("a", 1), output_of()});
  graph.nodes[0].plugin = PluginId{"urn:x"};
  check_refused(graph, "names a plugin, but is none");
  graph.nodes[0].plugin.reset();
  graph.nodes[0].state = PluginState{"AA"};
  check_refused(graph, "has the state of a plugin, but is none");
  check_refused(chain_of({gain_of("a", 1, 25), output_of()}), "outside of its range");
  check_refused(chain_of({node_of("x", graph::GraphNodeKind::unknown), output_of()}), "'x'", errors::kNodeKindUnsupported);
}

TEST_CASE("a key has to be one of its kind; those of plugins are not known here") {
  graph::Graph graph = chain_of({filter_of("low", 1), output_of()});
  graph.nodes[0].parameters[1].key = "gain";
  check_refused(graph, "'low' has no parameter 'gain'; it has cutoff, resonance");
  CHECK(check_graph(graph).error().pointer == "/graph/nodes/0/parameters/1/key");
  graph = chain_of({node_of("mixer", graph::GraphNodeKind::bus_mixer, {parameter_of(1, "gain", 0, -1, 1)}), output_of()});
  check_refused(graph, "'mixer' has no parameter 'gain'; it has none");
  graph.nodes[0].kind = graph::GraphNodeKind::plugin;
  graph.nodes[0].plugin = PluginId{"urn:x"};
  CHECK(check_graph(graph));
}

TEST_CASE("automation keeps its rule in a graph as well") {
  graph::Graph graph = synth_graph();
  graph.nodes[1].parameters[0].automation =
      automation::Lane{.mode = automation::Mode::off,
                       .points = {{.position_frames = 5, .value = 200, .shape = automation::Shape::hold},
                                  {.position_frames = 4, .value = 300, .shape = automation::Shape::hold}}};
  const auto refused = check_graph(graph);
  REQUIRE_FALSE(refused);
  CHECK(is(refused.error(), errors::kGraphInvalid));
  CHECK(refused.error().pointer == "/graph/nodes/1/parameters/0/automation/points/1/positionFrames");
}

}  // namespace
}  // namespace loophole::signal
