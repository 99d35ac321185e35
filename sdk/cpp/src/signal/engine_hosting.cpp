#include <utility>

#include "engine_server_state.hpp"

namespace loophole::signal {
namespace {

Error at_node(Error error) {
  error.pointer = "/nodeId";
  return error;
}

}  // namespace

void EngineServer::State::serve_hosting() {
  in_order<device::List>([this](Kept<device::List> request) {
    engine.list_devices([request](Result<device::ListReply> devices) { request->answer(std::move(devices)); });
  });
  in_order<plugin::Scan>([this](Kept<plugin::Scan> request) {
    engine.scan_plugins([request](operation::Progress progress) { request->progress(std::move(progress)); },
                        [request](Result<plugin::ScanReply> found) { request->answer(std::move(found)); });
  });
  in_order<plugin::List>([this](Kept<plugin::List> request) {
    engine.list_plugins([request](Result<plugin::ListReply> plugins) { request->answer(std::move(plugins)); });
  });
  in_order<plugin::Info>([this](Kept<plugin::Info> request) {
    engine.plugin_info(request->command().plugin, [request](Result<plugin::InfoReply> info) { request->answer(std::move(info)); });
  });
  in_order<engine::PluginStateGet>([this](Kept<engine::PluginStateGet> request) { get_plugin_state(std::move(request)); });
  in_order<engine::PluginStateSet>([this](Kept<engine::PluginStateSet> request) { set_plugin_state(std::move(request)); });
}

Result<void> EngineServer::State::check_plugin_node(const GraphNodeId& id) const {
  const graph::GraphNode* node = live.node(id);
  if (node == nullptr) return at_node(make_error(errors::kGraphUnknownNode, "the live graph has no node \"" + id.str() + "\""));
  if (node->kind == graph::GraphNodeKind::plugin) return {};
  return at_node(make_error(errors::kNodeNoPlugin, "node \"" + id.str() + "\" is no plugin and has no state"));
}

void EngineServer::State::get_plugin_state(Kept<engine::PluginStateGet> request) {
  const GraphNodeId& node = request->command().node_id;
  if (auto checked = check_plugin_node(node); !checked) return request->fail(std::move(checked).error());
  engine.plugin_state(node, [request](Result<PluginState> state) {
    if (!state) return request->fail(std::move(state).error());
    request->reply({.state = *std::move(state)});
  });
}

void EngineServer::State::set_plugin_state(Kept<engine::PluginStateSet> request) {
  const engine::PluginStateSet& command = request->command();
  if (auto checked = check_plugin_node(command.node_id); !checked) return request->fail(std::move(checked).error());
  const auto has_it = [this, request](Result<std::vector<engine::HandleValue>> values) {
    if (!values) return request->fail(std::move(values).error());
    live.commit_state(request->command().node_id, request->command().state);
    live.commit(*values);
    port.parameters.push(leases.commits(*values));
    owe([request, reply = engine::PluginStateSetReply{.values = *std::move(values), .digest = *live.digest()}] { request->reply(reply); });
  };
  engine.set_plugin_state(command.node_id, command.state, hold_others_until<std::vector<engine::HandleValue>>(has_it));
}

}  // namespace loophole::signal
