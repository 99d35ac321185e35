#include "view/live_screen.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>

#include "app/exit_code.hpp"
#include "app/interrupt.hpp"
#include "view/transport_lines.hpp"

namespace loophole::cli {
namespace {

void write_out(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

LiveScreen::LiveScreen(const TerminalTraits& traits) : live_(traits.live) {
  if (live_) write_out("\x1b[?1049h\x1b[?25l");
}

LiveScreen::~LiveScreen() {
  if (live_) write_out("\x1b[?25h\x1b[?1049l");
}

TerminalTraits LiveScreen::traits() const {
  return terminal_traits();
}

void LiveScreen::draw(const std::vector<std::string>& lines) {
  if (!live_) return;
  const TerminalTraits now = traits();
  std::string out = "\x1b[H";
  for (std::size_t i = 0; i < lines.size() && i < static_cast<std::size_t>(now.height); ++i)
    out += (i == 0 ? "" : "\r\n") + fitted(now, lines[i], static_cast<std::size_t>(now.width)) + "\x1b[K";
  write_out(out + "\x1b[J");
}

void add_live_options(CLI::App* command, LiveOptions& options) {
  command->add_option("--seconds", options.seconds, "End after this long")->check(CLI::PositiveNumber);
  command->add_option("--rate", options.rate_hz, "Drawings a second; 30 on a terminal, otherwise 2 lines")->check(CLI::Range(0.1, 120.0));
}

Result<int> run_live(aura::Client& client, const LiveOptions& options, bool live, const std::function<void()>& draw) {
  const double rate_hz = options.rate_hz > 0 ? options.rate_hz : (live ? 30 : 2);
  client.every(std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / rate_hz)), draw);
  bool over = false;
  if (options.seconds > 0)
    client.after(std::chrono::nanoseconds(static_cast<std::int64_t>(options.seconds * 1e9)), [&over] { over = true; });
  while (!over && !interrupted() && client.poll(std::chrono::milliseconds{100})) continue;
  if (!client.is_connected()) return *client.close_reason();
  return kSuccess;
}

std::string position_text(const aura::Telemetry& telemetry, const TerminalTraits& traits) {
  const auto& transport = telemetry.transport();
  if (!transport || transport->sample_rate_hz == 0) return "no engine";
  const char* sign = transport->playing ? (traits.unicode ? "▶" : ">") : (traits.unicode ? "■" : "=");
  return fmt::format("{} {}", sign, clock_text(static_cast<double>(transport->position_frames) / transport->sample_rate_hz));
}

}  // namespace loophole::cli
