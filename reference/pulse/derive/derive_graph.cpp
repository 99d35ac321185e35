#include "derive/derive_graph.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace loophole::pulse {
namespace {

graph::GraphNodeKind engine_kind(node::NodeKind kind) {
  switch (kind) {
    case node::NodeKind::test_tone:
      return graph::GraphNodeKind::test_tone;
    case node::NodeKind::filter:
      return graph::GraphNodeKind::filter;
    case node::NodeKind::gain:
      return graph::GraphNodeKind::gain;
    case node::NodeKind::pan:
      return graph::GraphNodeKind::pan;
    case node::NodeKind::unknown:
      break;
  }
  return graph::GraphNodeKind::unknown;
}

graph::GraphParameter engine_parameter(const parameter::Parameter& parameter) {
  return {.handle = parameter.handle,
          .key = parameter.key,
          .value = parameter.value,
          .minimum = parameter.minimum,
          .maximum = parameter.maximum,
          .smoothing_ms = parameter.smoothing_ms};
}

// Adds nodes to a graph, each connected to the one before.
class Chain {
 public:
  explicit Chain(graph::Graph& graph) : graph_(graph) {}

  void then(graph::GraphNode node) {
    if (!last_.empty()) graph_.connections.push_back({.from = last_, .to = node.id});
    last_ = node.id;
    graph_.nodes.push_back(std::move(node));
  }
  void into(const GraphNodeId& id) { graph_.connections.push_back({.from = last_, .to = id}); }

 private:
  graph::Graph& graph_;
  GraphNodeId last_;
};

graph::GraphNode gain_node(const std::string& owner, const parameter::Parameter& gain) {
  return {.id = GraphNodeId(owner + ".gain"),
          .kind = graph::GraphNodeKind::gain,
          .meter_handle = {},
          .parameters = {engine_parameter(gain)},
          .clips = {}};
}

graph::GraphNode meter_node(const std::string& owner, Handle handle) {
  return {.id = GraphNodeId(owner + ".meter"), .kind = graph::GraphNodeKind::meter, .meter_handle = handle, .parameters = {}, .clips = {}};
}

graph::GraphNode clip_player(const track::Track& track) {
  graph::GraphNode player{.id = GraphNodeId(track.id.str() + ".clips"),
                          .kind = graph::GraphNodeKind::clip_player,
                          .meter_handle = {},
                          .parameters = {},
                          .clips = {}};
  for (const clip::Clip& clip : track.clips)
    player.clips.push_back(
        {.path = clip.path, .start_frames = clip.start_frames, .length_frames = clip.length_frames, .gain_db = clip.gain_db});
  return player;
}

graph::GraphNode chain_node(const node::Node& node) {
  graph::GraphNode made{
      .id = GraphNodeId(node.id.str()), .kind = engine_kind(node.kind), .meter_handle = {}, .parameters = {}, .clips = {}};
  for (const parameter::Parameter& parameter : node.parameters) made.parameters.push_back(engine_parameter(parameter));
  return made;
}

graph::GraphNode output_node() {
  return {.id = GraphNodeId("output"), .kind = graph::GraphNodeKind::output, .meter_handle = {}, .parameters = {}, .clips = {}};
}

}  // namespace

graph::Graph derive_graph(const project::Project& project) {
  graph::Graph graph;
  const GraphNodeId master_in("master.gain");
  for (const track::Track& track : project.tracks) {
    Chain chain(graph);
    if (!track.clips.empty()) chain.then(clip_player(track));
    for (const node::Node& node : track.nodes) chain.then(chain_node(node));
    chain.then(gain_node(track.id.str(), track.gain));
    chain.then(meter_node(track.id.str(), track.meter_handle));
    chain.into(master_in);
  }
  Chain master(graph);
  master.then(gain_node("master", project.gain));
  master.then(meter_node("master", project.meter_handle));
  master.then(output_node());
  return graph;
}

graph::Graph silent_graph() {
  return {.nodes = {output_node()}, .connections = {}};
}

std::int64_t convert_frames(std::int64_t frames, std::int64_t from_hz, std::int64_t to_hz) {
  if (from_hz == to_hz || from_hz <= 0) return frames;
  // Whole seconds first: the product of a long position and a sample rate would not fit.
  const std::int64_t seconds = frames / from_hz;
  const std::int64_t rest = frames % from_hz;
  return seconds * to_hz + (rest * to_hz + from_hz / 2) / from_hz;
}

graph::Graph at_sample_rate(graph::Graph graph, std::int64_t from_hz, std::int64_t to_hz) {
  for (graph::GraphNode& node : graph.nodes) {
    for (graph::GraphClip& clip : node.clips) {
      clip.start_frames = convert_frames(clip.start_frames, from_hz, to_hz);
      clip.length_frames = convert_frames(clip.length_frames, from_hz, to_hz);
    }
  }
  return graph;
}

}  // namespace loophole::pulse
