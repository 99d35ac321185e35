#include <fmt/format.h>

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
  std::int64_t index = -1;
  double at_s = -1;
};

// Finds a track of the open project by name or id.
Result<TrackId> track_id(const aura::Client& client, const std::string& name) {
  auto project = open_project(client);
  if (!project) return std::move(project).error();
  auto track = find_track(**project, name);
  if (!track) return std::move(track).error();
  return (*track)->id;
}

std::string at_revision(std::int64_t revision) {
  return fmt::format("at revision {}", revision);
}

Result<int> list_tracks(const Options& options) {
  auto client = connect(options);
  if (!client) return std::move(client).error();
  auto project = open_project(*client);
  if (!project) return std::move(project).error();
  if (options.json) {
    print_json(wire::to_json(**project));
    return 0;
  }
  for (const track::Track& track : (*project)->tracks)
    print_text(fmt::format("{:<24} {:<24} {:>3} clips {:>3} nodes {:>7.1f} {}", track.name, track.id.str(), track.clips.size(),
                           track.channel.nodes.size(), track.channel.gain.value, track.channel.gain.unit));
  return 0;
}

void add_tracks(CLI::App& app, Actions& actions) {
  CLI::App* group = add_group(app, "track", "Add, remove, rename and list tracks");
  auto arguments = std::make_shared<Arguments>();

  CLI::App* command = group->add_subcommand("add", "Adds a track");
  command->add_option("NAME", arguments->name, "Name for people")->required();
  command->add_option("--index", arguments->index, "Place among the tracks from 0; at the end where it is left out")
      ->check(CLI::NonNegativeNumber);
  actions.bind(command, [arguments](const Options& options) {
    track::Add message{.name = arguments->name, .index = {}};
    if (arguments->index >= 0) message.index = arguments->index;
    return run<track::Add>(
        options, [message](const aura::Client&) { return message; },
        [](const track::AddReply& reply) { return fmt::format("track {} {}", reply.track_id.str(), at_revision(reply.revision)); });
  });

  command = group->add_subcommand("remove", "Removes a track with everything on it");
  command->add_option("TRACK", arguments->name, "Name or id")->required();
  actions.bind(command, [arguments](const Options& options) {
    return run<track::Remove>(
        options,
        [arguments](const aura::Client& client) -> Result<track::Remove> {
          auto id = track_id(client, arguments->name);
          if (!id) return std::move(id).error();
          return track::Remove{.track_id = *id};
        },
        [](const Edited& reply) { return "removed " + at_revision(reply.revision); });
  });

  command = group->add_subcommand("rename", "Gives a track another name");
  command->add_option("TRACK", arguments->name, "Name or id")->required();
  command->add_option("NEW-NAME", arguments->other, "Name for people")->required();
  actions.bind(command, [arguments](const Options& options) {
    return run<track::Rename>(
        options,
        [arguments](const aura::Client& client) -> Result<track::Rename> {
          auto id = track_id(client, arguments->name);
          if (!id) return std::move(id).error();
          return track::Rename{.track_id = *id, .name = arguments->other};
        },
        [](const Edited& reply) { return "renamed " + at_revision(reply.revision); });
  });

  actions.bind(group->add_subcommand("list", "Lists the tracks. With --json the whole project"), list_tracks);
}

