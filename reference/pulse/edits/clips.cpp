#include <algorithm>
#include <filesystem>

#include "derive/derive_graph.hpp"
#include "edits/audio_file.hpp"
#include "edits/edits.hpp"
#include "edits/refusals.hpp"
#include "edits/text.hpp"
#include "loophole/core/id.hpp"

namespace loophole::pulse::edits {
namespace {

constexpr std::size_t kMostClips = 65'536;

// How long an audio file plays at the sample rate of the project.
std::int64_t length_of(const AudioFileInfo& audio, const project::Project& project) {
  return std::max<std::int64_t>(1, convert_frames(audio.frames, audio.sample_rate_hz, project.sample_rate_hz));
}

// Clips stand in the order of their start; one that begins where another does goes behind it. `without` does not count.
std::int64_t place_among(const std::vector<clip::Clip>& clips, std::int64_t start_frames, const ClipId& without = {}) {
  std::int64_t place = 0;
  for (const clip::Clip& other : clips) {
    if (other.start_frames > start_frames) break;
    if (other.id != without) ++place;
  }
  return place;
}

// Where a clip of the track goes when it begins at `start_frames`: nowhere when it does so already.
std::int64_t place_in_track(const track::Track& track, const clip::Clip& clip, std::int64_t start_frames) {
  if (clip.start_frames == start_frames) return &clip - track.clips.data();
  return place_among(track.clips, start_frames, clip.id);
}

Error outside(const std::string& message, std::string pointer, std::int64_t lowest, std::int64_t highest, std::int64_t found) {
  Error error = pointed(make_error(errors::kClipOutOfRange, message), std::move(pointer));
  error.expected = std::to_string(lowest) + " to " + std::to_string(highest);
  error.found = std::to_string(found);
  return error;
}

// A part of the timeline under which a clip has audio.
struct AudioSpan {
  std::int64_t begin = 0;
  std::int64_t end = 0;      // not in it
  std::string because = {};  // why it is not longer
};

// The file is asked only where the clip is to play what it did not play before: the rest is known, though the file may be gone by now.
AudioSpan audio_under(const clip::Clip& clip, const project::Project& project, std::int64_t wanted_end) {
  const std::int64_t origin = clip.start_frames - clip.offset_frames;
  AudioSpan span{.begin = std::max<std::int64_t>(0, origin), .end = clip.start_frames + clip.length_frames};
  if (wanted_end <= span.end) return span;
  if (const auto audio = probe_audio_file(clip.path))
    span.end = std::max(span.end, origin + length_of(*audio, project));
  else
    span.because = "; " + audio.error().message + ", so the clip cannot become longer";
  return span;
}

}  // namespace

Result<Planned<clip::AddReply>> plan(const EditContext& context, const clip::Add& command) {
  const track::Track* track = context.state.track(command.track_id);
  if (track == nullptr) return no_track(command.track_id);
  if (track->clips.size() >= kMostClips) return full("clips", kMostClips, "/trackId");

  std::error_code failed;
  const std::filesystem::path path = std::filesystem::absolute(command.path, failed).lexically_normal();
  if (failed)
    return pointed(make_error(errors::kClipFileUnreadable, "'" + command.path + "' cannot be used as audio: " + failed.message()), "/path");
  auto audio = probe_audio_file(path);
  if (!audio) return pointed(std::move(audio).error(), "/path");

  clip::Clip clip{.id = ClipId(random_id("clp")),
                  .name = command.name.value_or(first_code_points(path.stem().string(), kLongestName)),
                  .path = path.string(),
                  .start_frames = command.start_frames,
                  .offset_frames = 0,
                  .length_frames = length_of(*audio, context.state.project()),
                  .gain_db = 0.0};
  const std::int64_t index = place_among(track->clips, clip.start_frames);
  clip::AddReply reply{.clip_id = clip.id, .length_frames = clip.length_frames, .revision = 0};
  std::string label = "Add Clip \"" + clip.name + "\"";
  return Planned<clip::AddReply>{
      .edit = {.label = std::move(label),
               .changes = {project::ClipAdded{.track_id = command.track_id, .index = index, .clip = std::move(clip)}}},
      .reply = std::move(reply)};
}

Result<Planned<Edited>> plan(const EditContext& context, const clip::Remove& command) {
  TrackId owner;
  const clip::Clip* clip = context.state.clip(command.clip_id, &owner);
  if (clip == nullptr) return no_clip(command.clip_id);
  return Planned<Edited>{.edit = {.label = "Remove Clip \"" + clip->name + "\"",
                                  .changes = {project::ClipRemoved{.track_id = owner, .clip_id = command.clip_id}}},
                         .reply = {}};
}

Result<Planned<Edited>> plan(const EditContext& context, const clip::Move& command) {
  TrackId owner;
  const clip::Clip* clip = context.state.clip(command.clip_id, &owner);
  if (clip == nullptr) return no_clip(command.clip_id);
  const TrackId target = command.track_id.value_or(owner);
  const track::Track* track = context.state.track(target);
  if (track == nullptr) return no_track(target);
  if (target != owner && track->clips.size() >= kMostClips) return full("clips", kMostClips, "/trackId");
  const std::int64_t index =
      target == owner ? place_in_track(*track, *clip, command.start_frames) : place_among(track->clips, command.start_frames);
  return Planned<Edited>{.edit = {.label = "Move Clip \"" + clip->name + "\"",
                                  .changes = {project::ClipMoved{
                                      .clip_id = clip->id, .track_id = target, .index = index, .start_frames = command.start_frames}}},
                         .reply = {}};
}

Result<Planned<Edited>> plan(const EditContext& context, const clip::Trim& command) {
  TrackId owner;
  const clip::Clip* clip = context.state.clip(command.clip_id, &owner);
  if (clip == nullptr) return no_clip(command.clip_id);
  const std::int64_t end = command.start_frames + command.length_frames;
  const AudioSpan span = audio_under(*clip, context.state.project(), end);
  if (command.start_frames < span.begin || command.start_frames >= span.end)
    return outside("the clip \"" + clip->name + "\" cannot begin at " + std::to_string(command.start_frames) +
                       ": its audio is on the timeline from " + std::to_string(span.begin) + " to " + std::to_string(span.end) +
                       span.because,
                   "/startFrames", span.begin, span.end - 1, command.start_frames);
  if (end > span.end)
    return outside("the clip \"" + clip->name + "\" cannot end at " + std::to_string(end) + ": its audio ends at " +
                       std::to_string(span.end) + span.because,
                   "/lengthFrames", 1, span.end - command.start_frames, command.length_frames);

  clip::Clip trimmed = *clip;
  trimmed.start_frames = command.start_frames;
  trimmed.offset_frames += command.start_frames - clip->start_frames;
  trimmed.length_frames = command.length_frames;
  const track::Track& track = *context.state.track(owner);
  const std::int64_t index = place_in_track(track, *clip, command.start_frames);
  Edit edit{.label = "Trim Clip \"" + clip->name + "\"", .changes = {}};
  if (index != clip - track.clips.data())
    edit.changes.emplace_back(
        project::ClipMoved{.clip_id = clip->id, .track_id = owner, .index = index, .start_frames = command.start_frames});
  edit.changes.emplace_back(project::ClipChanged{.track_id = owner, .clip = std::move(trimmed)});
  return Planned<Edited>{.edit = std::move(edit), .reply = {}};
}

Result<Planned<clip::SplitReply>> plan(const EditContext& context, const clip::Split& command) {
  TrackId owner;
  const clip::Clip* clip = context.state.clip(command.clip_id, &owner);
  if (clip == nullptr) return no_clip(command.clip_id);
  const track::Track& track = *context.state.track(owner);
  const std::int64_t first_length = command.position_frames - clip->start_frames;
  if (first_length <= 0 || first_length >= clip->length_frames) {
    const std::int64_t end = clip->start_frames + clip->length_frames;
    if (clip->length_frames < 2)
      return outside("the clip \"" + clip->name + "\" is too short to be split", "/positionFrames", clip->start_frames, end,
                     command.position_frames);
    return outside("the clip \"" + clip->name + "\" cannot be split at " + std::to_string(command.position_frames) + ": it lies from " +
                       std::to_string(clip->start_frames) + " to " + std::to_string(end) + "; split it between",
                   "/positionFrames", clip->start_frames + 1, end - 1, command.position_frames);
  }
  if (track.clips.size() >= kMostClips) return full("clips", kMostClips, "/clipId");
  clip::Clip first = *clip;
  first.length_frames = first_length;
  clip::Clip second = *clip;
  second.id = ClipId(random_id("clp"));
  second.start_frames = command.position_frames;
  second.offset_frames += first_length;
  second.length_frames -= first_length;
  clip::SplitReply reply{.clip_id = second.id, .revision = 0};
  const std::int64_t index = place_among(track.clips, second.start_frames);
  return Planned<clip::SplitReply>{.edit = {.label = "Split Clip \"" + clip->name + "\"",
                                            .changes = {project::ClipChanged{.track_id = owner, .clip = std::move(first)},
                                                        project::ClipAdded{.track_id = owner, .index = index, .clip = std::move(second)}}},
                                   .reply = std::move(reply)};
}

Result<Planned<Edited>> plan(const EditContext& context, const clip::SetGain& command) {
  TrackId owner;
  const clip::Clip* clip = context.state.clip(command.clip_id, &owner);
  if (clip == nullptr) return no_clip(command.clip_id);
  clip::Clip changed = *clip;
  changed.gain_db = command.gain_db;
  return Planned<Edited>{.edit = {.label = "Set Level of Clip \"" + clip->name + "\"",
                                  .changes = {project::ClipChanged{.track_id = owner, .clip = std::move(changed)}}},
                         .reply = {}};
}

}  // namespace loophole::pulse::edits
