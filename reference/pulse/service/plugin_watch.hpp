#pragma once
// PluginWatch: what the engine says of plugins becomes marks in the project, so that every client sees which node does not work, and a
// plugin that keeps taking the engine down comes back bypassed. All functions are [owner-thread].

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "loophole/messages/engine.hpp"
#include "loophole/messages/graph.hpp"
#include "loophole/messages/project.hpp"

namespace loophole::pulse {

class Hub;

class PluginWatch {
 public:
  // Crashes since the project was opened after which a plugin comes back bypassed (ENG-49).
  static constexpr std::int64_t kMostCrashes = 3;

  explicit PluginWatch(Hub& hub) : hub_(hub) {}

  // Crashes are counted anew.
  void project_opened() { crashes_.clear(); }
  // A plugin is missing or did not start; audio passes it by.
  void failed(const engine::PluginFailed& event);
  // A graph goes to the engine: what fails in it, the engine says before it answers (ENG-47).
  void graph_sent() { failed_.clear(); }
  // It runs: plugins of it that were missing or had failed, and of which it said nothing, work again.
  void graph_runs(const graph::Graph& graph);
  // Whether a plugin of the project is marked as one that does not work, although it is asked to.
  [[nodiscard]] bool has_failures() const;
  // The engine died in the plugin of this node of the graph, and is about to be started again.
  void crashed(const GraphNodeId& graph_node);

 private:
  // Marks the node in a transaction; nothing when it is marked so already.
  void mark(const NodeId& node, NodeStatus status, bool bypassed, const std::string& label);

  Hub& hub_;
  std::unordered_map<NodeId, std::int64_t> crashes_;
  std::unordered_set<NodeId> failed_;  // since the graph was sent
};

}  // namespace loophole::pulse
