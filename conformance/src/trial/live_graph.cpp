#include "trial/live_graph.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "loophole/messages/errors.hpp"
#include "loophole/wire/graph_digest.hpp"

namespace loophole::conformance {
namespace {

std::optional<Error> invalid(const std::string& what) {
  return make_error(errors::kGraphInvalid, what);
}

// Whether a way along connections leads back to where it began.
bool has_cycle(const graph::Graph& graph) {
  std::map<std::string, std::vector<std::string>> ways;
  for (const graph::Connection& one : graph.connections) ways[one.from.value].push_back(one.to.value);
  std::map<std::string, int> seen;  // 1: under way, 2: done
  const auto walk = [&](const auto& self, const std::string& id) -> bool {
    if (seen[id] != 0) return seen[id] == 1;
    seen[id] = 1;
    for (const std::string& next : ways[id])
      if (self(self, next)) return true;
    seen[id] = 2;
    return false;
  };
  return std::ranges::any_of(graph.nodes, [&](const graph::GraphNode& node) { return walk(walk, node.id.value); });
}

std::optional<Error> fault_of(const graph::Graph& graph) {
  std::set<std::string> ids;
  std::set<Handle> handles;
  std::int64_t outputs = 0;
  for (const graph::GraphNode& node : graph.nodes) {
    if (!ids.insert(node.id.value).second) return invalid("the id '" + node.id.value + "' is there twice");
    if (node.kind == graph::GraphNodeKind::output) ++outputs;
    if (node.meter_handle && !handles.insert(*node.meter_handle).second) return invalid("a meter handle is there twice");
    for (const graph::GraphParameter& parameter : node.parameters) {
      if (!handles.insert(parameter.handle).second) return invalid("the handle " + std::to_string(parameter.handle) + " is there twice");
      if (parameter.value < parameter.minimum || parameter.value > parameter.maximum)
        return invalid("the value of " + std::to_string(parameter.handle) + " is outside of its range");
    }
  }
  if (outputs != 1) return invalid("there are " + std::to_string(outputs) + " outputs");
  for (const graph::Connection& one : graph.connections)
    if (!ids.contains(one.from.value) || !ids.contains(one.to.value)) return invalid("a connection to a node that is not there");
  if (has_cycle(graph)) return invalid("there is a cycle");
  return std::nullopt;
}

struct Operate {
  graph::Graph& on;

  [[nodiscard]] auto find(const GraphNodeId& id) const { return std::ranges::find(on.nodes, id, &graph::GraphNode::id); }
  bool operator()(const graph::AddNode& operation) const {
    if (find(operation.node.id) != on.nodes.end()) return false;
    on.nodes.push_back(operation.node);
    return true;
  }
  bool operator()(const graph::RemoveNode& operation) const {
    const auto found = find(operation.node_id);
    if (found == on.nodes.end()) return false;
    on.nodes.erase(found);
    std::erase_if(on.connections, [&](const auto& one) { return one.from == operation.node_id || one.to == operation.node_id; });
    return true;
  }
  bool operator()(const graph::ReplaceNode& operation) const {
    const auto found = find(operation.node.id);
    if (found == on.nodes.end()) return false;
    *found = operation.node;
    return true;
  }
  bool operator()(const graph::Connect& operation) const {
    if (std::ranges::find(on.connections, operation.connection) != on.connections.end()) return false;
    on.connections.push_back(operation.connection);
    return true;
  }
  bool operator()(const graph::Disconnect& operation) const { return std::erase(on.connections, operation.connection) == 1; }
};

graph::GraphParameter* find_parameter(graph::Graph& graph, Handle handle) {
  for (graph::GraphNode& node : graph.nodes)
    for (graph::GraphParameter& parameter : node.parameters)
      if (parameter.handle == handle) return &parameter;
  return nullptr;
}

}  // namespace

std::optional<Error> LiveGraph::replace(const graph::Replace& command) {
  if (auto fault = fault_of(command.graph)) return fault;
  graph_ = command.graph;
  revision_ = command.revision;
  there_ = true;
  return std::nullopt;
}

std::optional<Error> LiveGraph::patch(const graph::Patch& command) {
  if (!there_ || command.base_revision != revision_)
    return make_error(errors::kGraphWrongBase, "the live graph has revision " + std::to_string(revision_));
  graph::Graph next = graph_;
  for (std::size_t i = 0; i < command.operations.size(); ++i)
    if (!std::visit(Operate{next}, command.operations[i])) return invalid("operation " + std::to_string(i) + " does not fit");
  if (auto fault = fault_of(next)) return fault;
  graph_ = std::move(next);
  revision_ = command.revision;
  return std::nullopt;
}

std::optional<Error> LiveGraph::set(const std::vector<engine::HandleValue>& values) {
  for (const engine::HandleValue& one : values) {
    const graph::GraphParameter* known = parameter(one.handle);
    if (known == nullptr) return make_error(errors::kGraphUnknownHandle, "no parameter has the handle " + std::to_string(one.handle));
    if (one.value < known->minimum || one.value > known->maximum)
      return make_error(errors::kParameterOutOfRange, "the value for " + std::to_string(one.handle) + " is outside of its range");
  }
  for (const engine::HandleValue& one : values) find_parameter(graph_, one.handle)->value = one.value;
  return std::nullopt;
}

std::optional<Error> LiveGraph::set(const std::vector<engine::AutomationLane>& lanes) {
  for (const engine::AutomationLane& one : lanes)
    if (parameter(one.handle) == nullptr)
      return make_error(errors::kGraphUnknownHandle, "no parameter has the handle " + std::to_string(one.handle));
  for (const engine::AutomationLane& one : lanes) find_parameter(graph_, one.handle)->automation = one.automation;
  return std::nullopt;
}

Digest LiveGraph::digest() const {
  return wire::graph_digest(graph_);
}

const graph::GraphParameter* LiveGraph::parameter(Handle handle) const {
  for (const graph::GraphNode& node : graph_.nodes)
    for (const graph::GraphParameter& parameter : node.parameters)
      if (parameter.handle == handle) return &parameter;
  return nullptr;
}

std::optional<double> LiveGraph::value(Handle handle) const {
  const graph::GraphParameter* found = parameter(handle);
  return found == nullptr ? std::nullopt : std::optional(found->value);
}

const graph::GraphNode* LiveGraph::node_of_plugin() const {
  const auto found = std::ranges::find(graph_.nodes, graph::GraphNodeKind::plugin, &graph::GraphNode::kind);
  return found == graph_.nodes.end() ? nullptr : &*found;
}

}  // namespace loophole::conformance
