#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <utility>

#include "app/interrupt.hpp"
#include "commands/commands.hpp"
#include "view/frame_json.hpp"
#include "view/freshness.hpp"
#include "view/live_screen.hpp"
#include "view/transport_lines.hpp"

namespace loophole::cli {
namespace {

std::string describe(const transport::StateReply& state) {
  std::string text = fmt::format("{} at frame {}, beat {:.2f}, {:g} bpm", state.playing ? "playing" : "stopped", state.position_frames,
                                 state.position_beats, state.tempo_bpm);
  if (state.loop.enabled) text += fmt::format(", loop from frame {} to {}", state.loop.start_frames, state.loop.end_frames);
  return text;
}

struct Seek {
  double seconds = 0;
  std::int64_t frames = -1;
};

struct LoopPart {
  double from_s = -1;
  double to_s = -1;
  bool off = false;
};

void add_loop(CLI::App* group, Actions& actions) {
  auto part = std::make_shared<LoopPart>();
  CLI::App* command = group->add_subcommand("loop", "Plays a part of the timeline again and again, or no longer");
  CLI::Option* from = command->add_option("FROM", part->from_s, "Begin in seconds")->check(CLI::NonNegativeNumber);
  CLI::Option* to = command->add_option("TO", part->to_s, "End in seconds; not in it")->check(CLI::NonNegativeNumber);
  from->needs(to);
  command->add_flag("--off", part->off, "No longer; without FROM and TO the part stays as it was")->excludes(from);
  actions.bind(command, [part](const Options& options) -> Result<int> {
    auto client = connect(options);
    if (!client) return std::move(client).error();
    auto project = open_project(*client);
    if (!project) return std::move(project).error();
    const auto frames = [rate = static_cast<double>((*project)->sample_rate_hz)](double seconds) { return std::llround(seconds * rate); };
    auto now = ask(*client, transport::State{}, options);
    if (!now) return std::move(now).error();
    transport::SetLoop message{.loop = now->loop};
    message.loop.enabled = !part->off;
    if (part->from_s >= 0) {
      message.loop.start_frames = frames(part->from_s);
      message.loop.end_frames = frames(part->to_s);
    }
    auto reply = ask(*client, std::move(message), options);
    if (!reply) return std::move(reply).error();
    print(options, *reply, describe(*reply));
    return 0;
  });
}

Result<int> view(const Options& options, const LiveOptions& how) {
  auto client = options.json ? connect(options) : connect_to_stay(options);
  if (!client) return std::move(client).error();
  catch_interrupts();
  aura::Telemetry& telemetry = client->telemetry();
  if (options.json) {
    telemetry.on_transport([](const aura::TransportView& frame) { print_line(frame_json(frame).dump()); });
    return run_live(*client, how, {});
  }
  constexpr aura::Telemetry::Topic kTopic = aura::Telemetry::Topic::transport;
  telemetry.subscribe(kTopic);
  const auto line = [&] {
    const std::string wrong = trouble(*client, kTopic);
    const std::string summary = transport_summary(telemetry.transport(kAnyAge));
    return wrong + (wrong.empty() || summary.empty() ? "" : "; ") + summary;
  };
  const TerminalTraits at_first = terminal_traits();
  if (!at_first.live) return run_live(*client, how, {.draw = [&] { print_text(line()); }});
  Result<int> ended = 0;
  {
    LiveScreen screen(at_first);
    const auto draw = [&] {
      const TerminalTraits traits = screen.traits();
      const std::string wrong = trouble(*client, kTopic);
      TerminalTraits look = traits;
      look.colour = traits.colour && wrong.empty();
      std::vector<std::string> lines{wrong.empty() ? "  " : "  " + styled(traits, Style::bad, wrong)};
      for (std::string& one : transport_lines(telemetry.transport(kAnyAge), telemetry.counters().gaps, look))
        lines.push_back(std::move(one));
      screen.draw(std::move(lines), "q ends", !wrong.empty());
    };
    ended = run_live(*client, how, {.screen = &screen, .draw = draw});
  }
  print_text(line());  // the screen is gone
  return ended;
}

}  // namespace

void add_transport_commands(CLI::App& app, Actions& actions) {
  CLI::App* group = add_group(app, "transport", "Play, stop and move the transport");
  const auto text = [](const transport::StateReply& state) { return describe(state); };
  bind_plain<transport::Play>(actions, group->add_subcommand("play", "Starts the transport at its position"), text);
  bind_plain<transport::Stop>(actions, group->add_subcommand("stop", "Stops the transport where it is"), text);
  bind_plain<transport::State>(actions, group->add_subcommand("state", "Says where the transport is, its tempo and its loop"), text);
  add_loop(group, actions);
  auto how = std::make_shared<LiveOptions>();
  CLI::App* live = group->add_subcommand(
      "view", "Draws position, beat, tempo and loop as they come from Signal, until Ctrl-C. With --json one object a frame");
  add_live_options(live, *how);
  actions.bind(live, [how](const Options& options) { return view(options, *how); });

  auto tempo_bpm = std::make_shared<double>(120);
  CLI::App* tempo = group->add_subcommand("tempo", "Sets the tempo of the project: one step of the history");
  tempo->add_option("BPM", *tempo_bpm, "Beats a minute")->required();
  actions.bind(tempo, [tempo_bpm](const Options& options) {
    return run_errand(options, transport::SetTempo{.tempo_bpm = *tempo_bpm}, [](const transport::SetTempoReply& reply) {
      return fmt::format("{:g} bpm {}", reply.tempo_bpm, at_revision(reply.revision));
    });
  });

  auto where = std::make_shared<Seek>();
  CLI::App* command = group->add_subcommand("seek", "Moves the transport");
  CLI::Option* seconds = command->add_option("SECONDS", where->seconds, "New position in seconds")->check(CLI::NonNegativeNumber);
  command->add_option("--frames", where->frames, "New position in frames")->check(CLI::NonNegativeNumber)->excludes(seconds);
  actions.bind(command, [where, text](const Options& options) -> Result<int> {
    if (where->frames >= 0) return run_errand(options, transport::Seek{.position_frames = where->frames}, text);
    return run<transport::Seek>(
        options,
        [where](const aura::Client& client) -> Result<transport::Seek> {
          auto project = open_project(client);
          if (!project) return std::move(project).error();
          return transport::Seek{.position_frames = std::llround(where->seconds * static_cast<double>((*project)->sample_rate_hz))};
        },
        text);
  });
}

}  // namespace loophole::cli
