#include "edits/edits.hpp"
#include "edits/refusals.hpp"
#include "model/catalogue.hpp"

namespace loophole::pulse::edits {
namespace {

constexpr std::size_t kMostNodes = 4'096;

template <class Command>
Result<node::Node> new_node(const EditContext& context, const Command& command) {
  if (command.kind == node::NodeKind::plugin) {
    if (!command.plugin)
      return invalid("a node of kind plugin names its plugin; plugin.list has them", "/plugin", "required", "a plugin", "none");
    if (context.plugin == nullptr)
      return pointed(make_error(errors::kEngineUnavailable, "what a plugin is like is known to the engine, and there is none"), "/plugin");
    return make_plugin_node(*context.plugin, command.name, context.handles);
  }
  if (command.plugin)
    return invalid("a node of kind " + std::string(to_string(command.kind)) + " is no plugin; leave the plugin out, or send kind plugin",
                   "/plugin", "plugin", "no plugin", command.plugin->str());
  return make_node(command.kind, command.name, context.handles);
}

}  // namespace

Result<Planned<node::AddReply>> plan(const EditContext& context, const node::Add& command) {
  const channel::Channel* channel = context.state.channel(command.channel_id);
  if (channel == nullptr) return no_channel(command.channel_id);
  const std::size_t count = channel->nodes.size();
  const auto end = static_cast<std::int64_t>(count);
  if (count >= kMostNodes) return full("nodes", kMostNodes, "/channelId");
  const std::int64_t index = command.index.value_or(end);
  if (index > end) return no_place_to_add(index, count, "nodes in the channel");
  auto node = new_node(context, command);
  if (!node) return std::move(node).error();
  node::AddReply reply{.node_id = node->id, .revision = 0};
  std::string label = "Add " + node->name;
  return Planned<node::AddReply>{
      .edit = {.label = std::move(label),
               .changes = {project::NodeAdded{.channel_id = command.channel_id, .index = index, .node = *std::move(node)}}},
      .reply = std::move(reply)};
}

Result<Planned<Edited>> plan(const EditContext& context, const node::Remove& command) {
  ChannelId owner;
  const node::Node* node = context.state.node(command.node_id, &owner);
  if (node == nullptr) return no_node(command.node_id);
  return Planned<Edited>{
      .edit = {.label = "Remove " + node->name, .changes = {project::NodeRemoved{.channel_id = owner, .node_id = command.node_id}}},
      .reply = {}};
}

Result<Planned<Edited>> plan(const EditContext& context, const node::Move& command) {
  ChannelId owner;
  const node::Node* node = context.state.node(command.node_id, &owner);
  if (node == nullptr) return no_node(command.node_id);
  const ChannelId target = command.channel_id.value_or(owner);
  const channel::Channel* channel = context.state.channel(target);
  if (channel == nullptr) return no_channel(target);
  const std::size_t others = channel->nodes.size() - (target == owner ? 1 : 0);
  if (others >= kMostNodes) return full("nodes", kMostNodes, "/channelId");
  if (command.index > static_cast<std::int64_t>(others)) return no_place_to_move(command.index, others, "other nodes in the channel");
  return Planned<Edited>{.edit = {.label = "Move " + node->name,
                                  .changes = {project::NodeMoved{.node_id = node->id, .channel_id = target, .index = command.index}}},
                         .reply = {}};
}

Result<Planned<Edited>> plan(const EditContext& context, const node::SetBypass& command) {
  const node::Node* node = context.state.node(command.node_id);
  if (node == nullptr) return no_node(command.node_id);
  // Whoever switches on again what crashed too often gives it another chance.
  const NodeStatus status = !command.bypassed && node->status == NodeStatus::crashed ? NodeStatus::ready : node->status;
  return Planned<Edited>{
      .edit = {.label = (command.bypassed ? "Bypass " : "End Bypass of ") + node->name,
               .changes = {project::NodeChanged{
                   .node_id = node->id, .name = node->name, .bypassed = command.bypassed, .status = status, .state = node->state}}},
      .reply = {}};
}

Result<Planned<node::AddReply>> plan(const EditContext& context, const node::Replace& command) {
  ChannelId owner;
  const node::Node* node = context.state.node(command.node_id, &owner);
  if (node == nullptr) return no_node(command.node_id);
  const std::vector<node::Node>& chain = context.state.channel(owner)->nodes;
  const std::int64_t index = node - chain.data();
  auto next = new_node(context, command);
  if (!next) return std::move(next).error();
  node::AddReply reply{.node_id = next->id, .revision = 0};
  std::string label = "Replace " + node->name + " with " + next->name;
  return Planned<node::AddReply>{.edit = {.label = std::move(label),
                                          .changes = {project::NodeRemoved{.channel_id = owner, .node_id = node->id},
                                                      project::NodeAdded{.channel_id = owner, .index = index, .node = *std::move(next)}}},
                                 .reply = std::move(reply)};
}

}  // namespace loophole::pulse::edits
