#pragma once
// Compiler: from the description of a graph to a plan, off the audio thread. Remembers the processors of the graph that it handed out last,
// so that a node which is in the next one too keeps its state.

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "clips/clip_library.hpp"
#include "graph/plan.hpp"
#include "loophole/core/result.hpp"
#include "loophole/messages/engine.hpp"
#include "loophole/messages/graph.hpp"
#include "loophole/signal/graph_check.hpp"
#include "nodes/sum.hpp"

namespace loophole::reference_signal {

struct PlanFormat {
  std::int64_t sample_rate_hz = 48'000;
  std::int64_t block_frames = 256;
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

class Compiler {
 public:
  // `spectra`: where analysers hand on what passes them; must outlive all processors.
  explicit Compiler(signal::rt::SpectrumBoard& spectra) : spectra_(spectra) {}

  // [io-thread] `clips` has all files that the graph names, `plugins` all its plugins. Error graph.invalid: a node has no parameter of a
  // key.
  [[nodiscard]] Result<std::unique_ptr<Plan>> compile(const graph::Graph& graph, const signal::GraphOrder& order, const ClipSet& clips,
                                                      const PluginProcessors& plugins, const PlanFormat& format);

  // [io-thread] Parameters of the graph that was compiled last.
  [[nodiscard]] const std::vector<HeldParameter>& held() const noexcept { return held_; }
  // [io-thread] Longest way from a source to the output of that graph, and the nodes that have a latency of their own.
  [[nodiscard]] const engine::LatencyChanged& latency() const noexcept { return latency_; }

 private:
  struct Known {
    graph::GraphNodeKind kind{};
    std::optional<Handle> meter_handle;
    std::shared_ptr<Processor> processor;
  };
  using Bank = std::unordered_map<std::string, Known>;

  [[nodiscard]] Known known_or_new(const graph::GraphNode& node, const PluginProcessors& plugins) const;

  signal::rt::SpectrumBoard& spectra_;
  std::shared_ptr<Processor> bypass_ = std::make_shared<Sum>();  // in the place of nodes that audio passes by: changes nothing
  Bank bank_;
  std::vector<HeldParameter> held_;
  engine::LatencyChanged latency_;
};

}  // namespace loophole::reference_signal
