#include "model/inverse.hpp"

#include <algorithm>
#include <iterator>

namespace loophole::pulse {
namespace {

using Inverse = Result<project::Change>;

// Where `id` stands in a list that has it.
template <class Items, class Id>
std::int64_t index_in(const Items& items, const Id& id) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.id == id; });
  return std::distance(items.begin(), found);
}

template <class Tag>
Error missing(const errors::Code& code, std::string_view kind, const Id<Tag>& id) {
  return make_error(code, "there is no " + std::string(kind) + " '" + id.str() + "' in the project");
}

class Inverter {
 public:
  explicit Inverter(const model::ProjectState& state) : state_(state) {}

  Inverse operator()(const project::TrackAdded& added) const { return project::Change(project::TrackRemoved{.track_id = added.track.id}); }
  Inverse operator()(const project::TrackRemoved& removed) const {
    const auto index = state_.track_index(removed.track_id);
    if (!index) return missing(errors::kTrackNotFound, "track", removed.track_id);
    return project::Change(project::TrackAdded{.index = static_cast<std::int64_t>(*index), .track = state_.project().tracks[*index]});
  }
  Inverse operator()(const project::TrackMoved& moved) const {
    const auto index = state_.track_index(moved.track_id);
    if (!index) return missing(errors::kTrackNotFound, "track", moved.track_id);
    return project::Change(project::TrackMoved{.track_id = moved.track_id, .index = static_cast<std::int64_t>(*index)});
  }
  Inverse operator()(const project::TrackChanged& changed) const {
    const track::Track* track = state_.track(changed.track_id);
    if (track == nullptr) return missing(errors::kTrackNotFound, "track", changed.track_id);
    return project::Change(project::TrackChanged{.track_id = track->id, .name = track->name, .colour = track->colour});
  }

  Inverse operator()(const project::ClipAdded& added) const {
    return project::Change(project::ClipRemoved{.track_id = added.track_id, .clip_id = added.clip.id});
  }
  Inverse operator()(const project::ClipRemoved& removed) const {
    TrackId owner;
    const clip::Clip* clip = state_.clip(removed.clip_id, &owner);
    if (clip == nullptr) return missing(errors::kClipNotFound, "clip", removed.clip_id);
    return project::Change(project::ClipAdded{.track_id = owner, .index = clip_index(owner, clip->id), .clip = *clip});
  }
  Inverse operator()(const project::ClipMoved& moved) const {
    TrackId owner;
    const clip::Clip* clip = state_.clip(moved.clip_id, &owner);
    if (clip == nullptr) return missing(errors::kClipNotFound, "clip", moved.clip_id);
    return project::Change(project::ClipMoved{
        .clip_id = clip->id, .track_id = owner, .index = clip_index(owner, clip->id), .start_frames = clip->start_frames});
  }
  Inverse operator()(const project::ClipChanged& changed) const {
    TrackId owner;
    const clip::Clip* clip = state_.clip(changed.clip.id, &owner);
    if (clip == nullptr) return missing(errors::kClipNotFound, "clip", changed.clip.id);
    return project::Change(project::ClipChanged{.track_id = owner, .clip = *clip});
  }

  Inverse operator()(const project::NodeAdded& added) const {
    return project::Change(project::NodeRemoved{.channel_id = added.channel_id, .node_id = added.node.id});
  }
  Inverse operator()(const project::NodeRemoved& removed) const {
    ChannelId owner;
    const node::Node* node = state_.node(removed.node_id, &owner);
    if (node == nullptr) return missing(errors::kNodeNotFound, "node", removed.node_id);
    return project::Change(project::NodeAdded{.channel_id = owner, .index = node_index(owner, node->id), .node = *node});
  }
  Inverse operator()(const project::NodeMoved& moved) const {
    ChannelId owner;
    const node::Node* node = state_.node(moved.node_id, &owner);
    if (node == nullptr) return missing(errors::kNodeNotFound, "node", moved.node_id);
    return project::Change(project::NodeMoved{.node_id = node->id, .channel_id = owner, .index = node_index(owner, node->id)});
  }
  Inverse operator()(const project::NodeChanged& changed) const {
    const node::Node* node = state_.node(changed.node_id);
    if (node == nullptr) return missing(errors::kNodeNotFound, "node", changed.node_id);
    return project::Change(project::NodeChanged{
        .node_id = node->id, .name = node->name, .bypassed = node->bypassed, .status = node->status, .state = node->state});
  }

