#include "edits/edits.hpp"
#include "edits/refusals.hpp"
#include "model/catalogue.hpp"

namespace loophole::pulse::edits {
namespace {

constexpr std::size_t kMostTracks = 65'536;

}  // namespace

Result<Planned<track::AddReply>> plan(const EditContext& context, const track::Add& command) {
  const std::size_t count = context.state.project().tracks.size();
  const auto end = static_cast<std::int64_t>(count);
  if (count >= kMostTracks) return full("tracks", kMostTracks);
  const std::int64_t index = command.index.value_or(end);
  if (index > end) return no_place(index, count, "tracks");
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

}  // namespace loophole::pulse::edits
