#pragma once
// Calls of plugin code that may not return: they are made on the plugin thread, with patience, and what happened is an answer in any case.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/messages/graph.hpp"
#include "nodes/plugin_node.hpp"
#include "plugins/catalogue.hpp"
#include "plugins/plugin_thread.hpp"

namespace loophole::reference_signal {

// What the plugin thread works with.
struct Backstage {
  explicit Backstage(std::chrono::milliseconds most) : patience(most) {}
  Catalogue catalogue;
  Patience patience;
  std::set<std::string> hung;  // URIs of plugins that were left behind at their start: one such wait is enough, until a scan
  PluginThread thread;
};

// A plugin that does not run: status and reason, for people.
struct PluginFault {
  NodeStatus status = NodeStatus::failed;
  std::string reason;
  bool final = true;  // not to be tried again while the node stays
};

// What another instance is needed for when it changes.
struct PluginFormat {
  double sample_rate = 48'000;
  std::uint32_t block_frames = 256;
  bool offline = false;
  friend bool operator==(const PluginFormat&, const PluginFormat&) = default;
};

// A plugin to start for a node of the graph.
struct PluginOrder {
  graph::GraphNode node;
  PluginFormat format{};
  // The same plugin at another format, whose state it goes on with; nullptr: the state is that of the node.
  std::shared_ptr<PluginNode> before;
};
struct StartedPlugin {
  std::shared_ptr<HostedPlugin> plugin;  // ends on the plugin thread, whoever lets go of it last
  PluginStart start;
};

// All are [plugin-thread].
[[nodiscard]] std::variant<StartedPlugin, PluginFault> start_plugin(const std::shared_ptr<Backstage>& backstage, const PluginOrder& order);
// Errors plugin.faulty.
[[nodiscard]] Result<PluginState> save_plugin(Backstage& backstage, const std::shared_ptr<PluginNode>& node);
[[nodiscard]] Result<PortValues> restore_plugin(Backstage& backstage, const std::shared_ptr<PluginNode>& node, const PluginState& state);

}  // namespace loophole::reference_signal
