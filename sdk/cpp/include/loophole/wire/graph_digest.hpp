#pragma once
// The digest of an engine graph: SHA-256 over a canonical form that does not depend on JSON, defined in protocol/graph-digest.md. Pulse
// computes it of what it derived, Signal of what it runs; equal digests mean equal graphs and equal committed values.

#include "loophole/messages/graph.hpp"

namespace loophole::wire {

// [any-thread] Order of nodes, parameters, clips and connections in `graph` does not matter.
[[nodiscard]] Digest graph_digest(const graph::Graph& graph);

}  // namespace loophole::wire
