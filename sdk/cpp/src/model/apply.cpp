// What each change does. Everything is checked before anything is touched.
#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>
#include <variant>

#include "loophole/model/project_state.hpp"

namespace loophole::model {
namespace {

template <class Tag>
Error not_found(const errors::Code& code, std::string_view kind, const Id<Tag>& id) {
  return make_error(code, "the project has no " + std::string(kind) + " '" + id.str() + "'");
}

template <class Tag>
Error already_there(std::string_view kind, const Id<Tag>& id) {
  return make_error(errors::kInternalFault, "the project has a " + std::string(kind) + " '" + id.str() + "' already");
}

Error behind_the_end(std::string_view list, std::int64_t index, std::size_t size) {
  return make_error(errors::kInternalFault,
                    "place " + std::to_string(index) + " is behind the end of " + std::to_string(size) + " " + std::string(list));
}

template <class T>
void insert_at(std::vector<T>& list, std::size_t index, T value) {
  list.insert(list.begin() + static_cast<std::ptrdiff_t>(index), std::move(value));
}

template <class T>
T take_at(std::vector<T>& list, std::size_t index) {
  const auto at = list.begin() + static_cast<std::ptrdiff_t>(index);
  T taken = std::move(*at);
  list.erase(at);
  return taken;
}

// Whether an index of a change is a place in, or right behind, a list.
bool fits(std::int64_t index, std::size_t size) {
  return index >= 0 && static_cast<std::size_t>(index) <= size;
}

}  // namespace

struct ProjectState::Identifiers {
  std::unordered_set<NodeId> nodes;
  std::unordered_set<SendId> sends;
  std::unordered_set<ParameterId> parameters;
};

Result<void> ProjectState::apply(const project::Change& change) {
  return std::visit([this](const auto& one) { return apply_one(one); }, change);
}

// --- tracks ------------------------------------------------------------------------------------------------------------------------------

Result<void> ProjectState::apply_one(const project::TrackAdded& change) {
  if (!fits(change.index, project_.tracks.size())) return behind_the_end("tracks", change.index, project_.tracks.size());
  if (auto fine = check_new(change.track); !fine) return fine;
  const auto place = static_cast<std::size_t>(change.index);
  insert_at(project_.tracks, place, change.track);
  index(project_.tracks[place], place);
  renumber_tracks(place + 1);
  return {};
}

Result<void> ProjectState::apply_one(const project::TrackRemoved& change) {
  const auto place = track_index(change.track_id);
  if (!place) return not_found(errors::kTrackNotFound, "track", change.track_id);
  forget(project_.tracks[*place]);
  take_at(project_.tracks, *place);
  renumber_tracks(*place);
  return {};
}

Result<void> ProjectState::apply_one(const project::TrackMoved& change) {
  const auto from = track_index(change.track_id);
  if (!from) return not_found(errors::kTrackNotFound, "track", change.track_id);
  const std::size_t others = project_.tracks.size() - 1;
  if (!fits(change.index, others)) return behind_the_end("other tracks", change.index, others);
  const auto to = static_cast<std::size_t>(change.index);
  insert_at(project_.tracks, to, take_at(project_.tracks, *from));
  renumber_tracks(std::min(*from, to));
  return {};
}

Result<void> ProjectState::apply_one(const project::TrackChanged& change) {
  track::Track* track = find_track(change.track_id);
  if (track == nullptr) return not_found(errors::kTrackNotFound, "track", change.track_id);
  track->name = change.name;
  track->colour = change.colour;
  return {};
}

// --- clips -------------------------------------------------------------------------------------------------------------------------------

Result<void> ProjectState::apply_one(const project::ClipAdded& change) {
  track::Track* track = find_track(change.track_id);
  if (track == nullptr) return not_found(errors::kTrackNotFound, "track", change.track_id);
  if (!fits(change.index, track->clips.size())) return behind_the_end("clips", change.index, track->clips.size());
  if (clips_.contains(change.clip.id)) return already_there("clip", change.clip.id);
  const auto place = static_cast<std::size_t>(change.index);
  insert_at(track->clips, place, change.clip);
  renumber_clips(*track, place);
  return {};
}

Result<void> ProjectState::apply_one(const project::ClipRemoved& change) {
  TrackId owner;
  if (clip(change.clip_id, &owner) == nullptr || owner != change.track_id) return not_found(errors::kClipNotFound, "clip", change.clip_id);
  track::Track& track = *find_track(owner);
  const std::size_t place = clips_.at(change.clip_id).index;
  clips_.erase(change.clip_id);
  take_at(track.clips, place);
  renumber_clips(track, place);
  return {};
}

Result<void> ProjectState::apply_one(const project::ClipMoved& change) {
  TrackId owner;
  if (clip(change.clip_id, &owner) == nullptr) return not_found(errors::kClipNotFound, "clip", change.clip_id);
  track::Track* to = find_track(change.track_id);
  if (to == nullptr) return not_found(errors::kTrackNotFound, "track", change.track_id);
  track::Track& from = *find_track(owner);
  const std::size_t others = to->clips.size() - (to == &from ? 1 : 0);
  if (!fits(change.index, others)) return behind_the_end("other clips", change.index, others);
  const std::size_t left = clips_.at(change.clip_id).index;
  const auto place = static_cast<std::size_t>(change.index);
  clip::Clip moved = take_at(from.clips, left);
  moved.start_frames = change.start_frames;
  insert_at(to->clips, place, std::move(moved));
  renumber_clips(from, to == &from ? std::min(left, place) : left);
  if (to != &from) renumber_clips(*to, place);
  return {};
}

Result<void> ProjectState::apply_one(const project::ClipChanged& change) {
  TrackId owner;
  if (clip(change.clip.id, &owner) == nullptr || owner != change.track_id) return not_found(errors::kClipNotFound, "clip", change.clip.id);
  find_track(owner)->clips[clips_.at(change.clip.id).index] = change.clip;
  return {};
}

// --- nodes -------------------------------------------------------------------------------------------------------------------------------

Result<void> ProjectState::apply_one(const project::NodeAdded& change) {
  channel::Channel* channel = find_channel(change.channel_id);
  if (channel == nullptr) return not_found(errors::kChannelNotFound, "channel", change.channel_id);
  if (!fits(change.index, channel->nodes.size())) return behind_the_end("nodes", change.index, channel->nodes.size());
  Identifiers seen;
  if (auto fine = check_new(change.node, seen); !fine) return fine;
  const auto place = static_cast<std::size_t>(change.index);
  insert_at(channel->nodes, place, change.node);
  index(channel->nodes[place], channel->id, place);
  renumber_nodes(*channel, place + 1);
  return {};
}

Result<void> ProjectState::apply_one(const project::NodeRemoved& change) {
  ChannelId owner;
  if (node(change.node_id, &owner) == nullptr || owner != change.channel_id)
    return not_found(errors::kNodeNotFound, "node", change.node_id);
  channel::Channel& channel = *find_channel(owner);
  const std::size_t place = nodes_.at(change.node_id).index;
  forget(channel.nodes[place]);
  take_at(channel.nodes, place);
  renumber_nodes(channel, place);
  return {};
}

Result<void> ProjectState::apply_one(const project::NodeMoved& change) {
  ChannelId owner;
  if (node(change.node_id, &owner) == nullptr) return not_found(errors::kNodeNotFound, "node", change.node_id);
  channel::Channel* to = find_channel(change.channel_id);
  if (to == nullptr) return not_found(errors::kChannelNotFound, "channel", change.channel_id);
  channel::Channel& from = *find_channel(owner);
  const std::size_t others = to->nodes.size() - (to == &from ? 1 : 0);
  if (!fits(change.index, others)) return behind_the_end("other nodes", change.index, others);
  const std::size_t left = nodes_.at(change.node_id).index;
  const auto place = static_cast<std::size_t>(change.index);
  insert_at(to->nodes, place, take_at(from.nodes, left));
  renumber_nodes(from, to == &from ? std::min(left, place) : left);
  if (to != &from) renumber_nodes(*to, place);
  for (const parameter::Parameter& parameter : to->nodes[place].parameters) parameters_.at(parameter.id).channel = to->id;
  return {};
}

Result<void> ProjectState::apply_one(const project::NodeChanged& change) {
  node::Node* node = find_node(change.node_id);
  if (node == nullptr) return not_found(errors::kNodeNotFound, "node", change.node_id);
  node->name = change.name;
  node->bypassed = change.bypassed;
  node->status = change.status;
  node->state = change.state;
  return {};
}

// --- buses, sends, outputs ---------------------------------------------------------------------------------------------------------------

Result<void> ProjectState::apply_one(const project::BusAdded& change) {
  if (!fits(change.index, project_.buses.size())) return behind_the_end("buses", change.index, project_.buses.size());
  if (buses_.contains(change.bus.id)) return already_there("bus", change.bus.id);
  Identifiers seen;
  if (auto fine = check_new(change.bus.channel, seen); !fine) return fine;
  const auto place = static_cast<std::size_t>(change.index);
  insert_at(project_.buses, place, change.bus);
  index(project_.buses[place], place);
  renumber_buses(place + 1);
  return {};
}

Result<void> ProjectState::apply_one(const project::BusRemoved& change) {
  const auto place = bus_index(change.bus_id);
  if (!place) return not_found(errors::kBusNotFound, "bus", change.bus_id);
  if (leads_to(change.bus_id))
    return make_error(errors::kInternalFault, "something leads to the bus '" + change.bus_id.str() + "' that is to be removed");
  forget(project_.buses[*place].channel);
  buses_.erase(change.bus_id);
  take_at(project_.buses, *place);
  renumber_buses(*place);
  return {};
}

Result<void> ProjectState::apply_one(const project::BusChanged& change) {
  routing::Bus* bus = find_bus(change.bus_id);
  if (bus == nullptr) return not_found(errors::kBusNotFound, "bus", change.bus_id);
  bus->name = change.name;
  return {};
}

Result<void> ProjectState::apply_one(const project::SendAdded& change) {
  channel::Channel* channel = find_channel(change.channel_id);
  if (channel == nullptr) return not_found(errors::kChannelNotFound, "channel", change.channel_id);
  if (bus(change.send.bus_id) == nullptr) return not_found(errors::kBusNotFound, "bus", change.send.bus_id);
  if (!fits(change.index, channel->sends.size())) return behind_the_end("sends", change.index, channel->sends.size());
  Identifiers seen;
  if (auto fine = check_new(change.send, seen); !fine) return fine;
  const auto place = static_cast<std::size_t>(change.index);
  insert_at(channel->sends, place, change.send);
  index(channel->sends[place], channel->id, place);
  renumber_sends(*channel, place + 1);
  return {};
}

Result<void> ProjectState::apply_one(const project::SendRemoved& change) {
  ChannelId owner;
  if (send(change.send_id, &owner) == nullptr || owner != change.channel_id)
    return not_found(errors::kSendNotFound, "send", change.send_id);
  channel::Channel& channel = *find_channel(owner);
  const std::size_t place = sends_.at(change.send_id).index;
  parameters_.erase(channel.sends[place].level.id);
  sends_.erase(change.send_id);
  take_at(channel.sends, place);
  renumber_sends(channel, place);
  return {};
}

Result<void> ProjectState::apply_one(const project::OutputChanged& change) {
  channel::Channel* channel = find_channel(change.channel_id);
  if (channel == nullptr) return not_found(errors::kChannelNotFound, "channel", change.channel_id);
  if (change.bus_id && bus(*change.bus_id) == nullptr) return not_found(errors::kBusNotFound, "bus", *change.bus_id);
  channel->output = change.bus_id;
  return {};
}

bool ProjectState::leads_to(const BusId& bus) const {
  const auto from = [&](const channel::Channel& channel) {
    return channel.output == bus ||
           std::any_of(channel.sends.begin(), channel.sends.end(), [&](const auto& send) { return send.bus_id == bus; });
  };
  const auto holder_leads = [&](const auto& holder) { return from(holder.channel); };
  return from(project_.master) || std::any_of(project_.tracks.begin(), project_.tracks.end(), holder_leads) ||
         std::any_of(project_.buses.begin(), project_.buses.end(),
                     [&](const auto& other) { return other.id != bus && holder_leads(other); });
}

// --- values ------------------------------------------------------------------------------------------------------------------------------

Result<void> ProjectState::apply_one(const project::ParameterChanged& change) {
  parameter::Parameter* parameter = find_parameter(change.parameter_id);
  if (parameter == nullptr) return not_found(errors::kParameterNotFound, "parameter", change.parameter_id);
  parameter->value = change.value;
  return {};
}

Result<void> ProjectState::apply_one(const project::AutomationChanged& change) {
  parameter::Parameter* parameter = find_parameter(change.parameter_id);
  if (parameter == nullptr) return not_found(errors::kParameterNotFound, "parameter", change.parameter_id);
  parameter->automation = change.automation;
  return {};
}

Result<void> ProjectState::apply_one(const project::TempoChanged& change) {
  project_.tempo_bpm = change.tempo_bpm;
  return {};
}

Result<void> ProjectState::apply_one(const project::UnknownChanged&) {
  return make_error(errors::kProtocolNewer, "something changed that this protocol version has no word for; ask for a snapshot");
}

// --- new things --------------------------------------------------------------------------------------------------------------------------

Result<void> ProjectState::check_new(const track::Track& track) const {
  if (tracks_.contains(track.id)) return already_there("track", track.id);
  std::unordered_set<ClipId> clips;
  for (const clip::Clip& clip : track.clips)
    if (clips_.contains(clip.id) || !clips.insert(clip.id).second) return already_there("clip", clip.id);
  Identifiers seen;
  return check_new(track.channel, seen);
}

Result<void> ProjectState::check_new(const channel::Channel& channel, Identifiers& seen) const {
  if (channels_.contains(channel.id)) return already_there("channel", channel.id);
  if (channel.output && bus(*channel.output) == nullptr) return not_found(errors::kBusNotFound, "bus", *channel.output);
  if (parameters_.contains(channel.gain.id) || !seen.parameters.insert(channel.gain.id).second)
    return already_there("parameter", channel.gain.id);
  for (const node::Node& node : channel.nodes)
    if (auto fine = check_new(node, seen); !fine) return fine;
  for (const channel::Send& send : channel.sends) {
    if (bus(send.bus_id) == nullptr) return not_found(errors::kBusNotFound, "bus", send.bus_id);
    if (auto fine = check_new(send, seen); !fine) return fine;
  }
  return {};
}

Result<void> ProjectState::check_new(const node::Node& node, Identifiers& seen) const {
  if (nodes_.contains(node.id) || !seen.nodes.insert(node.id).second) return already_there("node", node.id);
  for (const parameter::Parameter& parameter : node.parameters)
    if (parameters_.contains(parameter.id) || !seen.parameters.insert(parameter.id).second) return already_there("parameter", parameter.id);
  return {};
}

Result<void> ProjectState::check_new(const channel::Send& send, Identifiers& seen) const {
  if (sends_.contains(send.id) || !seen.sends.insert(send.id).second) return already_there("send", send.id);
  if (parameters_.contains(send.level.id) || !seen.parameters.insert(send.level.id).second)
    return already_there("parameter", send.level.id);
  return {};
}

}  // namespace loophole::model
