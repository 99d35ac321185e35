#include "derive/derive_graph.hpp"

#include <unordered_set>
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
    case node::NodeKind::delay:
      return graph::GraphNodeKind::delay;
    case node::NodeKind::analyser:
      return graph::GraphNodeKind::analyser;
    case node::NodeKind::plugin:
      return graph::GraphNodeKind::plugin;
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
          .smoothing_ms = parameter.smoothing_ms,
          .automation = parameter.automation};
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
  // The node that was added last; empty: none was.
  [[nodiscard]] const GraphNodeId& last() const noexcept { return last_; }

 private:
  graph::Graph& graph_;
  GraphNodeId last_;
};

graph::GraphNode make_node(const std::string& id, graph::GraphNodeKind kind) {
  return {
      .id = GraphNodeId(id), .kind = kind, .bypassed = false, .meter_handle = {}, .plugin = {}, .state = {}, .parameters = {}, .clips = {}};
}

graph::GraphNode gain_node(const std::string& owner, const parameter::Parameter& gain) {
  graph::GraphNode node = make_node(owner + ".gain", graph::GraphNodeKind::gain);
  node.parameters.push_back(engine_parameter(gain));
  return node;
}

graph::GraphNode meter_node(const std::string& owner, Handle handle) {
  graph::GraphNode node = make_node(owner + ".meter", graph::GraphNodeKind::meter);
  node.meter_handle = handle;
  return node;
}

graph::GraphNode clip_player(const track::Track& track) {
  graph::GraphNode player = make_node(track.id.str() + ".clips", graph::GraphNodeKind::clip_player);
  for (const clip::Clip& clip : track.clips)
    player.clips.push_back({.path = clip.path,
                            .start_frames = clip.start_frames,
                            .offset_frames = clip.offset_frames,
                            .length_frames = clip.length_frames,
                            .gain_db = clip.gain_db});
  return player;
}

graph::GraphNode chain_node(const node::Node& node) {
  graph::GraphNode made = make_node(node.id.str(), engine_kind(node.kind));
  made.bypassed = node.bypassed;
  made.meter_handle = node.meter_handle;
  made.plugin = node.plugin;
  made.state = node.state;
  for (const parameter::Parameter& parameter : node.parameters) made.parameters.push_back(engine_parameter(parameter));
  return made;
}

GraphNodeId input_of(const BusId& bus) {
  return GraphNodeId(bus.str() + ".in");
}
GraphNodeId return_of(const BusId& bus) {
  return GraphNodeId(bus.str() + ".return");
}

void add_send(graph::Graph& graph, const channel::Send& send, const GraphNodeId& tap) {
  graph::GraphNode node = make_node(send.id.str(), graph::GraphNodeKind::send);
  node.parameters.push_back(engine_parameter(send.level));
  // The chain of a track without clips and nodes has nothing before its level.
  if (!tap.empty()) graph.connections.push_back({.from = tap, .to = node.id});
  graph.connections.push_back({.from = node.id, .to = return_of(send.bus_id)});
  graph.nodes.push_back(std::move(node));
}

// The nodes of a channel, in the order in which audio runs through them, and its sends.
void strip(graph::Graph& graph, Chain& chain, const std::string& owner, const channel::Channel& channel) {
  for (const node::Node& node : channel.nodes) chain.then(chain_node(node));
  const GraphNodeId before_the_level = chain.last();
  chain.then(gain_node(owner, channel.gain));
  chain.then(meter_node(owner, channel.meter_handle));
  for (const channel::Send& send : channel.sends) add_send(graph, send, send.pre_fader ? before_the_level : chain.last());
}

// Buses that sends lead to.
std::unordered_set<BusId> buses_with_sends(const project::Project& project) {
  std::unordered_set<BusId> buses;
  for (const track::Track& track : project.tracks)
    for (const channel::Send& send : track.channel.sends) buses.insert(send.bus_id);
  for (const routing::Bus& bus : project.buses)
    for (const channel::Send& send : bus.channel.sends) buses.insert(send.bus_id);
  return buses;
}

// Where audio enters a channel.
std::string first_of(const std::string& owner, const channel::Channel& channel) {
  return channel.nodes.empty() ? owner + ".gain" : channel.nodes.front().id.str();
}

graph::GraphNode output_node() {
  return make_node("output", graph::GraphNodeKind::output);
}

}  // namespace

graph::Graph derive_graph(const project::Project& project) {
  graph::Graph graph;
  const GraphNodeId master_input(first_of("master", project.master));
  const auto output_of = [&](const channel::Channel& channel) { return channel.output ? input_of(*channel.output) : master_input; };
  for (const track::Track& track : project.tracks) {
    Chain chain(graph);
    if (!track.clips.empty()) chain.then(clip_player(track));
    strip(graph, chain, track.id.str(), track.channel);
    chain.into(output_of(track.channel));
  }
  const std::unordered_set<BusId> with_sends = buses_with_sends(project);
  for (const routing::Bus& bus : project.buses) {
    Chain chain(graph);
    if (with_sends.contains(bus.id)) chain.then(make_node(return_of(bus.id).str(), graph::GraphNodeKind::return_));
    chain.then(make_node(input_of(bus.id).str(), graph::GraphNodeKind::bus_mixer));
    strip(graph, chain, bus.id.str(), bus.channel);
    chain.into(output_of(bus.channel));
  }
  Chain master(graph);
  strip(graph, master, "master", project.master);
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

namespace {

void convert_points(std::vector<automation::Point>& points, std::int64_t from_hz, std::int64_t to_hz) {
  std::vector<automation::Point> converted;
  converted.reserve(points.size());
  for (automation::Point point : points) {
    point.position_frames = convert_frames(point.position_frames, from_hz, to_hz);
    // At a lower rate two may fall on one frame, which has one point: from there on the later one counts.
    if (!converted.empty() && converted.back().position_frames == point.position_frames) converted.pop_back();
    converted.push_back(point);
  }
  points = std::move(converted);
}

}  // namespace

graph::Graph at_sample_rate(graph::Graph graph, std::int64_t from_hz, std::int64_t to_hz) {
  for (graph::GraphNode& node : graph.nodes) {
    for (graph::GraphClip& clip : node.clips) {
      clip.start_frames = convert_frames(clip.start_frames, from_hz, to_hz);
      clip.offset_frames = convert_frames(clip.offset_frames, from_hz, to_hz);
      clip.length_frames = convert_frames(clip.length_frames, from_hz, to_hz);
    }
    for (graph::GraphParameter& parameter : node.parameters)
      if (parameter.automation) convert_points(parameter.automation->points, from_hz, to_hz);
  }
  return graph;
}

}  // namespace loophole::pulse
