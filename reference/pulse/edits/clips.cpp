#include <algorithm>
#include <filesystem>

#include "derive/derive_graph.hpp"
#include "edits/audio_file.hpp"
#include "edits/edits.hpp"
#include "edits/refusals.hpp"
#include "loophole/core/id.hpp"

namespace loophole::pulse::edits {
namespace {

constexpr std::size_t kMostClips = 65'536;
constexpr std::size_t kLongestName = 128;  // code points, as clip.schema.json says

// The first `count` code points of UTF-8 text.
std::string first_code_points(const std::string& text, std::size_t count) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (begins && seen++ == count) return text.substr(0, i);
  }
  return text;
}

}  // namespace

Result<Planned<clip::AddReply>> plan(const EditContext& context, const clip::Add& command) {
  const track::Track* track = context.state.track(command.track_id);
  if (track == nullptr) return no_track(command.track_id);
  if (track->clips.size() >= kMostClips) return full("clips", kMostClips);

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
                  .length_frames = std::max<std::int64_t>(
                      1, convert_frames(audio->frames, audio->sample_rate_hz, context.state.project().sample_rate_hz)),
                  .gain_db = 0.0};
  // Clips stand in the order of their start; one that begins where another does goes behind it.
  const auto place = std::upper_bound(track->clips.begin(), track->clips.end(), clip.start_frames,
                                      [](std::int64_t start, const clip::Clip& other) { return start < other.start_frames; });
  const std::int64_t index = place - track->clips.begin();
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

}  // namespace loophole::pulse::edits
