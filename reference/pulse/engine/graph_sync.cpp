#include "engine/graph_sync.hpp"

#include <utility>

#include "loophole/model/graph_patch.hpp"
#include "loophole/wire/graph_digest.hpp"

namespace loophole::pulse {

GraphSync::Step GraphSync::step_to(const graph::Graph& wanted, Revision revision) const {
  if (live_) {
    std::vector<graph::Operation> operations = model::make_patch(live_->graph, wanted);
    if (operations.empty()) return {};
    // As many operations as the whole graph has parts say no less than it does, and cost more to apply.
    if (operations.size() < wanted.nodes.size() + wanted.connections.size())
      return graph::Patch{.base_revision = live_->revision, .revision = revision, .operations = std::move(operations)};
  }
  return graph::Replace{.revision = revision, .graph = wanted};
}

bool GraphSync::applied(graph::Graph wanted, const graph::AppliedReply& answer) {
  live_.reset();
  latency_frames_ = answer.latency_frames;
  if (answer.digest != wire::graph_digest(wanted)) return false;
  live_ = Live{.revision = answer.revision, .graph = std::move(wanted), .places = {}};
  for (std::size_t n = 0; n < live_->graph.nodes.size(); ++n) {
    const auto& parameters = live_->graph.nodes[n].parameters;
    for (std::size_t p = 0; p < parameters.size(); ++p) live_->places.emplace(parameters[p].handle, std::pair(n, p));
  }
  return true;
}

bool GraphSync::is_live(const Digest& digest) const {
  return live_ && wire::graph_digest(live_->graph) == digest;
}

void GraphSync::value_set(Handle handle, double value) {
  if (!live_) return;
  const auto place = live_->places.find(handle);
  if (place == live_->places.end()) return;
  live_->graph.nodes[place->second.first].parameters[place->second.second].value = value;
}

}  // namespace loophole::pulse
