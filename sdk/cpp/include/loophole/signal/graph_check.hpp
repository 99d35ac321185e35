#pragma once
// check_graph: the rules that every engine keeps before it makes a graph live. Pure; the same graph is refused by every engine for the
// same reason.

#include <cstddef>
#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/messages/graph.hpp"

namespace loophole::signal {

// A graph that passed, as indices into graph.nodes.
struct GraphOrder {
  std::vector<std::size_t> order;                // every node after its inputs; of nodes that could change places, the earlier one first
  std::vector<std::vector<std::size_t>> inputs;  // of each node, in the order of graph.connections
  std::size_t output = 0;                        // the one output
};

// [any-thread] Errors: node.kindUnsupported; graph.invalid for an id, key or handle that occurs twice, a key that its kind of node does not
// have (those of plugins are the engine's affair), a connection that names an unknown node or occurs twice, a value outside of its range,
// automation whose points are wrong, a meter without a handle, clips on a node that plays none, no output or more than one, something
// connected behind it, and a cycle, which is named node by node.
[[nodiscard]] Result<GraphOrder> check_graph(const graph::Graph& graph);

}  // namespace loophole::signal
