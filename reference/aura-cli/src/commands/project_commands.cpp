#include <fmt/format.h>

#include <memory>

#include "commands/commands.hpp"
#include "view/text.hpp"

namespace loophole::cli {
namespace {

std::string describe(const project::OpenReply& reply) {
  return fmt::format("{} ({}) at revision {}\n  {}", terminal_text(reply.name), reply.project_id.str(), reply.revision, reply.path);
}

std::string seconds(std::int64_t frames, std::int64_t rate) {
  return fmt::format("{:.2f} s", static_cast<double>(frames) / static_cast<double>(rate));
}

std::string describe(const project::Project& project, const aura::Mirror& mirror) {
  std::string text = fmt::format("{} ({}) at revision {}, {} Hz, {} bpm\n  {}", terminal_text(project.name), project.id.str(),
                                 mirror.revision(), project.sample_rate_hz, project.tempo_bpm, mirror.path());
  for (const track::Track& track : project.tracks) {
    text +=
        fmt::format("\n{} ({}), {:+.1f} {}", terminal_text(track.name), track.id.str(), track.channel.gain.value, track.channel.gain.unit);
    for (const clip::Clip& clip : track.clips)
      text += fmt::format("\n  clip {} ({}) at {} for {}", terminal_text(clip.name), clip.id.str(),
                          seconds(clip.start_frames, project.sample_rate_hz), seconds(clip.length_frames, project.sample_rate_hz));
    for (const node::Node& node : track.channel.nodes) {
      text += fmt::format("\n  node {} ({})", terminal_text(node.name), node.id.str());
      for (const parameter::Parameter& parameter : node.parameters)
        text += fmt::format("\n    {} = {:g}{}{}", terminal_text(parameter.name), parameter.value, parameter.unit.empty() ? "" : " ",
                            parameter.unit);
    }
  }
  return text;
}

Result<int> show(const Options& options) {
  if (options.json) return run_errand(options, project::Snapshot{}, [](const project::SnapshotReply&) { return std::string(); });
  auto client = connect(options);
  if (!client) return std::move(client).error();
  auto project = open_project(*client);
  if (!project) return std::move(project).error();
  print_text(describe(**project, client->mirror()));
  return 0;
}

std::string describe(const project::SaveReply& reply) {
  return fmt::format("revision {} is in {}", reply.revision, reply.path);
}

std::string describe(const project::ChangesReply& reply) {
  std::string text;
  for (const project::Changed& step : reply.transactions)
    text += fmt::format("{:>6}  {}, {} change{}\n", step.revision, terminal_text(step.label), step.changes.size(),
                        step.changes.size() == 1 ? "" : "s");
  return text + fmt::format("{} is at revision {}", terminal_text(reply.name), reply.revision);
}

struct NewOptions {
  std::string path;
  std::string name;
  std::int64_t sample_rate_hz = 48'000;
  double tempo_bpm = 120;
};

}  // namespace

void add_project_commands(CLI::App& app, Actions& actions) {
  CLI::App* group = add_group(app, "project", "Make, open, save, close and show projects");

  auto made = std::make_shared<NewOptions>();
  CLI::App* command = group->add_subcommand("new", "Makes a project file and opens it");
  command->add_option("FILE", made->path, "File to make; there must be none yet")->required();
  command->add_option("--name", made->name, "Name for people; the file's where it is left out");
  command->add_option("--sample-rate", made->sample_rate_hz, "Sample rate of the timeline in Hz")->capture_default_str();
  command->add_option("--tempo", made->tempo_bpm, "Tempo in beats per minute")->capture_default_str();
  actions.bind(command, [made](const Options& options) {
    project::New message{
        .path = absolute_path(made->path), .name = {}, .sample_rate_hz = made->sample_rate_hz, .tempo_bpm = made->tempo_bpm};
    if (!made->name.empty()) message.name = made->name;
    return run_errand(options, message, [](const project::OpenReply& reply) { return describe(reply); });
  });

  auto path = std::make_shared<std::string>();
  command = group->add_subcommand("open", "Opens a project file");
  command->add_option("FILE", *path, "Project file")->required();
  actions.bind(command, [path](const Options& options) {
    return run_errand(options, project::Open{.path = absolute_path(*path)},
                      [](const project::OpenReply& reply) { return describe(reply); });
  });

  bind_plain<project::Save>(actions,
                            group->add_subcommand("save", "Writes everything into the project file itself; edits are durable without it"),
                            [](const project::SaveReply& reply) { return describe(reply); });

  command = group->add_subcommand("save-as", "Writes the project into another file and goes on with that one");
  command->add_option("FILE", made->path, "File to make; there must be none yet")->required();
  command->add_option("--name", made->name, "Name for people; as it was where it is left out");
  actions.bind(command, [made](const Options& options) {
    project::SaveAs message{.path = absolute_path(made->path), .name = {}};
    if (!made->name.empty()) message.name = made->name;
    return run_errand(options, message, [](const project::SaveReply& reply) { return describe(reply); });
  });

  bind_plain<project::Close>(actions, group->add_subcommand("close", "Closes the project"),
                             [](const project::Close::Reply&) { return std::string("closed"); });

  auto since = std::make_shared<std::int64_t>(0);
  command = group->add_subcommand("changes", "Lists the transactions since a revision, as far back as Pulse holds them");
  command->add_option("REVISION", *since, "Revision to begin behind")->required()->check(CLI::NonNegativeNumber);
  bind_edit<project::Changes>(
      actions, command,
      [since](const project::Project& project) -> Result<project::Changes> {
        return project::Changes{.project_id = project.id, .since_revision = *since};
      },
      [](const project::ChangesReply& reply) { return describe(reply); });
  actions.bind(group->add_subcommand("show", "Shows the project: tracks, clips, nodes and values. With --json the whole snapshot"), show);
}

}  // namespace loophole::cli
