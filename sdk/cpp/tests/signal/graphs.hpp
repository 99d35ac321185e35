#pragma once
// Graphs for tests, as Pulse derives them.

#include <string>
#include <utility>
#include <vector>

#include "loophole/messages/graph.hpp"

namespace loophole::test {

inline graph::GraphParameter parameter_of(Handle handle, std::string key, double value, double minimum, double maximum,
                                          double smoothing_ms = 20) {
  return {.handle = handle, .key = std::move(key), .value = value, .minimum = minimum, .maximum = maximum, .smoothing_ms = smoothing_ms};
}

inline graph::GraphNode node_of(std::string id, graph::GraphNodeKind kind, std::vector<graph::GraphParameter> parameters = {}) {
  return {.id = GraphNodeId(std::move(id)), .kind = kind, .meter_handle = {}, .parameters = std::move(parameters), .clips = {}};
}
inline graph::GraphNode tone_of(std::string id, Handle first, double frequency = 440, double level = -12) {
  return node_of(std::move(id), graph::GraphNodeKind::test_tone,
                 {parameter_of(first, "frequency", frequency, 20, 20'000), parameter_of(first + 1, "level", level, -90, 12)});
}
inline graph::GraphNode filter_of(std::string id, Handle first, double cutoff = 1'000, double resonance = 0) {
  return node_of(std::move(id), graph::GraphNodeKind::filter,
                 {parameter_of(first, "cutoff", cutoff, 20, 20'000), parameter_of(first + 1, "resonance", resonance, 0, 1)});
}
inline graph::GraphNode gain_of(std::string id, Handle handle, double db = 0) {
  return node_of(std::move(id), graph::GraphNodeKind::gain, {parameter_of(handle, "gain", db, -90, 24)});
}
inline graph::GraphNode pan_of(std::string id, Handle handle, double position = 0) {
  return node_of(std::move(id), graph::GraphNodeKind::pan, {parameter_of(handle, "position", position, -1, 1)});
}
inline graph::GraphNode delay_of(std::string id, Handle first, double time_ms = 50, double feedback = 0.4, double mix = 0.5) {
  return node_of(std::move(id), graph::GraphNodeKind::delay,
                 {parameter_of(first, "time", time_ms, 1, 4'000), parameter_of(first + 1, "feedback", feedback, 0, 1),
                  parameter_of(first + 2, "mix", mix, 0, 1)});
}
inline graph::GraphNode meter_of(std::string id, Handle handle) {
  graph::GraphNode node = node_of(std::move(id), graph::GraphNodeKind::meter);
  node.meter_handle = handle;
  return node;
}
inline graph::GraphNode analyser_of(std::string id, Handle handle) {
  graph::GraphNode node = node_of(std::move(id), graph::GraphNodeKind::analyser);
  node.meter_handle = handle;
  return node;
}
inline graph::GraphNode player_of(std::string id, std::vector<graph::GraphClip> clips) {
  graph::GraphNode node = node_of(std::move(id), graph::GraphNodeKind::clip_player);
  node.clips = std::move(clips);
  return node;
}
inline graph::GraphNode output_of(std::string id = "out") {
  return node_of(std::move(id), graph::GraphNodeKind::output);
}

// Nodes one after the other.
inline graph::Graph chain_of(std::vector<graph::GraphNode> nodes) {
  graph::Graph graph{.nodes = std::move(nodes), .connections = {}};
  for (std::size_t i = 1; i < graph.nodes.size(); ++i)
    graph.connections.push_back({.from = graph.nodes[i - 1].id, .to = graph.nodes[i].id});
  return graph;
}

// Tone (handles 1, 2) into a filter (3, 4), a gain (5) and a meter (6).
inline graph::Graph synth_graph() {
  return chain_of({tone_of("tone", 1), filter_of("filter", 3), gain_of("gain", 5), meter_of("meter", 6), output_of()});
}

}  // namespace loophole::test
