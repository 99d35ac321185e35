#include "view/live_screen.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <utility>

#include "app/exit_code.hpp"
#include "app/interrupt.hpp"
#include "view/text.hpp"

namespace loophole::cli {
namespace {

constexpr int kLeastHeightWithFooter = 8;

volatile std::sig_atomic_t stop_flag = 0;
extern "C" void set_stop_flag(int) {
  stop_flag = 1;
}

void write_out(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void on_stop(void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(SIGTSTP, &action, nullptr);
}

}  // namespace

LiveScreen::LiveScreen(const TerminalTraits& traits) : live_(traits.live) {
  if (!live_) return;
  keyboard_.emplace();
  on_stop(set_stop_flag);
  enter();
}

LiveScreen::~LiveScreen() {
  if (!live_) return;
  leave();
  on_stop(SIG_DFL);
}

void LiveScreen::enter() {
  write_out("\x1b[?1049h\x1b[?25l");
}

void LiveScreen::leave() {
  write_out("\x1b[?25h\x1b[?1049l");
}

TerminalTraits LiveScreen::traits() const {
  return terminal_traits();
}

std::vector<Key> LiveScreen::keys() {
  if (!live_) return {};
  if (std::exchange(stop_flag, 0) != 0) {
    leave();
    keyboard_->give_back();
    std::raise(SIGSTOP);
    keyboard_->take();
    enter();
  }
  return keyboard_->pressed();
}

std::size_t LiveScreen::rows(const TerminalTraits& traits) noexcept {
  return static_cast<std::size_t>(traits.height - (traits.height >= kLeastHeightWithFooter ? 1 : 0));
}

void LiveScreen::draw(std::vector<std::string> lines, const std::string& footer, bool old) {
  if (!live_) return;
  const TerminalTraits now = traits();
  lines.resize(std::min(lines.size(), rows(now)));
  for (std::size_t i = 1; old && i < lines.size(); ++i) lines[i] = styled(now, Style::dim, lines[i]);
  if (now.height >= kLeastHeightWithFooter) {
    lines.resize(rows(now));
    lines.push_back(styled(now, Style::dim, "  " + (keyboard_->is_there() ? footer : "Ctrl-C ends")));
  }
  std::string out = "\x1b[H";
  for (std::size_t i = 0; i < lines.size(); ++i)
    out += (i == 0 ? "" : "\r\n") + fitted(now, lines[i], static_cast<std::size_t>(now.width)) + "\x1b[K";
  write_out(out + "\x1b[J");
}

void add_live_options(CLI::App* command, LiveOptions& options) {
  command->add_option("--seconds", options.seconds, "End after this long")->check(CLI::PositiveNumber);
  command->add_option("--rate", options.rate_hz, "Drawings a second; 30 on a terminal, otherwise 2 lines")->check(CLI::Range(0.1, 120.0));
}

Result<int> run_live(aura::Client& client, const LiveOptions& options, const LiveView& view) {
  constexpr std::chrono::milliseconds kLookForKeys{50};
  const bool live = view.screen != nullptr;
  const double rate_hz = options.rate_hz > 0 ? options.rate_hz : (live ? 30 : 2);
  if (view.draw) client.every(std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / rate_hz)), view.draw);
  bool over = false;
  if (options.seconds > 0)
    client.after(std::chrono::nanoseconds(static_cast<std::int64_t>(options.seconds * 1e9)), [&over] { over = true; });
  while (!over && !interrupted() && client.poll(kLookForKeys)) {
    if (!live) continue;
    const std::vector<Key> keys = view.screen->keys();
    for (const Key key : keys) {
      over = over || key == Key::quit;
      if (view.press) view.press(key);
    }
    if (!keys.empty()) view.draw();
  }
  if (client.connection().is_final()) return *client.close_reason();
  return kSuccess;
}

}  // namespace loophole::cli
