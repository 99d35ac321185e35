#pragma once
// Errors of a patched graph say where in the graph the fault is; whoever sent the patch needs to know which of its operations it was.

#include <span>
#include <vector>

#include "loophole/core/error.hpp"
#include "loophole/messages/graph.hpp"

namespace loophole::signal {

// [any-thread] Ids of the nodes of a graph, in their order.
[[nodiscard]] std::vector<GraphNodeId> node_ids(const graph::Graph& graph);

// [any-thread] The same error with its pointer into the graph ("/graph/nodes/2/kind") made one into the patch ("/operations/5/node/kind"),
// or with none where no single operation is at fault: a cycle, a node of before that lost its place.
[[nodiscard]] Error point_into_patch(Error error, std::span<const GraphNodeId> nodes, std::span<const graph::Connection> connections,
                                     std::span<const graph::Operation> operations);

}  // namespace loophole::signal
