#include "edits/edits.hpp"
#include "edits/refusals.hpp"
#include "model/catalogue.hpp"

namespace loophole::pulse::edits {
namespace {

constexpr std::size_t kMostNodes = 4'096;

}  // namespace

Result<Planned<node::AddReply>> plan(const EditContext& context, const node::Add& command) {
  const channel::Channel* channel = context.state.channel(command.channel_id);
  if (channel == nullptr) return no_channel(command.channel_id);
  const std::size_t count = channel->nodes.size();
  const auto end = static_cast<std::int64_t>(count);
  if (count >= kMostNodes) return full("nodes", kMostNodes);
  const std::int64_t index = command.index.value_or(end);
  if (index > end) return no_place(index, count, "nodes in the channel");
  auto node = make_node(command.kind, command.name, context.handles);
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

}  // namespace loophole::pulse::edits
