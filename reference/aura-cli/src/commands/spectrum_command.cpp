#include <fmt/format.h>

#include <memory>

#include "app/interrupt.hpp"
#include "app/names.hpp"
#include "commands/commands.hpp"
#include "view/frame_json.hpp"
#include "view/live_screen.hpp"
#include "view/spectrum_bars.hpp"

namespace loophole::cli {
namespace {

// The analyser, as it is called now.
std::string title(const aura::Client& client, const NodeId& id) {
  if (client.project() != nullptr)
    for (const NamedNode& one : all_analysers(*client.project()))
      if (one.node->id == id) return one.name;
  return "no longer in the project";
}

std::string head(aura::Client& client, const NodeId& id, const TerminalTraits& traits, const SpectrumBars& bars) {
  const aura::Telemetry& telemetry = client.telemetry();
  std::string text = fmt::format("{}  {}", position_text(telemetry, traits), styled(traits, Style::bold, title(client, id)));
  if (const auto peak = bars.peak()) text += fmt::format("  {} at {:.1f} dB", frequency_text(peak->frequency_hz), peak->level_db);
  return text + fmt::format("  {} frames, {} missing", telemetry.counters().spectrum_frames, telemetry.counters().gaps);
}

Result<int> spectrum(const Options& options, const LiveOptions& how, const std::string& name) {
  auto client = connect(options);
  if (!client) return std::move(client).error();
  auto project = open_project(*client);
  if (!project) return std::move(project).error();
  auto analyser = find_analyser(**project, name);
  if (!analyser) return std::move(analyser).error();
  const NodeId id = analyser->node->id;
  const std::int64_t handle = *analyser->node->meter_handle;
  catch_interrupts();
  aura::Telemetry& telemetry = client->telemetry();
  if (options.json) {
    telemetry.on_spectrum(handle, [](const aura::SpectrumView& view) { print_text(frame_json(view).dump()); });
    return run_live(*client, how, false, [] {});
  }
  const TerminalTraits at_first = terminal_traits();
  SpectrumBars bars(at_first);
  telemetry.subscribe(aura::Telemetry::Topic::transport);
  telemetry.on_spectrum(handle, [&bars](const aura::SpectrumView& view) { bars.update(view, Clock::now()); });
  client->on_engine([&bars](const engine::Changed&) { bars.reset(); });
  const auto line = [&] { return title(*client, id) + ": " + bars.summary(); };
  Result<int> ended = 0;
  {
    LiveScreen screen(at_first);
    ended = run_live(*client, how, at_first.live, [&] {
      if (!at_first.live) return print_text(line());
      const TerminalTraits traits = screen.traits();
      bars.resize(traits);
      std::vector<std::string> lines{"  " + head(*client, id, traits, bars)};
      for (std::string& one : bars.lines(Clock::now(), static_cast<std::size_t>(traits.height - 1))) lines.push_back(std::move(one));
      screen.draw(lines);
    });
  }
  if (at_first.live) print_text(line());  // the screen is gone
  return ended;
}

}  // namespace

void add_spectrum_command(CLI::App& app, Actions& actions) {
  auto how = std::make_shared<LiveOptions>();
  auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "spectrum", "Draws the spectrum of an analyser as it comes from Signal, until Ctrl-C. With --json one object a frame");
  command->add_option("ANALYSER", *name, "CHANNEL/NODE, its channel, or its id; may be left out where there is only one analyser");
  add_live_options(command, *how);
  command->footer("An analyser is a node that lets audio pass: `aura-cli node add Master analyser` adds one.");
  actions.bind(command, [how, name](const Options& options) { return spectrum(options, *how, *name); });
}

}  // namespace loophole::cli
