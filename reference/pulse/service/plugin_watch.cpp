#include "service/plugin_watch.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "service/hub.hpp"

namespace loophole::pulse {
namespace {

// Nodes of the project keep their id in the graph; a node of the graph that is none of the project's has no plugin.
const node::Node* plugin_node(const Hub& hub, const GraphNodeId& graph_node) {
  const Document* document = hub.document();
  const node::Node* node = document == nullptr ? nullptr : document->state().node(NodeId(graph_node.str()));
  return node == nullptr || !node->plugin ? nullptr : node;
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
  spdlog::warn("plugin '{}' of \"{}\" is {}: {}", event.plugin.str(), node->name, to_string(event.status), event.reason);
  mark(id, event.status, node->bypassed, "Plugin \"" + node->name + "\" " + std::string(to_string(event.status)));
  hub_.server().broadcast(plugin::Failed{.node_id = id, .plugin = event.plugin, .status = event.status, .reason = event.reason});
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
