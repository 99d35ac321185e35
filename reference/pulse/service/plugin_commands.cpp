#include "edits/refusals.hpp"
#include "service/forward.hpp"
#include "service/hub.hpp"

namespace loophole::pulse {
namespace {

// The node of a command about a plugin. Errors: project.none, node.notFound, node.noPlugin.
Result<const node::Node*> plugin_node(Hub& hub, const NodeId& id) {
  auto document = hub.need_document();
  if (!document) return std::move(document).error();
  const node::Node* node = (*document)->state().node(id);
  if (node == nullptr) return edits::no_node(id);
  if (!node->plugin)
    return edits::pointed(make_error(errors::kNodeNoPlugin, "\"" + node->name + "\" is no plugin and has no state"), "/nodeId");
  return node;
}

// The engine speaks of nodes of its graph; these keep the id that they have in the project.
GraphNodeId in_graph(const node::Node& node) {
  return GraphNodeId(node.id.str());
}

void get_state(Hub& hub, session::Server::Request<plugin::StateGet> request) {
  hub.flush();
  auto node = plugin_node(hub, request.command().node_id);
  if (!node) return request.fail(std::move(node).error());
  const engine::PluginStateGet ask{.node_id = in_graph(**node)};
  hub.engine().when_settled([&hub, ask, owed = owed(std::move(request))](bool running) {
    if (!running) return owed->fail(hub.engine().unavailable());
    hub.engine().call(ask, [owed](Result<engine::PluginStateReply> answer) {
      if (!answer) return owed->fail(about_command(std::move(answer).error()));
      owed->reply({.state = std::move(answer->state)});
    });
  });
}

// State, and the values of parameters that came with it, as one step.
void commit_state(Hub& hub, std::shared_ptr<session::Server::Request<plugin::StateSet>> owed,
                  const std::vector<engine::HandleValue>& values) {
  auto node = plugin_node(hub, owed->command().node_id);
  if (!node) return owed->fail(std::move(node).error());
  Edit edit{.label = "Set State of \"" + (*node)->name + "\"", .changes = {}};
  edit.changes.emplace_back(project::NodeChanged{.node_id = (*node)->id,
                                                 .name = (*node)->name,
                                                 .bypassed = (*node)->bypassed,
                                                 .status = (*node)->status,
                                                 .state = owed->command().state});
  for (const parameter::Parameter& parameter : (*node)->parameters)
    for (const engine::HandleValue& value : values)
      if (value.handle == parameter.handle && value.value != parameter.value)
        edit.changes.emplace_back(project::ParameterChanged{.parameter_id = parameter.id, .value = value.value});
  const MessageId command = owed->command_id();
  hub.submit(std::move(edit), {.cause = cause_of(*owed)}, command, [&hub, owed](Result<Revision> revision) {
    if (!revision) {
      hub.engine().send_anew();  // it has the state that the project could not keep
      return owed->fail(std::move(revision).error());
    }
    owed->reply({.revision = *revision});
  });
  hub.flush();
}

void set_state(Hub& hub, session::Server::Request<plugin::StateSet> request) {
  hub.flush();
  auto node = plugin_node(hub, request.command().node_id);
  if (!node) return request.fail(std::move(node).error());
  const engine::PluginStateSet give{.node_id = in_graph(**node), .state = request.command().state};
  hub.engine().when_settled([&hub, give, owed = owed(std::move(request))](bool running) {
    // Without an engine the state waits in the project, and goes with the graph.
    if (!running) return commit_state(hub, owed, {});
    hub.engine().call(give, [&hub, owed](Result<engine::PluginStateSetReply> answer) {
      if (!answer && !is(answer.error(), errors::kEngineUnavailable)) return owed->fail(about_command(std::move(answer).error()));
      if (!answer) return commit_state(hub, owed, {});
      hub.engine().values_set(answer->values);
      commit_state(hub, owed, answer->values);
    });
  });
}

}  // namespace

void serve_plugins(Hub& hub) {
  forward<plugin::Scan>(hub, [&hub] {
    // What was installed meanwhile is found by a graph that has it.
    if (hub.plugins().has_failures()) hub.engine().send_anew();
  });
  forward<plugin::List>(hub);
  forward<plugin::Info>(hub);
  hub.server().on<plugin::StateGet>([&hub](session::Server::Request<plugin::StateGet> request) { get_state(hub, std::move(request)); });
  hub.server().on<plugin::StateSet>([&hub](session::Server::Request<plugin::StateSet> request) { set_state(hub, std::move(request)); });
}

}  // namespace loophole::pulse