void add_clips(CLI::App& app, Actions& actions) {
  CLI::App* group = add_group(app, "clip", "Add and remove clips");
  auto arguments = std::make_shared<Arguments>();

  CLI::App* command = group->add_subcommand("add", "Adds a clip that plays an audio file");
  command->add_option("TRACK", arguments->name, "Name or id of the track")->required();
  command->add_option("FILE", arguments->other, "Audio file: WAV, FLAC and what else libsndfile reads")->required();
  command->add_option("--at", arguments->at_s, "Where it begins, in seconds; after the last clip of the track where it is left out")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--name", arguments->third, "Name for people; the file's where it is left out");
  actions.bind(command, [arguments](const Options& options) {
    return run<clip::Add>(
        options,
        [arguments](const aura::Client& client) -> Result<clip::Add> {
          auto project = open_project(client);
          if (!project) return std::move(project).error();
          auto track = find_track(**project, arguments->name);
          if (!track) return std::move(track).error();
          clip::Add message{.track_id = (*track)->id, .path = std::filesystem::absolute(arguments->other).lexically_normal().string()};
          if (arguments->at_s >= 0) message.start_frames = std::llround(arguments->at_s * static_cast<double>((*project)->sample_rate_hz));
          if (arguments->at_s < 0)
            for (const clip::Clip& clip : (*track)->clips)
              message.start_frames = std::max(message.start_frames, clip.start_frames + clip.length_frames);
          if (!arguments->third.empty()) message.name = arguments->third;
          return message;
        },
        [](const clip::AddReply& reply) {
          return fmt::format("clip {} of {} frames {}", reply.clip_id.str(), reply.length_frames, at_revision(reply.revision));
        });
  });

  command = group->add_subcommand("remove", "Removes a clip");
  command->add_option("CLIP", arguments->name, "TRACK/CLIP or id")->required();
  actions.bind(command, [arguments](const Options& options) {
    return run<clip::Remove>(
        options,
        [arguments](const aura::Client& client) -> Result<clip::Remove> {
          auto project = open_project(client);
          if (!project) return std::move(project).error();
          auto clip = find_clip(**project, arguments->name);
          if (!clip) return std::move(clip).error();
          return clip::Remove{.clip_id = (*clip)->id};
        },
        [](const Edited& reply) { return "removed " + at_revision(reply.revision); });
  });
}

void add_nodes(CLI::App& app, Actions& actions) {
  CLI::App* group = add_group(app, "node", "Add and remove nodes of a track's chain");
  auto arguments = std::make_shared<Arguments>();

  CLI::App* command = group->add_subcommand("add", "Adds a node to the chain of a track");
  command->add_option("TRACK", arguments->name, "Name or id of the track")->required();
  command->add_option("KIND", arguments->other, "What it does")->required()->check(CLI::IsMember({"testTone", "filter", "gain", "pan"}));
  command->add_option("--name", arguments->third, "Name for people; the kind where it is left out");
  command->add_option("--index", arguments->index, "Place in the chain from 0; at the end where it is left out")
      ->check(CLI::NonNegativeNumber);
  actions.bind(command, [arguments](const Options& options) {
    return run<node::Add>(
        options,
        [arguments](const aura::Client& client) -> Result<node::Add> {
          auto project = open_project(client);
          if (!project) return std::move(project).error();
          auto track = find_track(**project, arguments->name);
          if (!track) return std::move(track).error();
          node::Add message{.channel_id = (*track)->channel.id,
                            .kind = from_string<node::NodeKind>(arguments->other).value_or(node::NodeKind::unknown)};
          if (!arguments->third.empty()) message.name = arguments->third;
          if (arguments->index >= 0) message.index = arguments->index;
          return message;
        },
        [](const node::AddReply& reply) { return fmt::format("node {} {}", reply.node_id.str(), at_revision(reply.revision)); });
  });

  command = group->add_subcommand("remove", "Removes a node with its parameters");
  command->add_option("NODE", arguments->name, "TRACK/NODE or id")->required();
  actions.bind(command, [arguments](const Options& options) {
    return run<node::Remove>(
        options,
        [arguments](const aura::Client& client) -> Result<node::Remove> {
          auto project = open_project(client);
          if (!project) return std::move(project).error();
          auto node = find_node(**project, arguments->name);
          if (!node) return std::move(node).error();
          return node::Remove{.node_id = (*node)->id};
        },
        [](const Edited& reply) { return "removed " + at_revision(reply.revision); });
  });
}

}  // namespace

void add_track_commands(CLI::App& app, Actions& actions) {
  add_tracks(app, actions);
  add_clips(app, actions);
  add_nodes(app, actions);
}

}  // namespace loophole::cli
