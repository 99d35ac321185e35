#include "service/plugin_watch.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "service/hub.hpp"

namespace loophole::pulse {
namespace {

// Nodes of the project keep their id in the graph; a node of the graph that is none of the project's has no plugin.
const node::Node* plugin_node(const Hub& hub, const GraphNodeId& graph_node) {
  const Document* document = hub.document();
  const node::Node* node = document == nullptr ? nullptr : document->state().node(NodeId(graph_node.str()));
  return node == nullptr || !node->plugin ? nullptr : node;
}

// A plugin that crashed is tried again when somebody says so, and one that is bypassed is not tried.
bool is_down(const node::Node& node) {
  return node.plugin && !node.bypassed && (node.status == NodeStatus::missing || node.status == NodeStatus::failed);
}

}  // namespace

void PluginWatch::mark(const NodeId& id, NodeStatus status, bool bypassed, const std::string& label) {
  const node::Node* node = hub_.document()->state().node(id);
  if (node->status == status && node->bypassed == bypassed) return;
  Edit edit{.label = label, .changes = {}};
  edit.changes.emplace_back(
      project::NodeChanged{.node_id = id, .name = node->name, .bypassed = bypassed, .status = status, .state = node->state});
  hub_.submit(std::move(edit), {.origin = project::TransactionOrigin::engine, .cause = {}}, {}, [label](Result<Revision> revision) {
    if (!revision) spdlog::error("\"{}\" is not in the project: {}", label, to_string(revision.error()));
  });
  hub_.flush();
}

void PluginWatch::failed(const engine::PluginFailed& event) {
  const node::Node* node = plugin_node(hub_, event.node_id);
  if (node == nullptr) return spdlog::warn("the engine says that '{}' failed, which is no plugin of the project", event.node_id.str());
  const NodeId id = node->id;
  failed_.insert(id);
  spdlog::warn("plugin '{}' of \"{}\" is {}: {}", event.plugin.str(), node->name, to_string(event.status), event.reason);
  mark(id, event.status, node->bypassed, "Plugin \"" + node->name + "\" " + std::string(to_string(event.status)));
  hub_.server().broadcast(plugin::Failed{.node_id = id, .plugin = event.plugin, .status = event.status, .reason = event.reason});
}

void PluginWatch::graph_runs(const graph::Graph& graph) {
  std::vector<NodeId> back;  // marking changes the project
  for (const graph::GraphNode& one : graph.nodes) {
    const node::Node* node = one.plugin && !one.bypassed ? plugin_node(hub_, one.id) : nullptr;
    if (node != nullptr && node->plugin == one.plugin && is_down(*node) && !failed_.contains(node->id)) back.push_back(node->id);
  }
  for (const NodeId& id : back) {
    const node::Node* node = hub_.document()->state().node(id);
    spdlog::info("plugin '{}' of \"{}\" works again", node->plugin->str(), node->name);
    mark(id, NodeStatus::ready, node->bypassed, "Plugin \"" + node->name + "\" ready");
  }
}

bool PluginWatch::has_failures() const {
  const Document* document = hub_.document();
  if (document == nullptr) return false;
  const project::Project& project = document->state().project();
  const auto in = [](const channel::Channel& channel) { return std::ranges::any_of(channel.nodes, is_down); };
  return std::ranges::any_of(project.tracks, [&](const auto& track) { return in(track.channel); }) ||
         std::ranges::any_of(project.buses, [&](const auto& bus) { return in(bus.channel); }) || in(project.master);
}

void PluginWatch::crashed(const GraphNodeId& graph_node) {
  const node::Node* node = plugin_node(hub_, graph_node);
  if (node == nullptr) return spdlog::warn("the engine died in '{}', which is no plugin of the project", graph_node.str());
  const NodeId id = node->id;
  const PluginId plugin = *node->plugin;
  std::int64_t& crashes = crashes_[id];
  if (crashes >= kMostCrashes && node->status != NodeStatus::crashed) crashes = 0;  // somebody gave it another chance
  ++crashes;
  const bool too_often = crashes >= kMostCrashes;
  if (too_often) mark(id, NodeStatus::crashed, true, "Plugin \"" + node->name + "\" crashed");
  hub_.server().broadcast(plugin::Crashed{.node_id = id, .plugin = plugin, .crashes = crashes, .bypassed = too_often});
}

}  // namespace loophole::pulse
