// From two layouts to the parts of a plan: what the new one has, and what the old one had besides, as long as it fades.

#include <algorithm>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "graph/compiler.hpp"

namespace loophole::reference_signal {
namespace {

// Nodes are numbered: those of the new graph as it has them, behind them those that leave.
struct Edge {
  std::size_t from = 0;
  KnownWire wire;
  std::unique_ptr<DelayRing> ring;
  bool leaves = false;
};

class Connector {
 public:
  Connector(Layout& next, const signal::GraphOrder& order, const Layout& base, const PlanFormat& format)
      : next_(next), order_(order), base_(base), format_(format) {}

  PlanParts run() {
    for (const KnownNode& node : next_.nodes) add(node);
    for (const KnownNode& node : base_.nodes)
      if (!index_.contains(node.processor.get())) add(node);
    for (const KnownNode& node : base_.nodes) was_there_.insert(node.processor.get());
    stay();
    leave();
    sort();
    return std::move(parts_);
  }

 private:
  void add(const KnownNode& node) {
    index_.emplace(node.processor.get(), nodes_.size());
    nodes_.push_back(&node);
    edges_.emplace_back();
    readers_.push_back(0);
  }
  [[nodiscard]] bool leaves(std::size_t node) const { return node >= next_.nodes.size(); }

  // The connections of the new graph. Each waits as long as the latest input of the node that it leads to.
  void stay() {
    arrival_.resize(next_.nodes.size());
    const auto ready = [&](std::size_t from) { return arrival_[from] + next_.nodes[from].latency_frames; };
    for (const std::size_t to : order_.order) {
      for (const std::size_t from : order_.inputs[to]) arrival_[to] = std::max(arrival_[to], ready(from));
      for (const std::size_t from : order_.inputs[to]) join(from, to, arrival_[to] - ready(from));
    }
    next_.latency_frames = arrival_[order_.output];
  }

  void join(std::size_t from, std::size_t to, std::uint32_t delay_frames) {
    const std::pair key(nodes_[from]->processor.get(), nodes_[to]->processor.get());
    Edge edge{.from = from, .wire = {.wire = nullptr, .delay_frames = delay_frames}, .ring = nullptr, .leaves = false};
    if (const auto before = base_.wires.find(key); before != base_.wires.end()) {
      edge.wire.wire = before->second.wire;
      if (delay_frames > before->second.delay_frames) edge.ring = std::make_unique<DelayRing>(delay_frames);
    } else {
      // Into a node that is new itself nothing has to be faded: what the node says is. A delay, though, begins to sound in the middle.
      const bool is_new = !was_there_.contains(key.second) && (delay_frames == 0 || !was_there_.contains(key.first));
      edge.wire.wire = std::make_shared<Wire>(is_new, delay_frames);
    }
    next_.wires.emplace(key, edge.wire);
    ++readers_[from];
    edges_[to].push_back(std::move(edge));
  }

  // The connections that the new graph has no more.
  void leave() {
    for (const auto& [key, known] : base_.wires) {
      if (next_.wires.contains(key)) continue;
      const std::size_t from = index_.at(key.first);
      const std::size_t to = index_.at(key.second);
      parts_.fades = true;
      if (reaches(to, from)) {
        parts_.first.push_back(known.wire);
        continue;
      }
      // Into a node that leaves nothing is faded: its own way out is.
      ++readers_[from];
      edges_[to].push_back({.from = from, .wire = known, .ring = nullptr, .leaves = !leaves(to)});
    }
  }

  [[nodiscard]] bool hears_what_sounds(std::size_t node) const {
    return std::any_of(edges_[node].begin(), edges_[node].end(),
                       [this](const Edge& edge) { return was_there_.contains(nodes_[edge.from]->processor.get()); });
  }

  // The number of the latency before a node. One that leaves follows nothing on the timeline any more.
  std::uint32_t delay_of(std::size_t node) {
    const std::uint32_t frames = leaves(node) ? 0 : arrival_[node];
    const auto found = std::find(parts_.delays.begin(), parts_.delays.end(), frames);
    const auto number = static_cast<std::uint32_t>(found - parts_.delays.begin());
    if (found == parts_.delays.end()) parts_.delays.push_back(frames);
    return number;
  }

