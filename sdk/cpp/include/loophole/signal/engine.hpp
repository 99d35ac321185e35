#pragma once
// Engine: what an author of an engine writes. EngineServer speaks the protocol and calls this on the I/O thread; the audio callback talks
// to the rt::AudioPort and is never called by Loophole.
//
//        Pulse, Aura                        I/O thread                                      audio thread
//   graph.replace     --> EngineServer --> Engine::replace_graph: compile, hand over  ...>  swap at a block boundary
//   stream frames     --> EngineServer --> AudioPort::parameters                      ...>  drain() at a block boundary
//   meters, transport <-- EngineServer <-- AudioPort::meters, ::transport             <...  publish() at the end of a block
//
// Handing over is asynchronous: a call returns a Ticket, and the answer to Pulse goes out when taken(ticket) says that the audio thread has
// it. The audio thread must not wake anybody, so EngineServer asks, about once a millisecond while an answer is owed.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/messages/device.hpp"
#include "loophole/messages/engine.hpp"
#include "loophole/messages/graph.hpp"
#include "loophole/messages/operation.hpp"
#include "loophole/messages/plugin.hpp"
#include "loophole/signal/automation.hpp"
#include "loophole/signal/graph_check.hpp"

namespace loophole::signal {

class Engine {
 public:
  // Rises with everything that is handed to the audio thread.
  using Ticket = std::uint64_t;
  // To be called exactly once, on the I/O thread; from within the call or later.
  template <class T>
  using Done = std::function<void(Result<T>)>;

  virtual ~Engine() = default;

  // All functions are [io-thread].

  // Starts the driver, or starts it again with another format; `done` says what is in effect. The same configuration again changes
  // nothing. Error engine.driverFailed: nothing runs, or what ran before goes on.
  virtual void configure(const engine::Configure& wanted, Done<engine::Effective> done) = 0;

  // Audio runs again with what was configured last; where it runs, nothing happens. Error engine.driverFailed.
  virtual void start(Done<void> done) = 0;
  // Audio stops and the device is let go; graph and position stay, and commands are answered as while no driver runs.
  virtual void stop() = 0;
  // What the engine does. Where it changes without a command, tell it with EngineServer::tell(engine::StateChanged).
  [[nodiscard]] virtual engine::StateReply state() const = 0;

  // Whether this engine has nodes of this kind. A graph with another one is refused with node.kindUnsupported and does not come here.
  [[nodiscard]] virtual bool has_kind(graph::GraphNodeKind /*kind*/) const { return true; }
  // Prepares a graph that passed check_graph() and hands it over. An error (graph.invalid for a key that a plugin does not have,
  // clip.fileUnreadable) leaves the old graph running. Both arguments live until `done` is called. Other commands wait for `done`; stream
  // frames do not: keep rt::ParameterFeed::mark() with the graph, or the audio thread will set values of before in the new graph.
  virtual void replace_graph(const graph::Graph& graph, const GraphOrder& order, Done<Ticket> done) = 0;
  // Longest way from a source to the output in the graph handed over last.
  [[nodiscard]] virtual std::int64_t latency_frames() const = 0;

  // Hands over other automation for parameters of the graph handed over last; it passed LiveGraph::check(). Prepare it with
  // prepare_automation(): the audio thread must neither make nor destroy it. A lane without automation takes it away. An engine that
  // leaves this as it is gets the whole graph again, with the values committed since.
  [[nodiscard]] virtual Result<Ticket> set_automation(std::span<const engine::AutomationLane> lanes);

  // Hands over a change of the transport; what is left out stays. A loop that is given ends behind its begin when it is enabled. Error
  // engine.unsupported: a loop, from an engine that does not loop.
  [[nodiscard]] virtual Result<Ticket> set_transport(const engine::TransportSet& change) = 0;
  [[nodiscard]] virtual engine::TransportState transport() const = 0;

  // Whether the audio thread has taken everything up to this ticket.
  [[nodiscard]] virtual bool taken(Ticket ticket) const = 0;

  // What the audio thread holds now, parameter by parameter; measured, not remembered.
  [[nodiscard]] virtual std::vector<engine::HandleValue> held_values() const = 0;

  // --- Devices. An engine that leaves this as it is has none to choose from.

  // Output devices that there are now.
  virtual void list_devices(Done<device::ListReply> done) { done(device::ListReply{}); }

  // --- Plugins. An engine that leaves these as they are hosts none. A graph with a plugin that cannot be used is no error: audio passes
  // the node by, its state is kept, and EngineServer::tell(engine::PluginFailed) says what is wrong.

  using Progress = std::function<void(operation::Progress)>;
  // Looks for plugins again; `progress` may be called any number of times before `done`. Other commands do not wait.
  virtual void scan_plugins(Progress progress, Done<plugin::ScanReply> done);
  // What the last scan found, by name; an engine that never looked, looks now. Other commands do not wait.
  virtual void list_plugins(Done<plugin::ListReply> done) { done(plugin::ListReply{}); }
  // Errors: plugin.notFound, plugin.faulty.
  virtual void plugin_info(const PluginId& plugin, Done<plugin::InfoReply> done);
  // `node` is of kind plugin and in the graph handed over last. Error plugin.faulty.
  virtual void plugin_state(const GraphNodeId& node, Done<PluginState> done);
  // Gives the plugin of such a node a state; `done` has the values of its parameters after it, which are committed from then on. Other
  // commands wait. Error plugin.faulty: the plugin is as it was.
  virtual void set_plugin_state(const GraphNodeId& node, const PluginState& state, Done<std::vector<engine::HandleValue>> done);

  // Called about once a millisecond while an answer is owed, and ten times a second otherwise: the place to free what the audio thread
  // gave back, to look after the driver, and, while no driver runs, to take what was handed over in the audio thread's stead.
  virtual void tick() = 0;
};

}  // namespace loophole::signal
