// Finding things, and the index by which they are found. What changes do is in apply.cpp.
#include "loophole/model/project_state.hpp"

#include <utility>

namespace loophole::model {
namespace {

// A full state may come from a peer that gives an identifier twice; then a place may lead nowhere.
template <class T>
const T* element(const std::vector<T>& list, std::size_t index) {
  return index < list.size() ? &list[index] : nullptr;
}

template <class Map, class Id>
const typename Map::mapped_type* entry(const Map& map, const Id& id) {
  const auto found = map.find(id);
  return found == map.end() ? nullptr : &found->second;
}

template <class T>
T* mutable_of(const T* found) {
  return const_cast<T*>(found);
}

}  // namespace

ProjectState::ProjectState(project::Project project) : project_(std::move(project)) {
  index(project_.master, {});
  for (std::size_t i = 0; i < project_.tracks.size(); ++i) index(project_.tracks[i], i);
  for (std::size_t i = 0; i < project_.buses.size(); ++i) index(project_.buses[i], i);
}

const track::Track* ProjectState::track(const TrackId& id) const {
  const auto* place = entry(tracks_, id);
  return place == nullptr ? nullptr : element(project_.tracks, *place);
}

std::optional<std::size_t> ProjectState::track_index(const TrackId& id) const {
  const auto* place = entry(tracks_, id);
  if (place == nullptr || *place >= project_.tracks.size()) return {};
  return *place;
}

const routing::Bus* ProjectState::bus(const BusId& id) const {
  const auto* place = entry(buses_, id);
  return place == nullptr ? nullptr : element(project_.buses, *place);
}

std::optional<std::size_t> ProjectState::bus_index(const BusId& id) const {
  const auto* place = entry(buses_, id);
  if (place == nullptr || *place >= project_.buses.size()) return {};
  return *place;
}

const channel::Channel* ProjectState::channel(const ChannelId& id) const {
  const auto* place = entry(channels_, id);
  if (place == nullptr) return nullptr;
  if (place->track) {
    const track::Track* holder = track(*place->track);
    return holder == nullptr ? nullptr : &holder->channel;
  }
  if (place->bus) {
    const routing::Bus* holder = bus(*place->bus);
    return holder == nullptr ? nullptr : &holder->channel;
  }
  return &project_.master;
}

const clip::Clip* ProjectState::clip(const ClipId& id, TrackId* owner) const {
  const auto* place = entry(clips_, id);
  if (place == nullptr) return nullptr;
  if (owner != nullptr) *owner = place->owner;
  const track::Track* holder = track(place->owner);
  return holder == nullptr ? nullptr : element(holder->clips, place->index);
}

const node::Node* ProjectState::node(const NodeId& id, ChannelId* owner) const {
  const auto* place = entry(nodes_, id);
  if (place == nullptr) return nullptr;
  if (owner != nullptr) *owner = place->owner;
  const channel::Channel* holder = channel(place->owner);
  return holder == nullptr ? nullptr : element(holder->nodes, place->index);
}

const channel::Send* ProjectState::send(const SendId& id, ChannelId* owner) const {
  const auto* place = entry(sends_, id);
  if (place == nullptr) return nullptr;
  if (owner != nullptr) *owner = place->owner;
  const channel::Channel* holder = channel(place->owner);
  return holder == nullptr ? nullptr : element(holder->sends, place->index);
}

const parameter::Parameter* ProjectState::parameter(const ParameterId& id) const {
  const auto* place = entry(parameters_, id);
  if (place == nullptr) return nullptr;
  if (place->node) {
    const node::Node* holder = node(*place->node);
    return holder == nullptr ? nullptr : element(holder->parameters, place->index);
  }
  if (place->send) {
    const channel::Send* holder = send(*place->send);
    return holder == nullptr ? nullptr : &holder->level;
  }
  const channel::Channel* holder = channel(place->channel);
  return holder == nullptr ? nullptr : &holder->gain;
}

track::Track* ProjectState::find_track(const TrackId& id) {
  return mutable_of(track(id));
}
routing::Bus* ProjectState::find_bus(const BusId& id) {
  return mutable_of(bus(id));
}
channel::Channel* ProjectState::find_channel(const ChannelId& id) {
  return mutable_of(channel(id));
}
node::Node* ProjectState::find_node(const NodeId& id) {
  return mutable_of(node(id));
}
parameter::Parameter* ProjectState::find_parameter(const ParameterId& id) {
  return mutable_of(parameter(id));
}

void ProjectState::index(const track::Track& track, std::size_t place) {
  if (!tracks_.try_emplace(track.id, place).second) return;
  for (std::size_t i = 0; i < track.clips.size(); ++i) clips_.try_emplace(track.clips[i].id, Place<TrackId>{track.id, i});
  index(track.channel, {.track = track.id, .bus = {}});
}

void ProjectState::index(const routing::Bus& bus, std::size_t place) {
  if (!buses_.try_emplace(bus.id, place).second) return;
  index(bus.channel, {.track = {}, .bus = bus.id});
}

void ProjectState::index(const channel::Channel& channel, ChannelPlace place) {
  if (!channels_.try_emplace(channel.id, std::move(place)).second) return;
  parameters_.try_emplace(channel.gain.id, ParameterPlace{.channel = channel.id, .node = {}, .send = {}});
  for (std::size_t i = 0; i < channel.nodes.size(); ++i) index(channel.nodes[i], channel.id, i);
  for (std::size_t i = 0; i < channel.sends.size(); ++i) index(channel.sends[i], channel.id, i);
}

void ProjectState::index(const node::Node& node, const ChannelId& owner, std::size_t place) {
  if (!nodes_.try_emplace(node.id, Place<ChannelId>{owner, place}).second) return;
  for (std::size_t i = 0; i < node.parameters.size(); ++i)
    parameters_.try_emplace(node.parameters[i].id, ParameterPlace{.channel = owner, .node = node.id, .send = {}, .index = i});
}

void ProjectState::index(const channel::Send& send, const ChannelId& owner, std::size_t place) {
  if (!sends_.try_emplace(send.id, Place<ChannelId>{owner, place}).second) return;
  parameters_.try_emplace(send.level.id, ParameterPlace{.channel = owner, .node = {}, .send = send.id});
}

void ProjectState::forget(const track::Track& track) {
  for (const clip::Clip& clip : track.clips) clips_.erase(clip.id);
  forget(track.channel);
  tracks_.erase(track.id);
}

void ProjectState::forget(const channel::Channel& channel) {
  for (const node::Node& node : channel.nodes) forget(node);
  for (const channel::Send& send : channel.sends) {
    parameters_.erase(send.level.id);
    sends_.erase(send.id);
  }
  parameters_.erase(channel.gain.id);
  channels_.erase(channel.id);
}

void ProjectState::forget(const node::Node& node) {
  for (const parameter::Parameter& parameter : node.parameters) parameters_.erase(parameter.id);
  nodes_.erase(node.id);
}

void ProjectState::renumber_tracks(std::size_t first) {
  for (std::size_t i = first; i < project_.tracks.size(); ++i) tracks_[project_.tracks[i].id] = i;
}

void ProjectState::renumber_buses(std::size_t first) {
  for (std::size_t i = first; i < project_.buses.size(); ++i) buses_[project_.buses[i].id] = i;
}

void ProjectState::renumber_clips(const track::Track& track, std::size_t first) {
  for (std::size_t i = first; i < track.clips.size(); ++i) clips_[track.clips[i].id] = {track.id, i};
}

void ProjectState::renumber_nodes(const channel::Channel& channel, std::size_t first) {
  for (std::size_t i = first; i < channel.nodes.size(); ++i) nodes_[channel.nodes[i].id] = {channel.id, i};
}

void ProjectState::renumber_sends(const channel::Channel& channel, std::size_t first) {
  for (std::size_t i = first; i < channel.sends.size(); ++i) sends_[channel.sends[i].id] = {channel.id, i};
}

}  // namespace loophole::model
