#pragma once
// Patches of engine graphs: what Pulse sends in graph.patch and what Signal makes of it, as pure functions.
//
//   auto operations = make_patch(live, wanted);              // Pulse
//   auto result = apply_patch(live, operations).value();     // Signal; equal to `wanted` but for the order of its lists
//
// Order of nodes and connections has no meaning in a graph; the digest does not depend on it.

#include <span>
#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/messages/graph.hpp"

namespace loophole::model {

// [any-thread] The steps from one graph to another: connections that go, nodes that go, nodes that are new or other, connections that are
// new. Empty where both are the same graph. Identifiers must be unique in each.
[[nodiscard]] std::vector<graph::Operation> make_patch(const graph::Graph& from, const graph::Graph& to);

// [any-thread] The graph after all operations, in their order. What comes out need not be a valid graph (see signal::check_graph). Error
// graph.invalid points at the operation at fault ("/operations/3/nodeId"): a node that is there already or is not there, a connection that
// is there already, is not there or names an unknown node.
[[nodiscard]] Result<graph::Graph> apply_patch(graph::Graph graph, std::span<const graph::Operation> operations);

}  // namespace loophole::model
