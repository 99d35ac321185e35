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
class SpectrumScreen {
 public:
  SpectrumScreen(aura::Client& client, NodeId id, std::int64_t handle)
      : client_(client), id_(std::move(id)), topic_(aura::Telemetry::Topic::spectrum(handle)), bars_(terminal_traits()) {
    client.telemetry().subscribe(aura::Telemetry::Topic::transport);
    client.telemetry().on_spectrum(handle, [this](const aura::SpectrumView& view) { bars_.update(view, Clock::now()); });
  }

  void draw(LiveScreen& screen) {
    const auto now = Clock::now();
    const TerminalTraits traits = screen.traits();
    const std::string wrong = look();
    TerminalTraits style = traits;
    style.colour = traits.colour && wrong.empty();
    bars_.resize(style);
    std::vector<std::string> lines{"  " + head(traits, wrong)};
    for (std::string& one : bars_.lines(now, LiveScreen::rows(traits) - 1)) lines.push_back(std::move(one));
    screen.draw(std::move(lines), "c clears the peaks  q ends", !wrong.empty());
  }
  void press(Key key) {
    if (key == Key::clear) bars_.clear_peaks();
  }
  // One plain line.
  [[nodiscard]] std::string line() {
    const std::string wrong = look();
    return title(client_, id_) + ": " + (wrong.empty() ? "" : wrong + "; ") + bars_.summary();
  }

 private:
  // What is wrong. The spectrum of an engine that is gone is none any more.
  [[nodiscard]] std::string look() {
    if (!client_.telemetry().age(topic_)) bars_.reset();
    return trouble(client_, topic_);
  }
  [[nodiscard]] std::string head(const TerminalTraits& traits, const std::string& wrong) const {
    const aura::TelemetryCounters counters = client_.telemetry().counters();
    std::string text = head_text(client_, wrong, traits) + "  " + styled(traits, Style::bold, title(client_, id_));
    if (const auto peak = bars_.peak()) text += fmt::format("  {} at {:.1f} dB", frequency_text(peak->frequency_hz), peak->level_db);
    return text + fmt::format("  {} frames, {} missing", counters.spectrum_frames, counters.gaps);
  }

  aura::Client& client_;
  NodeId id_;
  aura::Telemetry::Topic topic_;
  SpectrumBars bars_;
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
    client->telemetry().on_spectrum(handle, [](const aura::SpectrumView& view) { print_line(frame_json(view).dump()); });
    return run_live(*client, how, {});
  }
  const TerminalTraits at_first = terminal_traits();
  SpectrumScreen view(*client, analyser->node->id, handle);
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
