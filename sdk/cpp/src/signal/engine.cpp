#include "loophole/signal/engine.hpp"

namespace loophole::signal {
namespace {

Error hosts_none(const GraphNodeId& node) {
  return make_error(errors::kPluginFaulty, "node \"" + node.str() + "\" passes audio by: this engine hosts no plugins");
}

}  // namespace

Result<Engine::Ticket> Engine::set_automation(std::span<const engine::AutomationLane> /*lanes*/) {
  return make_error(errors::kEngineUnsupported, "this engine takes automation with whole graphs only");
}

void Engine::scan_plugins(Progress /*progress*/, Done<plugin::ScanReply> done) {
  done(plugin::ScanReply{});
}

void Engine::plugin_info(const PluginId& plugin, Done<plugin::InfoReply> done) {
  Error error = make_error(errors::kPluginNotFound, "there is no plugin \"" + plugin.str() + "\": this engine hosts none");
  error.pointer = "/plugin";
  done(std::move(error));
}

void Engine::plugin_state(const GraphNodeId& node, Done<PluginState> done) {
  done(hosts_none(node));
}

void Engine::set_plugin_state(const GraphNodeId& node, const PluginState& /*state*/, Done<std::vector<engine::HandleValue>> done) {
  done(hosts_none(node));
}

}  // namespace loophole::signal
