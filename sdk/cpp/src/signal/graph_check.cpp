#include "loophole/signal/graph_check.hpp"

#include <algorithm>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "loophole/signal/automation.hpp"

namespace loophole::signal {
namespace {

Error invalid(std::string message, std::string pointer) {
  Error error = make_error(errors::kGraphInvalid, std::move(message));
  error.pointer = std::move(pointer);
  return error;
}

std::string node_pointer(std::size_t node) {
  return "/graph/nodes/" + std::to_string(node);
}

std::string in_quotes(std::string_view text) {
  return "'" + std::string(text) + "'";
}

std::string listed(const std::vector<std::string_view>& keys) {
  std::string text;
  for (const std::string_view key : keys) text += (text.empty() ? "" : ", ") + std::string(key);
  return text.empty() ? "none" : text;
}

// Keys of the parameters of a kind, as protocol/engine.md has them. Those of a plugin are the plugin's own affair: nothing.
std::optional<std::vector<std::string_view>> keys_of(graph::GraphNodeKind kind) {
  using Kind = graph::GraphNodeKind;
  if (kind == Kind::plugin) return std::nullopt;
  if (kind == Kind::test_tone) return {{"frequency", "level"}};
  if (kind == Kind::filter) return {{"cutoff", "resonance"}};
  if (kind == Kind::gain) return {{"gain"}};
  if (kind == Kind::pan) return {{"position"}};
  if (kind == Kind::delay) return {{"time", "feedback", "mix"}};
  if (kind == Kind::send) return {{"level"}};
  return std::vector<std::string_view>();
}

class Checker {
 public:
  explicit Checker(const graph::Graph& graph) : graph_(graph) {}

  Result<GraphOrder> run() {
    if (auto done = nodes(); !done) return done.error();
    if (auto done = connections(); !done) return done.error();
    if (auto done = sort(); !done) return done.error();
    return std::move(result_);
  }

 private:
  Result<void> nodes() {
    std::optional<std::size_t> output;
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const graph::GraphNode& node = graph_.nodes[i];
      if (node.kind == graph::GraphNodeKind::unknown) {
        Error error = make_error(errors::kNodeKindUnsupported,
                                 "node " + in_quotes(node.id.str()) + " is of a kind that this protocol version does not have");
        error.pointer = node_pointer(i) + "/kind";
        return error;
      }
      if (!index_.emplace(node.id.str(), i).second)
        return invalid("the node id " + in_quotes(node.id.str()) + " occurs twice", node_pointer(i) + "/id");
      if (node.kind == graph::GraphNodeKind::output) {
        if (output)
          return invalid(
              "the graph has more than one output: " + in_quotes(graph_.nodes[*output].id.str()) + " and " + in_quotes(node.id.str()),
              node_pointer(i));
        output = i;
      }
      if (auto done = node_members(i); !done) return done;
    }
    if (!output) return invalid("the graph has no output; it needs exactly one node of kind output", "/graph/nodes");
    result_.output = *output;
    return {};
  }

  Result<void> node_members(std::size_t i) {
    const graph::GraphNode& node = graph_.nodes[i];
    const bool is_meter = node.kind == graph::GraphNodeKind::meter || node.kind == graph::GraphNodeKind::analyser;
    if (is_meter != node.meter_handle.has_value())
      return invalid(is_meter ? "the " + std::string(to_string(node.kind)) + " " + in_quotes(node.id.str()) + " has no meterHandle"
                              : "node " + in_quotes(node.id.str()) + " has a meterHandle, but is neither meter nor analyser",
                     node_pointer(i) + "/meterHandle");
    const bool is_plugin = node.kind == graph::GraphNodeKind::plugin;
    if (is_plugin != node.plugin.has_value())
      return invalid("node " + in_quotes(node.id.str()) + (is_plugin ? " does not say which plugin it is" : " names a plugin, but is none"),
                     node_pointer(i) + "/plugin");
    if (node.state && !is_plugin)
      return invalid("node " + in_quotes(node.id.str()) + " has the state of a plugin, but is none", node_pointer(i) + "/state");
    if (is_meter)
      if (auto done = handle(*node.meter_handle, node_pointer(i) + "/meterHandle"); !done) return done;
    if (!node.clips.empty() && node.kind != graph::GraphNodeKind::clip_player)
      return invalid("node " + in_quotes(node.id.str()) + " has clips, but is no clipPlayer", node_pointer(i) + "/clips");

    const auto known = keys_of(node.kind);
    std::unordered_set<std::string_view> keys;
    for (std::size_t p = 0; p < node.parameters.size(); ++p) {
      const graph::GraphParameter& parameter = node.parameters[p];
      const std::string pointer = node_pointer(i) + "/parameters/" + std::to_string(p);
      if (known && std::ranges::find(*known, parameter.key) == known->end())
        return invalid("node " + in_quotes(node.id.str()) + " has no parameter " + in_quotes(parameter.key) + "; it has " + listed(*known),
                       pointer + "/key");
      if (!keys.insert(parameter.key).second)
        return invalid("node " + in_quotes(node.id.str()) + " has the parameter " + in_quotes(parameter.key) + " twice", pointer + "/key");
      if (auto done = handle(parameter.handle, pointer + "/handle"); !done) return done;
      if (!(parameter.minimum <= parameter.value && parameter.value <= parameter.maximum))
        return invalid("parameter " + in_quotes(parameter.key) + " of node " + in_quotes(node.id.str()) + " has the value " +
                           std::to_string(parameter.value) + " outside of its range " + std::to_string(parameter.minimum) + " to " +
                           std::to_string(parameter.maximum),
                       pointer + "/value");
      if (!parameter.automation) continue;
      if (const auto fault = find_fault(*parameter.automation, parameter.minimum, parameter.maximum))
        return invalid(
            "automation of parameter " + in_quotes(parameter.key) + " of node " + in_quotes(node.id.str()) + ": " + fault->message,
            pointer + "/automation" + fault->pointer);
    }
    return {};
  }

