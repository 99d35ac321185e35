#include "loophole/model/project_state.hpp"

#include <string>
#include <unordered_set>
#include <utility>
#include <variant>

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
void insert_at(std::vector<T>& list, std::size_t index, const T& value) {
  list.insert(list.begin() + static_cast<std::ptrdiff_t>(index), value);
}

template <class T>
void erase_at(std::vector<T>& list, std::size_t index) {
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(index));
}

// A full state may come from a peer that gives an identifier twice; then a place may lead nowhere.
template <class T>
const T* element(const std::vector<T>& list, std::size_t index) {
  return index < list.size() ? &list[index] : nullptr;
}

// Whether an index of a change is a place in, or right behind, a list.
bool fits(std::int64_t index, std::size_t size) {
  return index >= 0 && static_cast<std::size_t>(index) <= size;
}

}  // namespace

ProjectState::ProjectState(project::Project project) : project_(std::move(project)) {
  parameters_.try_emplace(project_.gain.id, ParameterPlace{});
  for (std::size_t i = 0; i < project_.tracks.size(); ++i) index(project_.tracks[i], i);
}

Result<void> ProjectState::apply(const project::Change& change) {
  return std::visit([this](const auto& one) { return apply_one(one); }, change);
}

const track::Track* ProjectState::track(const TrackId& id) const {
  const auto found = tracks_.find(id);
  return found == tracks_.end() ? nullptr : element(project_.tracks, found->second);
}

std::optional<std::size_t> ProjectState::track_index(const TrackId& id) const {
  const auto found = tracks_.find(id);
  if (found == tracks_.end() || found->second >= project_.tracks.size()) return {};
  return found->second;
}

const clip::Clip* ProjectState::clip(const ClipId& id, TrackId* owner) const {
  const auto found = clips_.find(id);
  if (found == clips_.end()) return nullptr;
  if (owner != nullptr) *owner = found->second.track;
  const track::Track* holder = track(found->second.track);
  return holder == nullptr ? nullptr : element(holder->clips, found->second.index);
}

const node::Node* ProjectState::node(const NodeId& id, TrackId* owner) const {
  const auto found = nodes_.find(id);
  if (found == nodes_.end()) return nullptr;
  if (owner != nullptr) *owner = found->second.track;
  const track::Track* holder = track(found->second.track);
  return holder == nullptr ? nullptr : element(holder->nodes, found->second.index);
}

const parameter::Parameter* ProjectState::parameter(const ParameterId& id) const {
  const auto found = parameters_.find(id);
  if (found == parameters_.end()) return nullptr;
  const ParameterPlace& place = found->second;
  if (place.node) {
    const node::Node* holder = node(*place.node);
    return holder == nullptr ? nullptr : element(holder->parameters, place.index);
  }
  if (!place.track) return &project_.gain;
  const track::Track* holder = track(*place.track);
  return holder == nullptr ? nullptr : &holder->gain;
}

track::Track* ProjectState::find_track(const TrackId& id) {
  return const_cast<track::Track*>(std::as_const(*this).track(id));
}

parameter::Parameter* ProjectState::find_parameter(const ParameterId& id) {
  return const_cast<parameter::Parameter*>(std::as_const(*this).parameter(id));
}

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
  erase_at(project_.tracks, *place);
  renumber_tracks(*place);
  return {};
}

Result<void> ProjectState::apply_one(const project::TrackRenamed& change) {
  track::Track* track = find_track(change.track_id);
  if (track == nullptr) return not_found(errors::kTrackNotFound, "track", change.track_id);
  track->name = change.name;
  return {};
}

Result<void> ProjectState::apply_one(const project::ClipAdded& change) {
  track::Track* track = find_track(change.track_id);
  if (track == nullptr) return not_found(errors::kTrackNotFound, "track", change.track_id);
  if (!fits(change.index, track->clips.size())) return behind_the_end("clips", change.index, track->clips.size());
  if (auto fine = check_new(change.clip); !fine) return fine;
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
  erase_at(track.clips, place);
  renumber_clips(track, place);
  return {};
}

Result<void> ProjectState::apply_one(const project::NodeAdded& change) {
  track::Track* track = find_track(change.track_id);
  if (track == nullptr) return not_found(errors::kTrackNotFound, "track", change.track_id);
  if (!fits(change.index, track->nodes.size())) return behind_the_end("nodes", change.index, track->nodes.size());
  if (auto fine = check_new(change.node); !fine) return fine;
  const auto place = static_cast<std::size_t>(change.index);
  insert_at(track->nodes, place, change.node);
  index(track->nodes[place], track->id, place);
  renumber_nodes(*track, place + 1);
  return {};
}

