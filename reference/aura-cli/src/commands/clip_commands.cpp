#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>

#include "app/names.hpp"
#include "commands/commands.hpp"

namespace loophole::cli {
namespace {

struct Arguments {
  std::string name;
  std::string other;
  std::string third;
  double at_s = -1;
  double to_s = -1;
  double gain_db = 0;
};

std::int64_t frames(const project::Project& project, double seconds) {
  return std::llround(seconds * static_cast<double>(project.sample_rate_hz));
}

// Where the clips of a track end.
std::int64_t end_of(const track::Track& track) {
  std::int64_t end = 0;
  for (const clip::Clip& clip : track.clips) end = std::max(end, clip.start_frames + clip.length_frames);
  return end;
}

}  // namespace

void add_clip_commands(CLI::App& app, Actions& actions) {
  CLI::App* group = add_group(app, "clip", "Add, remove and edit clips");
  auto arguments = std::make_shared<Arguments>();
  const char* about_clip = "TRACK/CLIP or id";

  CLI::App* command = group->add_subcommand("add", "Adds a clip that plays an audio file");
  command->add_option("TRACK", arguments->name, "Name or id of the track")->required();
  command->add_option("FILE", arguments->other, "Audio file: WAV, FLAC and what else libsndfile reads")->required();
  command->add_option("--at", arguments->at_s, "Where it begins, in seconds; after the last clip of the track where it is left out")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--name", arguments->third, "Name for people; the file's where it is left out");
  bind_edit<clip::Add>(
      actions, command,
      [arguments](const project::Project& project) -> Result<clip::Add> {
        auto track = find_track(project, arguments->name);
        if (!track) return std::move(track).error();
        clip::Add message{.track_id = (*track)->id,
                          .path = std::filesystem::absolute(arguments->other).lexically_normal().string(),
                          .start_frames = arguments->at_s >= 0 ? frames(project, arguments->at_s) : end_of(**track),
                          .name = {}};
        if (!arguments->third.empty()) message.name = arguments->third;
        return message;
      },
      [](const clip::AddReply& reply) {
        return fmt::format("clip {} of {} frames {}", reply.clip_id.str(), reply.length_frames, at_revision(reply.revision));
      });

  command = group->add_subcommand("remove", "Removes a clip");
  command->add_option("CLIP", arguments->name, about_clip)->required();
  bind_edit<clip::Remove>(actions, command, "removed", [arguments](const project::Project& project) -> Result<clip::Remove> {
    auto clip = find_clip(project, arguments->name);
    if (!clip) return std::move(clip).error();
    return clip::Remove{.clip_id = (*clip)->id};
  });

  command = group->add_subcommand("move", "Moves a clip on its track, or to another one");
  command->add_option("CLIP", arguments->name, about_clip)->required();
  command->add_option("SECONDS", arguments->at_s, "Where it begins")->required()->check(CLI::NonNegativeNumber);
  command->add_option("--track", arguments->other, "Name or id of another track");
  bind_edit<clip::Move>(actions, command, "moved", [arguments](const project::Project& project) -> Result<clip::Move> {
    auto clip = find_clip(project, arguments->name);
    if (!clip) return std::move(clip).error();
    clip::Move message{.clip_id = (*clip)->id, .start_frames = frames(project, arguments->at_s), .track_id = {}};
    if (arguments->other.empty()) return message;
    auto track = find_track(project, arguments->other);
    if (!track) return std::move(track).error();
    message.track_id = (*track)->id;
    return message;
  });

  command = group->add_subcommand("trim", "Moves the borders of a clip, not what it plays");
  command->add_option("CLIP", arguments->name, about_clip)->required();
  command->add_option("--from", arguments->at_s, "Where it begins, in seconds; where it does now where it is left out")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--to", arguments->to_s, "Where it ends, in seconds; where it does now where it is left out")
      ->check(CLI::NonNegativeNumber);
  bind_edit<clip::Trim>(actions, command, "trimmed", [arguments](const project::Project& project) -> Result<clip::Trim> {
    auto clip = find_clip(project, arguments->name);
    if (!clip) return std::move(clip).error();
    const std::int64_t begin = arguments->at_s >= 0 ? frames(project, arguments->at_s) : (*clip)->start_frames;
    const std::int64_t end = arguments->to_s >= 0 ? frames(project, arguments->to_s) : (*clip)->start_frames + (*clip)->length_frames;
    return clip::Trim{.clip_id = (*clip)->id, .start_frames = begin, .length_frames = end - begin};
  });

  command = group->add_subcommand("split", "Splits a clip in two");
  command->add_option("CLIP", arguments->name, about_clip)->required();
  command->add_option("SECONDS", arguments->at_s, "Place on the timeline, inside the clip")->required()->check(CLI::NonNegativeNumber);
  bind_edit<clip::Split>(
      actions, command,
      [arguments](const project::Project& project) -> Result<clip::Split> {
        auto clip = find_clip(project, arguments->name);
        if (!clip) return std::move(clip).error();
        return clip::Split{.clip_id = (*clip)->id, .position_frames = frames(project, arguments->at_s)};
      },
      [](const clip::SplitReply& reply) { return fmt::format("clip {} {}", reply.clip_id.str(), at_revision(reply.revision)); });

  command = group->add_subcommand("gain", "Sets the level of a clip");
  command->add_option("CLIP", arguments->name, about_clip)->required();
  command->add_option("DB", arguments->gain_db, "Level in dB")->required();
  bind_edit<clip::SetGain>(actions, command, "set", [arguments](const project::Project& project) -> Result<clip::SetGain> {
    auto clip = find_clip(project, arguments->name);
    if (!clip) return std::move(clip).error();
    return clip::SetGain{.clip_id = (*clip)->id, .gain_db = arguments->gain_db};
  });
}

}  // namespace loophole::cli