  Result<void> handle(std::int64_t handle, std::string pointer) {
    if (!handles_.insert(handle).second) return invalid("the handle " + std::to_string(handle) + " occurs twice", std::move(pointer));
    return {};
  }

  Result<void> connections() {
    result_.inputs.resize(graph_.nodes.size());
    followers_.resize(graph_.nodes.size());
    for (std::size_t i = 0; i < graph_.connections.size(); ++i) {
      const graph::Connection& connection = graph_.connections[i];
      const std::string pointer = "/graph/connections/" + std::to_string(i);
      const auto from = index_.find(connection.from.str());
      if (from == index_.end())
        return invalid("a connection comes from " + in_quotes(connection.from.str()) + ", which is no node of the graph",
                       pointer + "/from");
      const auto to = index_.find(connection.to.str());
      if (to == index_.end())
        return invalid("a connection goes to " + in_quotes(connection.to.str()) + ", which is no node of the graph", pointer + "/to");
      if (from->second == result_.output)
        return invalid("a connection comes from the output " + in_quotes(connection.from.str()), pointer + "/from");
      std::vector<std::size_t>& inputs = result_.inputs[to->second];
      for (const std::size_t other : inputs)
        if (other == from->second)
          return invalid(
              "the connection from " + in_quotes(connection.from.str()) + " to " + in_quotes(connection.to.str()) + " occurs twice",
              pointer);
      inputs.push_back(from->second);
      followers_[from->second].push_back(to->second);
    }
    return {};
  }

  // Kahn's algorithm; a queue by index keeps the order of the description where there is a choice.
  Result<void> sort() {
    std::vector<std::size_t> open(graph_.nodes.size());
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
    for (std::size_t i = 0; i < open.size(); ++i) {
      open[i] = result_.inputs[i].size();
      if (open[i] == 0) ready.push(i);
    }
    while (!ready.empty()) {
      const std::size_t node = ready.top();
      ready.pop();
      result_.order.push_back(node);
      for (const std::size_t follower : followers_[node])
        if (--open[follower] == 0) ready.push(follower);
    }
    if (result_.order.size() == graph_.nodes.size()) return {};
    return invalid("the graph has a cycle: " + cycle(open), "/graph/connections");
  }

  // Every node that is left has an input that is left: walking back from any of them must come around.
  std::string cycle(const std::vector<std::size_t>& open) const {
    std::size_t node = 0;
    while (open[node] == 0) ++node;
    std::vector<std::size_t> walk;
    std::vector<bool> seen(open.size());
    while (!seen[node]) {
      seen[node] = true;
      walk.push_back(node);
      for (const std::size_t input : result_.inputs[node])
        if (open[input] > 0) {
          node = input;
          break;
        }
    }
    std::string path = graph_.nodes[node].id.str();
    std::size_t at = walk.size();
    do {
      --at;
      path += " -> " + graph_.nodes[walk[at]].id.str();
    } while (walk[at] != node);
    return path;
  }

  const graph::Graph& graph_;
  GraphOrder result_;
  std::unordered_map<std::string_view, std::size_t> index_;
  std::unordered_set<std::int64_t> handles_;
  std::vector<std::vector<std::size_t>> followers_;
};

}  // namespace

Result<GraphOrder> check_graph(const graph::Graph& graph) {
  return Checker(graph).run();
}

}  // namespace loophole::signal