Result<void> ProjectState::apply_one(const project::NodeRemoved& change) {
  TrackId owner;
  if (node(change.node_id, &owner) == nullptr || owner != change.track_id) return not_found(errors::kNodeNotFound, "node", change.node_id);
  track::Track& track = *find_track(owner);
  const std::size_t place = nodes_.at(change.node_id).index;
  forget(track.nodes[place]);
  erase_at(track.nodes, place);
  renumber_nodes(track, place);
  return {};
}

Result<void> ProjectState::apply_one(const project::ParameterChanged& change) {
  parameter::Parameter* parameter = find_parameter(change.parameter_id);
  if (parameter == nullptr) return not_found(errors::kParameterNotFound, "parameter", change.parameter_id);
  parameter->value = change.value;
  return {};
}

// Identifiers that occur twice inside one new thing are found too: they would leave the index pointing at something that is gone.
Result<void> ProjectState::check_new(const track::Track& track) const {
  if (tracks_.contains(track.id)) return already_there("track", track.id);
  if (auto fine = check_new(track.gain); !fine) return fine;
  std::unordered_set<ClipId> clips;
  std::unordered_set<NodeId> nodes;
  std::unordered_set<ParameterId> parameters{track.gain.id};
  for (const clip::Clip& clip : track.clips) {
    if (auto fine = check_new(clip); !fine) return fine;
    if (!clips.insert(clip.id).second) return already_there("clip", clip.id);
  }
  for (const node::Node& node : track.nodes) {
    if (auto fine = check_new(node); !fine) return fine;
    if (!nodes.insert(node.id).second) return already_there("node", node.id);
    for (const parameter::Parameter& parameter : node.parameters)
      if (!parameters.insert(parameter.id).second) return already_there("parameter", parameter.id);
  }
  return {};
}

Result<void> ProjectState::check_new(const clip::Clip& clip) const {
  if (clips_.contains(clip.id)) return already_there("clip", clip.id);
  return {};
}

Result<void> ProjectState::check_new(const node::Node& node) const {
  if (nodes_.contains(node.id)) return already_there("node", node.id);
  std::unordered_set<ParameterId> parameters;
  for (const parameter::Parameter& parameter : node.parameters) {
    if (auto fine = check_new(parameter); !fine) return fine;
    if (!parameters.insert(parameter.id).second) return already_there("parameter", parameter.id);
  }
  return {};
}

Result<void> ProjectState::check_new(const parameter::Parameter& parameter) const {
  if (parameters_.contains(parameter.id)) return already_there("parameter", parameter.id);
  return {};
}

void ProjectState::index(const track::Track& track, std::size_t place) {
  if (!tracks_.try_emplace(track.id, place).second) return;
  parameters_.try_emplace(track.gain.id, ParameterPlace{.track = track.id, .node = {}, .index = 0});
  for (std::size_t i = 0; i < track.clips.size(); ++i) clips_.try_emplace(track.clips[i].id, Place{.track = track.id, .index = i});
  for (std::size_t i = 0; i < track.nodes.size(); ++i) index(track.nodes[i], track.id, i);
}

void ProjectState::index(const node::Node& node, const TrackId& owner, std::size_t place) {
  if (!nodes_.try_emplace(node.id, Place{.track = owner, .index = place}).second) return;
  for (std::size_t i = 0; i < node.parameters.size(); ++i)
    parameters_.try_emplace(node.parameters[i].id, ParameterPlace{.track = owner, .node = node.id, .index = i});
}

void ProjectState::forget(const track::Track& track) {
  for (const clip::Clip& clip : track.clips) clips_.erase(clip.id);
  for (const node::Node& node : track.nodes) forget(node);
  parameters_.erase(track.gain.id);
  tracks_.erase(track.id);
}

void ProjectState::forget(const node::Node& node) {
  for (const parameter::Parameter& parameter : node.parameters) parameters_.erase(parameter.id);
  nodes_.erase(node.id);
}

void ProjectState::renumber_tracks(std::size_t first) {
  for (std::size_t i = first; i < project_.tracks.size(); ++i) tracks_[project_.tracks[i].id] = i;
}

void ProjectState::renumber_clips(const track::Track& track, std::size_t first) {
  for (std::size_t i = first; i < track.clips.size(); ++i) clips_[track.clips[i].id] = Place{.track = track.id, .index = i};
}

void ProjectState::renumber_nodes(const track::Track& track, std::size_t first) {
  for (std::size_t i = first; i < track.nodes.size(); ++i) nodes_[track.nodes[i].id] = Place{.track = track.id, .index = i};
}

}  // namespace loophole::model
