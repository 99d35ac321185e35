#include "loophole/model/graph_patch.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>

namespace loophole::model {
namespace {

struct ConnectionHash {
  std::size_t operator()(const graph::Connection& connection) const noexcept {
    const std::size_t from = std::hash<GraphNodeId>{}(connection.from);
    return std::hash<GraphNodeId>{}(connection.to) ^ (from * 31 + 17);
  }
};
using Connections = std::unordered_set<graph::Connection, ConnectionHash>;

std::string words(const graph::Connection& connection) {
  return "from '" + connection.from.str() + "' to '" + connection.to.str() + "'";
}

// A graph with an index, so that a patch of many steps costs what its steps cost.
class Workbench {
 public:
  explicit Workbench(graph::Graph graph) : graph_(std::move(graph)) {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) places_.emplace(graph_.nodes[i].id, i);
    connections_.insert(graph_.connections.begin(), graph_.connections.end());
  }

  // The pointer in an error is into the operation.
  Result<void> operator()(const graph::AddNode& add) {
    const auto [place, is_new] = places_.emplace(add.node.id, graph_.nodes.size());
    if (!is_new) return fault("the graph has a node '" + add.node.id.str() + "' already; node.replace changes it", "/node/id");
    graph_.nodes.push_back(add.node);
    return {};
  }
  Result<void> operator()(const graph::RemoveNode& remove) {
    const auto place = places_.find(remove.node_id);
    if (place == places_.end()) return no_node(remove.node_id, "/nodeId");
    const std::size_t gap = place->second;
    places_.erase(place);
    if (gap + 1 != graph_.nodes.size()) {
      graph_.nodes[gap] = std::move(graph_.nodes.back());
      places_[graph_.nodes[gap].id] = gap;
    }
    graph_.nodes.pop_back();
    if (std::erase_if(connections_, [&](const graph::Connection& one) { return one.from == remove.node_id || one.to == remove.node_id; }) >
        0)
      connections_changed_ = true;
    return {};
  }
  Result<void> operator()(const graph::ReplaceNode& replace) {
    const auto place = places_.find(replace.node.id);
    if (place == places_.end()) return no_node(replace.node.id, "/node/id");
    graph_.nodes[place->second] = replace.node;
    return {};
  }
  Result<void> operator()(const graph::Connect& connect) {
    const graph::Connection& connection = connect.connection;
    if (!places_.contains(connection.from)) return no_node(connection.from, "/connection/from");
    if (!places_.contains(connection.to)) return no_node(connection.to, "/connection/to");
    if (!connections_.insert(connection).second) return fault("there is a connection " + words(connection) + " already", "/connection");
    connections_changed_ = true;
    return {};
  }
  Result<void> operator()(const graph::Disconnect& disconnect) {
    if (connections_.erase(disconnect.connection) == 0)
      return fault("there is no connection " + words(disconnect.connection), "/connection");
    connections_changed_ = true;
    return {};
  }

  graph::Graph finish() && {
    if (connections_changed_) {
      graph_.connections.assign(connections_.begin(), connections_.end());
      // A set has an order of its own; the one of names is the same everywhere.
      std::sort(graph_.connections.begin(), graph_.connections.end(), [](const graph::Connection& a, const graph::Connection& b) {
        return a.from != b.from ? a.from.str() < b.from.str() : a.to.str() < b.to.str();
      });
    }
    return std::move(graph_);
  }

 private:
  static Error fault(std::string message, std::string pointer) {
    Error error = make_error(errors::kGraphInvalid, std::move(message));
    error.pointer = std::move(pointer);
    return error;
  }
  static Error no_node(const GraphNodeId& id, std::string pointer) {
    return fault("the graph has no node '" + id.str() + "'", std::move(pointer));
  }

  graph::Graph graph_;
  std::unordered_map<GraphNodeId, std::size_t> places_;
  Connections connections_;
  bool connections_changed_ = false;
};

}  // namespace

std::vector<graph::Operation> make_patch(const graph::Graph& from, const graph::Graph& to) {
  std::vector<graph::Operation> operations;
  std::unordered_map<GraphNodeId, const graph::GraphNode*> old_nodes;
  for (const graph::GraphNode& node : from.nodes) old_nodes.emplace(node.id, &node);
  std::unordered_set<GraphNodeId> wanted;
  for (const graph::GraphNode& node : to.nodes) wanted.insert(node.id);
  const Connections old_connections(from.connections.begin(), from.connections.end());
  const Connections new_connections(to.connections.begin(), to.connections.end());

  // Connections of a node that goes go with it.
  for (const graph::Connection& connection : from.connections)
    if (!new_connections.contains(connection) && wanted.contains(connection.from) && wanted.contains(connection.to))
      operations.emplace_back(graph::Disconnect{.connection = connection});
  for (const graph::GraphNode& node : from.nodes)
    if (!wanted.contains(node.id)) operations.emplace_back(graph::RemoveNode{.node_id = node.id});
  for (const graph::GraphNode& node : to.nodes) {
    const auto old = old_nodes.find(node.id);
    if (old == old_nodes.end())
      operations.emplace_back(graph::AddNode{.node = node});
    else if (!(*old->second == node))
      operations.emplace_back(graph::ReplaceNode{.node = node});
  }
  for (const graph::Connection& connection : to.connections)
    if (!old_connections.contains(connection)) operations.emplace_back(graph::Connect{.connection = connection});
  return operations;
}

Result<graph::Graph> apply_patch(graph::Graph graph, std::span<const graph::Operation> operations) {
  Workbench bench(std::move(graph));
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (auto done = std::visit(bench, operations[i]); !done) {
      Error error = std::move(done).error();
      error.pointer = "/operations/" + std::to_string(i) + error.pointer.value_or("");
      return error;
    }
  }
  return std::move(bench).finish();
}

}  // namespace loophole::model
