#include <set>

#include "edits/edits.hpp"
#include "edits/refusals.hpp"
#include "edits/text.hpp"
#include "model/catalogue.hpp"
#include "model/copies.hpp"

namespace loophole::pulse::edits {
namespace {

constexpr std::size_t kMostTracks = 65'536;

// The name of a track and the first number from 2 on that no other track has behind this name.
std::string name_of_copy(const project::Project& project, const std::string& name) {
  std::set<std::string> taken;
  for (const track::Track& track : project.tracks) taken.insert(track.name);
  for (std::size_t number = 2;; ++number) {
    const std::string suffix = " " + std::to_string(number);
    std::string candidate = first_code_points(name, kLongestName - suffix.size()) + suffix;
    if (!taken.contains(candidate)) return candidate;
  }
}

}  // namespace

Result<Planned<track::AddReply>> plan(const EditContext& context, const track::Add& command) {
  const std::size_t count = context.state.project().tracks.size();
  const auto end = static_cast<std::int64_t>(count);
  if (count >= kMostTracks) return full("tracks", kMostTracks);
  const std::int64_t index = command.index.value_or(end);
  if (index > end) return no_place_to_add(index, count, "tracks");
  track::Track track = make_track(command.name, context.handles);
  track::AddReply reply{.track_id = track.id, .channel_id = track.channel.id, .revision = 0};
  return Planned<track::AddReply>{
      .edit = {.label = "Add Track \"" + command.name + "\"", .changes = {project::TrackAdded{.index = index, .track = std::move(track)}}},
      .reply = std::move(reply)};
}

Result<Planned<Edited>> plan(const EditContext& context, const track::Remove& command) {
  const track::Track* track = context.state.track(command.track_id);
  if (track == nullptr) return no_track(command.track_id);
  return Planned<Edited>{
      .edit = {.label = "Remove Track \"" + track->name + "\"", .changes = {project::TrackRemoved{.track_id = command.track_id}}},
      .reply = {}};
}

Result<Planned<Edited>> plan(const EditContext& context, const track::Rename& command) {
  const track::Track* track = context.state.track(command.track_id);
  if (track == nullptr) return no_track(command.track_id);
  return Planned<Edited>{.edit = {.label = "Rename Track to \"" + command.name + "\"",
                                  .changes = {project::TrackChanged{.track_id = track->id, .name = command.name, .colour = track->colour}}},
                         .reply = {}};
}

Result<Planned<Edited>> plan(const EditContext& context, const track::Move& command) {
  const track::Track* track = context.state.track(command.track_id);
  if (track == nullptr) return no_track(command.track_id);
  const std::size_t others = context.state.project().tracks.size() - 1;
  if (command.index > static_cast<std::int64_t>(others)) return no_place_to_move(command.index, others, "other tracks");
  return Planned<Edited>{.edit = {.label = "Move Track \"" + track->name + "\"",
                                  .changes = {project::TrackMoved{.track_id = track->id, .index = command.index}}},
                         .reply = {}};
}

Result<Planned<Edited>> plan(const EditContext& context, const track::SetColour& command) {
  const track::Track* track = context.state.track(command.track_id);
  if (track == nullptr) return no_track(command.track_id);
  return Planned<Edited>{.edit = {.label = "Colour Track \"" + track->name + "\"",
                                  .changes = {project::TrackChanged{.track_id = track->id, .name = track->name, .colour = command.colour}}},
                         .reply = {}};
}

Result<Planned<track::AddReply>> plan(const EditContext& context, const track::Duplicate& command) {
  const auto place = context.state.track_index(command.track_id);
  if (!place) return no_track(command.track_id);
  const project::Project& project = context.state.project();
  if (project.tracks.size() >= kMostTracks) return full("tracks", kMostTracks);
  const track::Track& track = project.tracks[*place];
  track::Track copy = copy_of(track, command.name.value_or(name_of_copy(project, track.name)), context.handles);
  track::AddReply reply{.track_id = copy.id, .channel_id = copy.channel.id, .revision = 0};
  return Planned<track::AddReply>{
      .edit = {.label = "Duplicate Track \"" + track.name + "\"",
               .changes = {project::TrackAdded{.index = static_cast<std::int64_t>(*place) + 1, .track = std::move(copy)}}},
      .reply = std::move(reply)};
}

}  // namespace loophole::pulse::edits