  Inverse operator()(const project::BusAdded& added) const { return project::Change(project::BusRemoved{.bus_id = added.bus.id}); }
  Inverse operator()(const project::BusRemoved& removed) const {
    const auto index = state_.bus_index(removed.bus_id);
    if (!index) return missing(errors::kBusNotFound, "bus", removed.bus_id);
    return project::Change(project::BusAdded{.index = static_cast<std::int64_t>(*index), .bus = state_.project().buses[*index]});
  }
  Inverse operator()(const project::BusChanged& changed) const {
    const routing::Bus* bus = state_.bus(changed.bus_id);
    if (bus == nullptr) return missing(errors::kBusNotFound, "bus", changed.bus_id);
    return project::Change(project::BusChanged{.bus_id = bus->id, .name = bus->name});
  }
  Inverse operator()(const project::SendAdded& added) const {
    return project::Change(project::SendRemoved{.channel_id = added.channel_id, .send_id = added.send.id});
  }
  Inverse operator()(const project::SendRemoved& removed) const {
    ChannelId owner;
    const channel::Send* send = state_.send(removed.send_id, &owner);
    if (send == nullptr) return missing(errors::kSendNotFound, "send", removed.send_id);
    return project::Change(
        project::SendAdded{.channel_id = owner, .index = index_in(state_.channel(owner)->sends, send->id), .send = *send});
  }
  Inverse operator()(const project::OutputChanged& changed) const {
    const channel::Channel* channel = state_.channel(changed.channel_id);
    if (channel == nullptr) return missing(errors::kChannelNotFound, "channel", changed.channel_id);
    return project::Change(project::OutputChanged{.channel_id = channel->id, .bus_id = channel->output});
  }

  Inverse operator()(const project::ParameterChanged& changed) const {
    const parameter::Parameter* parameter = state_.parameter(changed.parameter_id);
    if (parameter == nullptr) return missing(errors::kParameterNotFound, "parameter", changed.parameter_id);
    return project::Change(project::ParameterChanged{.parameter_id = parameter->id, .value = parameter->value});
  }
  Inverse operator()(const project::AutomationChanged& changed) const {
    const parameter::Parameter* parameter = state_.parameter(changed.parameter_id);
    if (parameter == nullptr) return missing(errors::kParameterNotFound, "parameter", changed.parameter_id);
    return project::Change(project::AutomationChanged{.parameter_id = parameter->id, .automation = parameter->automation});
  }
  Inverse operator()(const project::TempoChanged&) const {
    return project::Change(project::TempoChanged{.tempo_bpm = state_.project().tempo_bpm});
  }
  Inverse operator()(const project::UnknownChanged&) const {
    return make_error(errors::kInternalFault, "a change that has no words cannot be undone");
  }

 private:
  [[nodiscard]] std::int64_t clip_index(const TrackId& owner, const ClipId& id) const { return index_in(state_.track(owner)->clips, id); }
  [[nodiscard]] std::int64_t node_index(const ChannelId& owner, const NodeId& id) const {
    return index_in(state_.channel(owner)->nodes, id);
  }

  const model::ProjectState& state_;
};

}  // namespace

Result<project::Change> inverse_of(const model::ProjectState& state, const project::Change& change) {
  return std::visit(Inverter(state), change);
}

std::vector<ParameterId> touched_parameters(const model::ProjectState& state, const project::Change& change) {
  std::vector<ParameterId> touched;
  const auto add_node = [&](const node::Node& node) {
    for (const parameter::Parameter& parameter : node.parameters) touched.push_back(parameter.id);
  };
  const auto add_channel = [&](const channel::Channel& channel) {
    touched.push_back(channel.gain.id);
    for (const node::Node& node : channel.nodes) add_node(node);
    for (const channel::Send& send : channel.sends) touched.push_back(send.level.id);
  };
  if (const auto* changed = std::get_if<project::ParameterChanged>(&change)) touched.push_back(changed->parameter_id);
  if (const auto* changed = std::get_if<project::AutomationChanged>(&change)) touched.push_back(changed->parameter_id);
  if (const auto* changed = std::get_if<project::NodeChanged>(&change)) {
    // A plugin that is given another state takes all its values from there.
    if (const node::Node* node = state.node(changed->node_id); node != nullptr && node->state != changed->state) add_node(*node);
  }
  if (const auto* removed = std::get_if<project::NodeRemoved>(&change)) {
    if (const node::Node* node = state.node(removed->node_id)) add_node(*node);
  }
  if (const auto* removed = std::get_if<project::SendRemoved>(&change)) {
    if (const channel::Send* send = state.send(removed->send_id)) touched.push_back(send->level.id);
  }
  if (const auto* removed = std::get_if<project::BusRemoved>(&change)) {
    if (const routing::Bus* bus = state.bus(removed->bus_id)) add_channel(bus->channel);
  }
  if (const auto* removed = std::get_if<project::TrackRemoved>(&change)) {
    if (const track::Track* track = state.track(removed->track_id)) add_channel(track->channel);
  }
  return touched;
}

}  // namespace loophole::pulse
