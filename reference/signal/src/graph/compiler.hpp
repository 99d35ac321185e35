#pragma once
// Compiler: from the description of a graph to a plan, off the audio thread, in two steps: prepare() may fail and changes nothing,
// assemble() cannot fail. Remembers the graphs that it handed out last, so that a node which is in the next one too keeps its state, and
// what is not fades out.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "clips/clip_schedule.hpp"
#include "graph/layout.hpp"
#include "graph/plan.hpp"
#include "loophole/core/result.hpp"
#include "loophole/messages/graph.hpp"
#include "loophole/signal/graph_check.hpp"
#include "nodes/sum.hpp"

namespace loophole::reference_signal {

struct PlanFormat {
  std::int64_t sample_rate_hz = 48'000;
  std::int64_t block_frames = 256;
  bool offline = false;  // by a driver that has time: what is heard depends on no clock
  friend bool operator==(const PlanFormat&, const PlanFormat&) = default;
};

// What is at the nodes of kind plugin, by id: made elsewhere, since starting a plugin takes time.
using PluginProcessors = std::unordered_map<std::string, std::shared_ptr<Processor>>;

// A parameter of the graph that was compiled last; the processor keeps it alive.
struct HeldParameter {
  std::int64_t handle = 0;
  std::shared_ptr<Processor> owner;
  const SmoothedParameter* parameter = nullptr;
};

// A graph that can be made into a plan.
struct Prepared {
  Layout layout;  // nodes in the order of the graph; wires come with assemble()
  std::vector<Binding> bindings;
  std::vector<HeldParameter> held;  // one for each binding
  std::vector<SmoothedParameter*> unbound;
  signal::GraphOrder order;
  PlanFormat format;
};

class Compiler {
 public:
  // Makes nodes of kind plugin where `plugins` has none for them; nullptr: they are refused.
  using MakeNode = std::function<std::shared_ptr<Processor>(const graph::GraphNode&)>;

  // `spectra`: where analysers hand on what passes them; must outlive all processors.
  explicit Compiler(signal::rt::SpectrumBoard& spectra, MakeNode make_plugin = {})
      : spectra_(spectra), make_plugin_(std::move(make_plugin)) {}

  // All functions are [io-thread].

  // `clips` has all files that the graph names, `plugins` all its plugins. Errors: node.kindUnsupported; graph.invalid, a node has no
  // parameter of a key.
  [[nodiscard]] Result<Prepared> prepare(const graph::Graph& graph, const signal::GraphOrder& order, const ClipSet& clips,
                                         const PluginProcessors& plugins, const PlanFormat& format);
  // A plan that follows the one assembled last, or the one before it where the last one was withdrawn and will never be live.
  [[nodiscard]] std::unique_ptr<Plan> assemble(Prepared prepared, bool last_was_withdrawn);

  // The plan that was assembled last is live: what was before it is let go.
  void settle() { base_ = {}; }

  // Of the graph that was assembled last.
  [[nodiscard]] const std::vector<HeldParameter>& held() const noexcept { return held_; }
  [[nodiscard]] const Layout& layout() const noexcept { return newest_; }
  // Whether the plan that was assembled last has parts that are of no use once they have faded.
  [[nodiscard]] bool has_leftovers() const noexcept { return has_leftovers_; }
  // Whether a node has another latency now than the graph was compiled with.
  [[nodiscard]] bool latency_changed() const;
  // The node of a number; empty: it is of a graph of long ago.
  [[nodiscard]] std::string name(std::uint32_t number) const;

 private:
  using NodesById = std::unordered_map<std::string, std::vector<const KnownNode*>>;
  [[nodiscard]] NodesById known_nodes() const;
  [[nodiscard]] KnownNode known_or_new(const graph::GraphNode& node, const NodesById& known_nodes, const PluginProcessors& plugins,
                                       double sample_rate);
  [[nodiscard]] std::shared_ptr<Processor> make_processor(const graph::GraphNode& node, double sample_rate) const;

  signal::rt::SpectrumBoard& spectra_;
  MakeNode make_plugin_;
  std::shared_ptr<Processor> output_ = std::make_shared<Sum>();  // one for all graphs: there is always exactly one, whatever it is called
  Layout base_;                                                  // of the plan before the newest
  Layout newest_;                                                // of the plan that was assembled last
  std::vector<HeldParameter> held_;
  std::uint32_t last_number_ = 0;
  bool has_leftovers_ = false;
};

// [any-thread] The parts of a plan for `next`, after one for `base`; gives `next` its wires.
[[nodiscard]] PlanParts connect(Layout& next, const signal::GraphOrder& order, const Layout& base, const PlanFormat& format);

}  // namespace loophole::reference_signal
