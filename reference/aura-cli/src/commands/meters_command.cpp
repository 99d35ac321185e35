#include <fmt/format.h>

#include <memory>

#include "app/interrupt.hpp"
#include "commands/commands.hpp"
#include "view/frame_json.hpp"
#include "view/live_screen.hpp"
#include "view/meter_bars.hpp"

namespace loophole::cli {
namespace {

Result<int> meters(const Options& options, const LiveOptions& how) {
  auto client = connect(options);
  if (!client) return std::move(client).error();
  catch_interrupts();
  aura::Telemetry& telemetry = client->telemetry();
  if (options.json) {
    telemetry.on_meters([](const aura::MetersView& view) { print_text(frame_json(view).dump()); });
    return run_live(*client, how, false, [] {});
  }
  const TerminalTraits at_first = terminal_traits();
  MeterBars bars(at_first);
  telemetry.subscribe(aura::Telemetry::Topic::transport);
  telemetry.on_meters([&bars](const aura::MetersView& view) { bars.update(view, Clock::now()); });
  client->on_engine([&bars](const engine::Changed&) { bars.reset(); });
  const auto names = [&client] { return client->project() == nullptr ? std::vector<MeterName>() : meter_names(*client->project()); };
  const auto head = [&](const TerminalTraits& traits) {
    return fmt::format("{}  {} meter frames, {} missing", position_text(telemetry, traits), telemetry.counters().meters_frames,
                       telemetry.counters().gaps);
  };
  Result<int> ended = 0;
  {
    LiveScreen screen(at_first);
    ended = run_live(*client, how, at_first.live, [&] {
      const TerminalTraits traits = at_first.live ? screen.traits() : at_first;
      if (!at_first.live) {
        print_text(head(traits) + "  " + (client->project() == nullptr ? "no project is open" : bars.summary(names())));
        return;
      }
      bars.resize(traits);
      std::vector<std::string> lines{"  " + head(traits)};
      if (client->project() == nullptr) lines.emplace_back("  no project is open; the meters come with one");
      for (std::string& line : bars.lines(names(), Clock::now(), static_cast<std::size_t>(traits.height - 1)))
        lines.push_back(std::move(line));
      screen.draw(lines);
    });
  }
  if (at_first.live) print_text(head(at_first) + "  " + bars.summary(names()));  // the screen is gone
  return ended;
}

}  // namespace

void add_meters_command(CLI::App& app, Actions& actions) {
  auto how = std::make_shared<LiveOptions>();
  CLI::App* command = app.add_subcommand(
      "meters", "Draws levels and transport position as they come from Signal, until Ctrl-C. With --json one object a meter frame");
  add_live_options(command, *how);
  actions.bind(command, [how](const Options& options) { return meters(options, *how); });
}

}  // namespace loophole::cli
