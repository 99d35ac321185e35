#pragma once
// PluginHost: the plugins of an engine. Finds them, starts those that a graph needs, keeps those that stay, takes and gives their states,
// and knows which do not work and why. Belongs to the I/O thread; what runs code of plugins, it does on the plugin thread.
//
//   I/O thread      prepare(graph) ........................ done(set) | compile | keep(set) | hand over
//   plugin thread      find, start, restore, activate ...... |
//   audio thread    the graph of before plays on                                               | the new graph

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/messages/engine.hpp"
#include "loophole/messages/graph.hpp"
#include "loophole/messages/operation.hpp"
#include "loophole/messages/plugin.hpp"
#include "nodes/plugin_node.hpp"
#include "plugins/plugin_start.hpp"

namespace loophole::reference_signal {

struct PluginHostOptions {
  // How long a plugin may take to start, to save or to restore, before it is given up.
  std::chrono::milliseconds patience{5'000};
  // Where word of the plugin at work is left; nullptr: nowhere. Outlives the host.
  PluginWords* words = nullptr;
};

// What stands at a node of kind plugin.
struct PluginAtNode {
  PluginId plugin;
  PluginFormat format{};
  std::optional<PluginState> state{};  // that the graph names
  std::shared_ptr<Processor> processor{};
  std::shared_ptr<PluginNode> running{};  // the same, where the plugin runs; nullptr: a stand-in
  std::optional<PluginFault> fault{};
  bool told_denormals = false;
};
using PluginSet = std::map<std::string, PluginAtNode>;  // by id of the node

class PluginHost {
 public:
  template <class T>
  using Done = std::function<void(Result<T>)>;
  // Runs a task on the I/O thread, soon; called from the plugin thread.
  using Post = std::function<void(std::function<void()>)>;
  using Progress = std::function<void(operation::Progress)>;

  PluginHost(Post post, PluginHostOptions options);
  ~PluginHost();  // when all plugins have ended, or were waited for long enough
  PluginHost(const PluginHost&) = delete;
  PluginHost& operator=(const PluginHost&) = delete;

  // All are [io-thread], and call `done` there: from within, or later.

  // What is at the nodes of a graph: what runs already, and what was started for it. A plugin that cannot be used is no error.
  void prepare(const graph::Graph& graph, const PluginFormat& format, std::function<void(PluginSet)> done);
  // The graph with this set is to be live: states that it changed are given to plugins that stay, what is not in it is let go of.
  void keep(PluginSet set, std::function<void()> done);
  // What is at the nodes of the live graph.
  [[nodiscard]] const PluginSet& present() const noexcept { return present_; }
  // Plugins of the live graph that do not work, for engine.plugin.failed.
  [[nodiscard]] std::vector<engine::PluginFailed> failures() const;
  // The same, of those that stopped since the last call; plugins that only misbehave are logged.
  [[nodiscard]] std::vector<engine::PluginFailed> newly_failed();

  void scan(Progress progress, Done<plugin::ScanReply> done);
  void list(Done<plugin::ListReply> done);
  // Errors plugin.notFound, plugin.faulty.
  void info(const PluginId& plugin, double sample_rate, Done<plugin::InfoReply> done);
  // Of a node of the live graph. Error plugin.faulty.
  void state(const std::string& node, Done<PluginState> done);
  // `done` has the values of parameters, by key, that came with the state. Error plugin.faulty: the plugin is as it was.
  void set_state(const std::string& node, const PluginState& state, Done<std::map<std::string, double>> done);

  // [any-thread] Threads that were left to plugins that did not return.
  [[nodiscard]] std::size_t left_behind() const noexcept;

 private:
  using StatesOwed = std::shared_ptr<std::vector<std::pair<std::shared_ptr<PluginNode>, PluginState>>>;

  // Does `work` on the plugin thread, then `then` with what it returned.
  template <class T>
  void backstage(std::function<T(const std::shared_ptr<Backstage>&)> work, std::function<void(T)> then);
  void restore(const std::shared_ptr<PluginNode>& node, const PluginState& state, Done<PortValues> done);
  void give_states(const StatesOwed& owed, std::function<void()> done);
  void note_hang(const PluginNode& node, const Error& error);
  [[nodiscard]] Result<std::shared_ptr<PluginNode>> running_at(const std::string& node) const;

  Post post_;
  PluginHostOptions options_;
  std::shared_ptr<Backstage> backstage_;
  PluginSet present_;
  std::vector<engine::PluginFailed> newly_failed_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace loophole::reference_signal
