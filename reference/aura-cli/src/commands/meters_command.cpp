#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "app/interrupt.hpp"
#include "commands/commands.hpp"
#include "view/frame_json.hpp"
#include "view/freshness.hpp"
#include "view/live_screen.hpp"
#include "view/meter_bars.hpp"
#include "view/scroll.hpp"
#include "view/text.hpp"

namespace loophole::cli {
namespace {

struct Arguments {
  LiveOptions how;
  double clip_hold_s = 0;  // 0: CLIP stays
};

// The meters of a client on a terminal, or as lines.
class MetersScreen {
 public:
  MetersScreen(aura::Client& client, const Arguments& arguments) : client_(client), bars_(terminal_traits()) {
    if (arguments.clip_hold_s > 0) bars_.hold_clips(std::chrono::duration<double>(arguments.clip_hold_s));
    client.telemetry().subscribe(aura::Telemetry::Topic::transport);
    client.telemetry().on_meters([this](const aura::MetersView& view) { bars_.update(view, Clock::now()); });
  }

  void draw(LiveScreen& screen) {
    const auto now = Clock::now();
    const TerminalTraits traits = screen.traits();
    const std::string wrong = look();
    TerminalTraits style = traits;
    style.colour = traits.colour && wrong.empty();
    bars_.resize(style);
    const std::vector<MeterName> all = names();
    const std::size_t rows = LiveScreen::rows(traits) - 1;
    scroll_.fit(all.empty() ? 0 : all.size() - 1, MeterBars::shown(all.size(), rows));
    std::vector<std::string> lines{"  " + head_text(client_, wrong, traits) + "  " + counts()};
    if (client_.project() == nullptr) lines.emplace_back("  no project is open; the meters come with one");
    for (std::string& line : bars_.lines(all, now, rows, scroll_.first())) lines.push_back(std::move(line));
    screen.draw(std::move(lines), footer(traits), !wrong.empty());
  }

  void press(Key key) {
    if (key == Key::clear) bars_.clear_clips();
    scroll_.press(key);
  }

  // One plain line.
  [[nodiscard]] std::string line(const TerminalTraits& traits) {
    const std::string begin = head_text(client_, look(), {.unicode = traits.unicode});
    const auto width = static_cast<std::size_t>(traits.width);
    if (client_.project() == nullptr) return fitted({.unicode = traits.unicode}, begin + "  no project is open", width);
    return bars_.line_behind(begin, names(), Clock::now(), width);
  }
  // What is left when the screen is gone.
  [[nodiscard]] std::string last_line(const TerminalTraits& traits) { return line(traits) + "\n" + counts(); }

 private:
  // What is wrong. The levels of an engine that is gone are none any more; its CLIP stays until there is another one.
  [[nodiscard]] std::string look() {
    if (!client_.telemetry().age(aura::Telemetry::Topic::meters)) bars_.forget_levels();
    return trouble(client_, aura::Telemetry::Topic::meters);
  }
  [[nodiscard]] std::vector<MeterName> names() const {
    return client_.project() == nullptr ? std::vector<MeterName>() : meter_names(*client_.project());
  }
  [[nodiscard]] std::string counts() const {
    const aura::TelemetryCounters counters = client_.telemetry().counters();
    return fmt::format("{} meter frames, {} missing", counters.meters_frames, counters.gaps);
  }
  [[nodiscard]] std::string footer(const TerminalTraits& traits) const {
    const std::string keys = "c clears CLIP  q ends";
    if (!scroll_.needed()) return keys;
    return fmt::format("{} to {} of {}  {} PgUp PgDn Home End  {}", scroll_.first() + 1, scroll_.end(), scroll_.total(),
                       traits.unicode ? "↑ ↓" : "j k", keys);
  }

  aura::Client& client_;
  MeterBars bars_;
  Scroll scroll_;
};

Result<int> meters(const Options& options, const Arguments& arguments) {
  auto client = options.json ? connect(options) : connect_to_stay(options);
  if (!client) return std::move(client).error();
  catch_interrupts();
  if (options.json) {
    client->telemetry().on_meters([](const aura::MetersView& view) { print_line(frame_json(view).dump()); });
    return run_live(*client, arguments.how, {});
  }
  const TerminalTraits at_first = terminal_traits();
  MetersScreen view(*client, arguments);
  if (!at_first.live) return run_live(*client, arguments.how, {.draw = [&] { print_text(view.line(at_first)); }});
  Result<int> ended = 0;
  {
    LiveScreen screen(at_first);
    ended = run_live(*client, arguments.how,
                     {.screen = &screen, .draw = [&] { view.draw(screen); }, .press = [&](Key key) { view.press(key); }});
  }
  print_text(view.last_line(terminal_traits()));
  return ended;
}

}  // namespace

void add_meters_command(CLI::App& app, Actions& actions) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "meters", "Draws levels and transport position as they come from Signal, until Ctrl-C. With --json one object a meter frame");
  add_live_options(command, arguments->how);
  command->add_option("--clip-hold", arguments->clip_hold_s, "CLIP goes after so many seconds; it stays until the key c where left out")
      ->check(CLI::PositiveNumber);
  actions.bind(command, [arguments](const Options& options) { return meters(options, *arguments); });
}

}  // namespace loophole::cli
