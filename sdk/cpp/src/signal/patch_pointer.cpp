#include "patch_pointer.hpp"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace loophole::signal {
namespace {

// "/graph/nodes/12/kind" with the list "/graph/nodes/": 12 and "/kind".
struct Place {
  std::size_t index = 0;
  std::string_view rest;
};
std::optional<Place> place_in(std::string_view pointer, std::string_view list) {
  if (!pointer.starts_with(list)) return std::nullopt;
  pointer.remove_prefix(list.size());
  Place place;
  const auto [end, failed] = std::from_chars(pointer.data(), pointer.data() + pointer.size(), place.index);
  if (failed != std::errc()) return std::nullopt;
  place.rest = pointer.substr(static_cast<std::size_t>(end - pointer.data()));
  return place;
}

bool puts(const graph::Operation& operation, const GraphNodeId& id) {
  if (const auto* add = std::get_if<graph::AddNode>(&operation)) return add->node.id == id;
  if (const auto* replace = std::get_if<graph::ReplaceNode>(&operation)) return replace->node.id == id;
  return false;
}

bool makes(const graph::Operation& operation, const graph::Connection& connection) {
  const auto* connect = std::get_if<graph::Connect>(&operation);
  return connect != nullptr && connect->connection == connection;
}

// The last operation that matches: what came before it was overwritten.
template <class Matches>
std::optional<std::string> operation_pointer(std::span<const graph::Operation> operations, std::string_view rest, Matches matches) {
  for (std::size_t i = operations.size(); i-- > 0;)
    if (matches(operations[i])) return "/operations/" + std::to_string(i) + std::string(rest);
  return std::nullopt;
}

}  // namespace

std::vector<GraphNodeId> node_ids(const graph::Graph& graph) {
  std::vector<GraphNodeId> ids;
  ids.reserve(graph.nodes.size());
  for (const graph::GraphNode& node : graph.nodes) ids.push_back(node.id);
  return ids;
}

Error point_into_patch(Error error, std::span<const GraphNodeId> nodes, std::span<const graph::Connection> connections,
                       std::span<const graph::Operation> operations) {
  const std::string in_graph = std::exchange(error.pointer, std::nullopt).value_or("");
  if (const auto node = place_in(in_graph, "/graph/nodes/"); node && node->index < nodes.size())
    error.pointer = operation_pointer(operations, "/node" + std::string(node->rest),
                                      [&](const graph::Operation& one) { return puts(one, nodes[node->index]); });
  else if (const auto connection = place_in(in_graph, "/graph/connections/"); connection && connection->index < connections.size())
    error.pointer = operation_pointer(operations, "/connection" + std::string(connection->rest),
                                      [&](const graph::Operation& one) { return makes(one, connections[connection->index]); });
  return error;
}

}  // namespace loophole::signal
