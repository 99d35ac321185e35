#include <fmt/format.h>

#include <cmath>
#include <memory>

#include "commands/commands.hpp"

namespace loophole::cli {
namespace {

std::string describe(const transport::StateReply& state) {
  return fmt::format("{} at frame {}", state.playing ? "playing" : "stopped", state.position_frames);
}

struct Seek {
  double seconds = 0;
  std::int64_t frames = -1;
};

}  // namespace

void add_transport_commands(CLI::App& app, Actions& actions) {
  CLI::App* group = add_group(app, "transport", "Play, stop and move the transport");
  actions.bind(group->add_subcommand("play", "Starts the transport at its position"), [](const Options& options) {
    return run<transport::Play>(
        options, [](const aura::Client&) { return transport::Play{}; }, [](const transport::StateReply& s) { return describe(s); });
  });
  actions.bind(group->add_subcommand("stop", "Stops the transport where it is"), [](const Options& options) {
    return run<transport::Stop>(
        options, [](const aura::Client&) { return transport::Stop{}; }, [](const transport::StateReply& s) { return describe(s); });
  });

  auto tempo_bpm = std::make_shared<double>(120);
  CLI::App* tempo = group->add_subcommand("tempo", "Sets the tempo of the project: one step of the history");
  tempo->add_option("BPM", *tempo_bpm, "Beats a minute")->required();
  bind_edit<transport::SetTempo>(
      actions, tempo,
      [tempo_bpm](const project::Project&) -> Result<transport::SetTempo> { return transport::SetTempo{.tempo_bpm = *tempo_bpm}; },
      [](const transport::SetTempoReply& reply) { return fmt::format("{:g} bpm {}", reply.tempo_bpm, at_revision(reply.revision)); });

  auto where = std::make_shared<Seek>();
  CLI::App* command = group->add_subcommand("seek", "Moves the transport");
  CLI::Option* seconds = command->add_option("SECONDS", where->seconds, "New position in seconds")->check(CLI::NonNegativeNumber);
  command->add_option("--frames", where->frames, "New position in frames")->check(CLI::NonNegativeNumber)->excludes(seconds);
  actions.bind(command, [where](const Options& options) {
    return run<transport::Seek>(
        options,
        [where](const aura::Client& client) -> Result<transport::Seek> {
          if (where->frames >= 0) return transport::Seek{.position_frames = where->frames};
          auto project = open_project(client);
          if (!project) return std::move(project).error();
          return transport::Seek{.position_frames = std::llround(where->seconds * static_cast<double>((*project)->sample_rate_hz))};
        },
        [](const transport::StateReply& state) { return describe(state); });
  });
}

}  // namespace loophole::cli
