#include <fmt/format.h>

#include <memory>
#include <utility>

#include "app/interrupt.hpp"
#include "app/names.hpp"
#include "commands/commands.hpp"
#include "view/frame_json.hpp"
#include "view/freshness.hpp"
#include "view/live_screen.hpp"
#include "view/spectrum_bars.hpp"
#include "view/text.hpp"

namespace loophole::cli {
namespace {

// The analyser, as it is called now.
std::string title(const aura::Client& client, const NodeId& id) {
  if (client.project() != nullptr)
    for (const NamedNode& one : all_analysers(*client.project()))
      if (one.node->id == id) return terminal_text(one.name);
  return "no longer in the project";
}

// The spectrum of one analyser on a terminal, or as lines.
class AnalyserView {
 public:
  AnalyserView(aura::Client& client, NodeId id, std::int64_t handle) : client_(client), id_(std::move(id)), bars_(terminal_traits()) {
    client.telemetry().subscribe(aura::Telemetry::Topic::transport);
    client.telemetry().on_spectrum(handle, [this](const aura::SpectrumView& view) {
      const auto now = Clock::now();
      bars_.update(view, now);
      frames_.take(now);
    });
    client.on_engine([this](const engine::Changed&) {
      bars_.reset();
      frames_.reset();
    });
  }

  void draw(LiveScreen& screen) {
    const auto now = Clock::now();
    const TerminalTraits traits = screen.traits();
    const bool old = frames_.age(now).has_value() || !client_.is_connected();
    TerminalTraits look = traits;
    look.colour = traits.colour && !old;
    bars_.resize(look);
    std::vector<std::string> lines{"  " + head(traits, now)};
    for (std::string& one : bars_.lines(now, LiveScreen::rows(traits) - 1)) lines.push_back(std::move(one));
    screen.draw(std::move(lines), "c clears the peaks  q ends", old);
  }
  void press(Key key) {
    if (key == Key::clear) bars_.clear_peaks();
  }
  // One plain line.
  [[nodiscard]] std::string line() const {
    const std::string wrong = trouble(client_, frames_, Clock::now());
    return title(client_, id_) + ": " + (wrong.empty() ? "" : wrong + "; ") + bars_.summary();
  }

 private:
  [[nodiscard]] std::string head(const TerminalTraits& traits, Clock::time_point now) const {
    const aura::TelemetryCounters counters = client_.telemetry().counters();
    std::string text = head_text(client_, frames_, traits, now) + "  " + styled(traits, Style::bold, title(client_, id_));
    if (const auto peak = bars_.peak()) text += fmt::format("  {} at {:.1f} dB", frequency_text(peak->frequency_hz), peak->level_db);
    return text + fmt::format("  {} frames, {} missing", counters.spectrum_frames, counters.gaps);
  }

  aura::Client& client_;
  NodeId id_;
  SpectrumBars bars_;
  Freshness frames_;
};

Result<int> spectrum(const Options& options, const LiveOptions& how, const std::string& name) {
  auto client = options.json ? connect(options) : connect_to_stay(options);
  if (!client) return std::move(client).error();
  auto project = open_project(*client);
  if (!project) return std::move(project).error();
  auto analyser = find_analyser(**project, name);
  if (!analyser) return std::move(analyser).error();
  const std::int64_t handle = *analyser->node->meter_handle;
  catch_interrupts();
  if (options.json) {
    client->telemetry().on_spectrum(handle, [](const aura::SpectrumView& view) { print_text(frame_json(view).dump()); });
    return run_live(*client, how, {});
  }
  const TerminalTraits at_first = terminal_traits();
  AnalyserView view(*client, analyser->node->id, handle);
  if (!at_first.live) return run_live(*client, how, {.draw = [&] { print_text(view.line()); }});
  Result<int> ended = 0;
  {
    LiveScreen screen(at_first);
    ended = run_live(*client, how, {.screen = &screen, .draw = [&] { view.draw(screen); }, .press = [&](Key key) { view.press(key); }});
  }
  print_text(view.line());  // the screen is gone
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
