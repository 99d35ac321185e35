#include "loophole/signal/live_graph.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "loophole/signal/automation.hpp"
#include "loophole/wire/graph_digest.hpp"

namespace loophole::signal {
namespace {

Error unknown_handle(std::int64_t handle, std::string pointer) {
  Error error = make_error(errors::kGraphUnknownHandle,
                           "the live graph has no parameter with the handle " + std::to_string(handle) + "; nothing was set");
  error.pointer = std::move(pointer);
  return error;
}

}  // namespace

void LiveGraph::replace(graph::Replace replacement) {
  graph_ = std::move(replacement.graph);
  revision_ = replacement.revision;
  digest_.reset();
  places_.clear();
  for (std::size_t n = 0; n < graph_->nodes.size(); ++n) {
    const auto& parameters = graph_->nodes[n].parameters;
    for (std::size_t p = 0; p < parameters.size(); ++p)
      places_.emplace(parameters[p].handle, Place{n, p, {parameters[p].minimum, parameters[p].maximum}});
  }
}

const std::optional<Digest>& LiveGraph::digest() {
  if (!digest_ && graph_) digest_ = wire::graph_digest(*graph_);
  return digest_;
}

const LiveGraph::Range* LiveGraph::range(std::int64_t handle) const noexcept {
  const auto place = places_.find(handle);
  return place == places_.end() ? nullptr : &place->second.range;
}

std::optional<double> LiveGraph::value(std::int64_t handle) const noexcept {
  const auto place = places_.find(handle);
  if (place == places_.end()) return std::nullopt;
  return graph_->nodes[place->second.node].parameters[place->second.parameter].value;
}

const graph::GraphNode* LiveGraph::node(const GraphNodeId& id) const noexcept {
  if (!graph_) return nullptr;
  const auto found = std::ranges::find(graph_->nodes, id, &graph::GraphNode::id);
  return found == graph_->nodes.end() ? nullptr : &*found;
}

void LiveGraph::commit_state(const GraphNodeId& id, PluginState state) {
  if (!graph_) return;
  const auto found = std::ranges::find(graph_->nodes, id, &graph::GraphNode::id);
  if (found == graph_->nodes.end()) return;
  found->state = std::move(state);
  digest_.reset();
}

Result<void> LiveGraph::check(std::span<const engine::HandleValue> values) const {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& [handle, value] = values[i];
    const std::string pointer = "/values/" + std::to_string(i);
    const Range* allowed = range(handle);
    if (allowed == nullptr) return unknown_handle(handle, pointer + "/handle");
    if (!allowed->holds(value)) {
      Error error = make_error(errors::kParameterOutOfRange, "the parameter with the handle " + std::to_string(handle) + " goes from " +
                                                                 std::to_string(allowed->minimum) + " to " +
                                                                 std::to_string(allowed->maximum) + "; nothing was set");
      error.pointer = pointer + "/value";
      return error;
    }
  }
  return {};
}

void LiveGraph::commit(std::span<const engine::HandleValue> values) {
  for (const auto& [handle, value] : values) {
    const auto place = places_.find(handle);
    if (place == places_.end()) continue;
    graph_->nodes[place->second.node].parameters[place->second.parameter].value = value;
    digest_.reset();
  }
}

Result<void> LiveGraph::check(std::span<const engine::AutomationLane> lanes) const {
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const std::string pointer = "/lanes/" + std::to_string(i);
    const Range* allowed = range(lanes[i].handle);
    if (allowed == nullptr) return unknown_handle(lanes[i].handle, pointer + "/handle");
    if (!lanes[i].automation) continue;
    const auto fault = find_fault(*lanes[i].automation, allowed->minimum, allowed->maximum);
    if (!fault) continue;
    Error error = make_error(errors::kAutomationInvalidPoints,
                             "automation of the handle " + std::to_string(lanes[i].handle) + ": " + fault->message + "; nothing was set");
    error.pointer = pointer + "/automation" + fault->pointer;
    return error;
  }
  return {};
}

void LiveGraph::commit(std::span<const engine::AutomationLane> lanes) {
  for (const engine::AutomationLane& lane : lanes) {
    const auto place = places_.find(lane.handle);
    if (place == places_.end()) continue;
    graph_->nodes[place->second.node].parameters[place->second.parameter].automation = lane.automation;
    digest_.reset();
  }
}

}  // namespace loophole::signal
