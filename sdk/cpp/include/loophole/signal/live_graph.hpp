#pragma once
// LiveGraph: the description of the graph that the engine runs, with the values committed since. Held on the I/O thread; digests and checks
// of handles and ranges come from here, so that the audio side needs to know nothing of either.

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>

#include "loophole/core/result.hpp"
#include "loophole/messages/engine.hpp"
#include "loophole/messages/graph.hpp"

namespace loophole::signal {

class LiveGraph {
 public:
  // Of the values of a parameter.
  struct Range {
    double minimum = 0;                                                                                     // in its unit
    double maximum = 0;                                                                                     // the same
    [[nodiscard]] bool holds(double value) const noexcept { return value >= minimum && value <= maximum; }  // false for NaN
  };

  // All functions are [owner-thread].

  // A graph that check_graph() let pass.
  void replace(graph::Replace replacement);
  [[nodiscard]] bool empty() const noexcept { return !graph_.has_value(); }
  // With the values committed since it went live; nullptr where there is none.
  [[nodiscard]] const graph::Graph* graph() const noexcept { return graph_ ? &*graph_ : nullptr; }
  [[nodiscard]] std::int64_t revision() const noexcept { return revision_; }

  // Of the graph with its committed values; nothing where there is no graph.
  [[nodiscard]] const std::optional<Digest>& digest();

  // The range of a parameter; nullptr: the graph has no such handle.
  [[nodiscard]] const Range* range(std::int64_t handle) const noexcept;

  // The committed value of a parameter; nothing: the graph has no such handle.
  [[nodiscard]] std::optional<double> value(std::int64_t handle) const noexcept;

  // A node by its id, with the state committed last; nullptr: the graph has no such node.
  [[nodiscard]] const graph::GraphNode* node(const GraphNodeId& id) const noexcept;
  // The plugin of a node of the graph has another state.
  void commit_state(const GraphNodeId& id, PluginState state);

  // Errors: graph.unknownHandle, parameter.outOfRange; both name the handle.
  [[nodiscard]] Result<void> check(std::span<const engine::HandleValue> values) const;
  // Takes over values that passed check().
  void commit(std::span<const engine::HandleValue> values);

  // Errors: graph.unknownHandle; automation.invalidPoints, where find_fault() finds one. Pointers into the command.
  [[nodiscard]] Result<void> check(std::span<const engine::AutomationLane> lanes) const;
  // Takes over automation that passed check().
  void commit(std::span<const engine::AutomationLane> lanes);

 private:
  struct Place {
    std::size_t node = 0;
    std::size_t parameter = 0;
    Range range;
  };
  std::optional<graph::Graph> graph_;
  std::int64_t revision_ = 0;
  std::unordered_map<std::int64_t, Place> places_;
  std::optional<Digest> digest_;
};

}  // namespace loophole::signal
