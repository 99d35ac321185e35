#include <fmt/format.h>

#include <memory>

#include "app/names.hpp"
#include "commands/commands.hpp"

namespace loophole::cli {
namespace {

struct Arguments {
  std::string name;
  std::string other;
  std::int64_t index = -1;
};

Result<int> list_tracks(const Options& options, const std::string& like) {
  auto client = connect(options);
  if (!client) return std::move(client).error();
  auto project = open_project(*client);
  if (!project) return std::move(project).error();
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  Table table({{.path = true}, {}, {.right = true}, {.right = true}, {.right = true}});
  for (const track::Track& track : (*project)->tracks) {
    if (!is_like(track.name, like)) continue;
    if (options.json) all.push_back(json_of(track));
    table.add({track.name, track.id.str(), fmt::format("{} clips", track.clips.size()), fmt::format("{} nodes", track.channel.nodes.size()),
               fmt::format("{:.1f} {}", track.channel.gain.value, track.channel.gain.unit)});
  }
  print_list(options, *client, "tracks", std::move(all), table,
             (*project)->tracks.empty() ? "no tracks yet; `aura-cli track add NAME` adds one" : "no track is like '" + like + "'");
  return 0;
}

std::string describe(const track::AddReply& reply) {
  return fmt::format("track {} {}", reply.track_id.str(), at_revision(reply.revision));
}

}  // namespace

void add_track_commands(CLI::App& app, Actions& actions) {
  CLI::App* group = add_group(app, "track", "Add, remove, arrange, name and list tracks");
  auto arguments = std::make_shared<Arguments>();

  CLI::App* command = group->add_subcommand("add", "Adds a track");
  command->add_option("NAME", arguments->name, "Name for people")->required();
  command->add_option("--index", arguments->index, "Place among the tracks from 0; at the end where it is left out")
      ->check(CLI::NonNegativeNumber);
  actions.bind(command, [arguments](const Options& options) {
    track::Add message{.name = arguments->name, .index = {}};
    if (arguments->index >= 0) message.index = arguments->index;
    return run_errand(options, std::move(message), [](const track::AddReply& reply) { return describe(reply); });
  });

  command = group->add_subcommand("remove", "Removes a track with everything on it");
  command->add_option("TRACK", arguments->name, "Name or id")->required();
  bind_edit<track::Remove>(actions, command, "removed", [arguments](const project::Project& project) -> Result<track::Remove> {
    auto track = find_track(project, arguments->name);
    if (!track) return std::move(track).error();
    return track::Remove{.track_id = (*track)->id};
  });

  command = group->add_subcommand("rename", "Gives a track another name");
  command->add_option("TRACK", arguments->name, "Name or id")->required();
  command->add_option("NEW-NAME", arguments->other, "Name for people")->required();
  bind_edit<track::Rename>(actions, command, "renamed", [arguments](const project::Project& project) -> Result<track::Rename> {
    auto track = find_track(project, arguments->name);
    if (!track) return std::move(track).error();
    return track::Rename{.track_id = (*track)->id, .name = arguments->other};
  });

  command = group->add_subcommand("move", "Moves a track among the tracks");
  command->add_option("TRACK", arguments->name, "Name or id")->required();
  command->add_option("INDEX", arguments->index, "Place from 0, counted without the track itself")
      ->required()
      ->check(CLI::NonNegativeNumber);
  bind_edit<track::Move>(actions, command, "moved", [arguments](const project::Project& project) -> Result<track::Move> {
    auto track = find_track(project, arguments->name);
    if (!track) return std::move(track).error();
    return track::Move{.track_id = (*track)->id, .index = arguments->index};
  });

  command = group->add_subcommand("colour", "Gives a track a colour, or none");
  command->add_option("TRACK", arguments->name, "Name or id")->required();
  command->add_option("COLOUR", arguments->other, "# and six lower-case hexadecimal digits, such as #e8a33d; none where it is left out");
  bind_edit<track::SetColour>(actions, command, "coloured", [arguments](const project::Project& project) -> Result<track::SetColour> {
    auto track = find_track(project, arguments->name);
    if (!track) return std::move(track).error();
    track::SetColour message{.track_id = (*track)->id, .colour = {}};
    if (!arguments->other.empty()) message.colour = arguments->other;
    return message;
  });

  command = group->add_subcommand("duplicate", "Adds a copy of a track behind it");
  command->add_option("TRACK", arguments->name, "Name or id")->required();
  command->add_option("--name", arguments->other, "Name of the copy; that of the track and a number where it is left out");
  bind_edit<track::Duplicate>(
      actions, command,
      [arguments](const project::Project& project) -> Result<track::Duplicate> {
        auto track = find_track(project, arguments->name);
        if (!track) return std::move(track).error();
        track::Duplicate message{.track_id = (*track)->id, .name = {}};
        if (!arguments->other.empty()) message.name = arguments->other;
        return message;
      },
      describe);

  auto like = std::make_shared<std::string>();
  command = group->add_subcommand("list", "Lists the tracks with their ids");
  add_like_option(command, *like);
  actions.bind(command, [like](const Options& options) { return list_tracks(options, *like); });
}

}  // namespace loophole::cli
