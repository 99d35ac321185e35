#include "edits/edits.hpp"
#include "edits/refusals.hpp"
#include "model/catalogue.hpp"

namespace loophole::pulse::edits {
namespace {

constexpr std::size_t kMostNodes = 4'096;

}  // namespace

Result<Planned<node::AddReply>> plan(const EditContext& context, const node::Add& command) {
  const track::Track* track = context.state.track(command.track_id);
  if (track == nullptr) return no_track(command.track_id);
  const std::size_t count = track->nodes.size();
  const auto end = static_cast<std::int64_t>(count);
  if (count >= kMostNodes) return full("nodes", kMostNodes);
  const std::int64_t index = command.index.value_or(end);
  if (index > end) return no_place(index, count, "nodes on the track");
  auto node = make_node(command.kind, command.name, context.handles);
  if (!node) return std::move(node).error();
  node::AddReply reply{.node_id = node->id, .revision = 0};
  std::string label = "Add " + node->name;
  return Planned<node::AddReply>{
      .edit = {.label = std::move(label),
               .changes = {project::NodeAdded{.track_id = command.track_id, .index = index, .node = *std::move(node)}}},
      .reply = std::move(reply)};
}

Result<Planned<node::RemoveReply>> plan(const EditContext& context, const node::Remove& command) {
  TrackId owner;
  const node::Node* node = context.state.node(command.node_id, &owner);
  if (node == nullptr) return no_node(command.node_id);
  return Planned<node::RemoveReply>{
      .edit = {.label = "Remove " + node->name, .changes = {project::NodeRemoved{.track_id = owner, .node_id = command.node_id}}},
      .reply = {}};
}

}  // namespace loophole::pulse::edits
