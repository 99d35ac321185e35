#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "app/exit_code.hpp"
#include "app/interrupt.hpp"
#include "commands/commands.hpp"
#include "view/meter_bars.hpp"

namespace loophole::cli {
namespace {

struct Arguments {
  double seconds = 0;
  double rate_hz = 0;
};

std::string position_text(const aura::Telemetry& telemetry, const TerminalTraits& traits) {
  const auto& transport = telemetry.transport();
  if (!transport || transport->sample_rate_hz == 0) return "no engine";
  const double seconds = static_cast<double>(transport->position_frames) / transport->sample_rate_hz;
  const char* sign = transport->playing ? (traits.unicode ? "▶" : ">") : (traits.unicode ? "■" : "=");
  return fmt::format("{} {:02d}:{:06.3f}  epoch {}  {} meter frames, {} missing", sign, static_cast<int>(seconds) / 60,
                     seconds - 60 * static_cast<int>(seconds / 60), transport->epoch, telemetry.counters().meters_frames,
                     telemetry.counters().gaps);
}

// One JSON object a frame; telemetry frames are no messages of the control plane, so they have no schema of their own there.
std::string frame_json(const aura::MetersView& meters) {
  nlohmann::json levels = nlohmann::json::array();
  for (const aura::Level& level : meters.levels)
    levels.push_back({{"handle", level.handle}, {"channel", level.channel}, {"peak", level.peak}, {"rms", level.rms}});
  return nlohmann::json{{"epoch", meters.epoch},    {"sequence", meters.sequence},          {"engineFrames", meters.engine_frames},
                        {"timeNs", meters.time_ns}, {"lengthFrames", meters.length_frames}, {"levels", std::move(levels)}}
      .dump();
}

Result<int> meters(const Options& options, const Arguments& arguments) {
  auto client = connect(options);
  if (!client) return std::move(client).error();
  catch_interrupts();
  const TerminalTraits traits = terminal_traits();
  const bool live = traits.live && !options.json;
  const double rate_hz = arguments.rate_hz > 0 ? arguments.rate_hz : (live ? 30 : 2);
  const auto interval = std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / rate_hz));
  MeterBars bars(traits);
  LiveBlock block(traits);
  aura::Telemetry& telemetry = client->telemetry();
  telemetry.subscribe(aura::Telemetry::Topic::transport);
  telemetry.on_meters([&](const aura::MetersView& view) {
    bars.update(view, Clock::now());
    if (options.json) print_text(frame_json(view));
  });
  client->on_engine([&](const engine::Changed&) { bars.reset(); });
  if (!options.json) {
    client->every(interval, [&] {
      if (client->project() == nullptr) return;
      const auto names = meter_names(*client->project());
      if (!live) {
        if (telemetry.meters().epoch != 0) print_text(position_text(telemetry, traits) + "  " + bars.summary(names));
        return;
      }
      std::vector<std::string> lines = bars.lines(names, Clock::now());
      const auto room = static_cast<std::size_t>(std::max(3, traits.height - 2));
      if (lines.size() + 1 > room) lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(room - 1));  // the master stays
      lines.insert(lines.begin(), "  " + position_text(telemetry, traits));
      block.draw(std::move(lines));
    });
  }
  bool over = false;
  if (arguments.seconds > 0)
    client->after(std::chrono::nanoseconds(static_cast<std::int64_t>(arguments.seconds * 1e9)), [&over] { over = true; });
  if (live && client->project() == nullptr) block.print("no project is open; the meters come with one");
  while (!over && !interrupted() && client->poll(std::chrono::milliseconds{100})) continue;
  if (!client->is_connected()) return *client->close_reason();
  return kSuccess;
}

}  // namespace

void add_meters_command(CLI::App& app, Actions& actions) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "meters", "Draws levels and transport position as they come from Signal, until Ctrl-C. With --json one object a meter frame");
  command->add_option("--seconds", arguments->seconds, "End after this long")->check(CLI::PositiveNumber);
  command->add_option("--rate", arguments->rate_hz, "Drawings a second; 30 in a terminal, otherwise 2 lines")
      ->check(CLI::Range(0.1, 120.0));
  actions.bind(command, [arguments](const Options& options) { return meters(options, *arguments); });
}

}  // namespace loophole::cli
