#include "engine/graph_sync.hpp"

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "loophole/model/graph_patch.hpp"
#include "loophole/wire/graph_digest.hpp"

namespace loophole::pulse {

namespace {

constexpr std::size_t kMostLanes = 4'096;  // of one message

// The automation in which the nodes of a patch differ from those that are live; nothing where they differ in anything else.
std::optional<engine::AutomationSet> automation_alone(const graph::Graph& live, const std::vector<graph::Operation>& operations) {
  std::unordered_map<std::string, const graph::GraphNode*> nodes;
  for (const graph::GraphNode& node : live.nodes) nodes.emplace(node.id.str(), &node);
  engine::AutomationSet set;
  for (const graph::Operation& operation : operations) {
    const auto* replace = std::get_if<graph::ReplaceNode>(&operation);
    const auto before = replace != nullptr ? nodes.find(replace->node.id.str()) : nodes.end();
    if (before == nodes.end() || before->second->parameters.size() != replace->node.parameters.size()) return std::nullopt;
    graph::GraphNode automated = *before->second;
    for (std::size_t p = 0; p < automated.parameters.size(); ++p) {
      const graph::GraphParameter& wanted = replace->node.parameters[p];
      if (automated.parameters[p].automation != wanted.automation)
        set.lanes.push_back({.handle = wanted.handle, .automation = wanted.automation});
      automated.parameters[p].automation = wanted.automation;
    }
    if (automated != replace->node) return std::nullopt;
  }
  if (set.lanes.empty() || set.lanes.size() > kMostLanes) return std::nullopt;
  return set;
}

}  // namespace

GraphSync::Step GraphSync::step_to(const graph::Graph& wanted, Revision revision) const {
  if (live_) {
    std::vector<graph::Operation> operations = model::make_patch(live_->graph, wanted);
    if (operations.empty()) return {};
    if (auto automation = automation_alone(live_->graph, operations)) return *std::move(automation);
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
  index();
  return true;
}

void GraphSync::index() {
  live_->places.clear();
  for (std::size_t n = 0; n < live_->graph.nodes.size(); ++n) {
    const auto& parameters = live_->graph.nodes[n].parameters;
    for (std::size_t p = 0; p < parameters.size(); ++p) live_->places.emplace(parameters[p].handle, std::pair(n, p));
  }
}

bool GraphSync::automated(graph::Graph wanted, const Digest& digest) {
  if (!live_ || digest != wire::graph_digest(wanted)) {
    live_.reset();
    return false;
  }
  live_->graph = std::move(wanted);
  index();
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