  // Whether audio comes from `from` to `to`: a connection back would close a circle.
  [[nodiscard]] bool reaches(std::size_t from, std::size_t to) const {
    std::vector<bool> seen(nodes_.size());
    std::vector<std::size_t> open{to};
    while (!open.empty()) {
      const std::size_t node = open.back();
      open.pop_back();
      if (node == from) return true;
      if (seen[node]) continue;
      seen[node] = true;
      for (const Edge& edge : edges_[node]) open.push_back(edge.from);
    }
    return false;
  }

  void sort() {
    std::vector<std::size_t> missing(nodes_.size());
    std::vector<std::vector<std::size_t>> followers(nodes_.size());
    for (std::size_t node = 0; node < nodes_.size(); ++node) {
      missing[node] = edges_[node].size();
      for (const Edge& edge : edges_[node]) followers[edge.from].push_back(node);
    }
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
    for (std::size_t node = 0; node < nodes_.size(); ++node)
      if (missing[node] == 0) ready.push(node);
    buffer_of_.resize(nodes_.size());
    while (!ready.empty()) {
      const std::size_t node = ready.top();
      ready.pop();
      step(node);
      for (const std::size_t follower : followers[node])
        if (--missing[follower] == 0) ready.push(follower);
    }
    parts_.output_buffer = buffer_of_[order_.output];
    parts_.sample_rate = static_cast<double>(format_.sample_rate_hz);
    parts_.block_frames = static_cast<std::uint32_t>(format_.block_frames);
  }

  void step(std::size_t n) {
    const KnownNode& node = *nodes_[n];
    // What a new node with latency says first is not yet what comes in; where that sounds already, it is heard until then.
    if (node.latency_frames > 0 && !node.bypassed && !was_there_.contains(node.processor.get()) && hears_what_sounds(n))
      *node.heard = Fader(false);
    Step step{.processor = node.processor,
              .heard = node.heard,
              .setup = {node.clips},
              .number = node.number,
              .buffer = 0,
              .delay = delay_of(n),
              .inputs = {},
              .in_place = false,
              .bypassed = node.bypassed,
              .leaves = leaves(n)};
    // A chain works in one buffer: a node whose only input has no other reader goes on where that one stopped.
    std::vector<Edge>& edges = edges_[n];
    // Summed in the order in which the nodes were made, whatever the order in the graph: rounding stays the same from graph to graph.
    std::sort(edges.begin(), edges.end(), [&](const Edge& x, const Edge& y) { return nodes_[x.from]->number < nodes_[y.from]->number; });
    step.in_place = edges.size() == 1 && !edges.front().leaves && readers_[edges.front().from] == 1;
    step.buffer = step.in_place ? buffer_of_[edges.front().from] : parts_.buffers++;
    buffer_of_[n] = step.buffer;
    for (Edge& edge : edges)
      step.inputs.push_back({.buffer = buffer_of_[edge.from],
                             .wire = std::move(edge.wire.wire),
                             .delay_frames = edge.wire.delay_frames,
                             .ring = std::move(edge.ring),
                             .leaves = edge.leaves});
    parts_.steps.push_back(std::move(step));
  }

  Layout& next_;
  const signal::GraphOrder& order_;
  const Layout& base_;
  const PlanFormat& format_;
  PlanParts parts_;
  std::vector<const KnownNode*> nodes_;
  std::unordered_map<const Processor*, std::size_t> index_;
  std::unordered_set<const Processor*> was_there_;
  std::vector<std::vector<Edge>> edges_;  // into each node
  std::vector<std::size_t> readers_;
  std::vector<std::uint32_t> arrival_;  // of audio at each node of the new graph, in frames
  std::vector<std::uint32_t> buffer_of_;
};

}  // namespace

PlanParts connect(Layout& next, const signal::GraphOrder& order, const Layout& base, const PlanFormat& format) {
  return Connector(next, order, base, format).run();
}

}  // namespace loophole::reference_signal
