#pragma once
// LiveScreen: the whole terminal for a view that is drawn again and again. What was on it comes back when it goes. It takes any size that
// the terminal gets meanwhile.

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "loophole/aura.hpp"
#include "view/terminal.hpp"

namespace loophole::cli {

class LiveScreen {
 public:
  // Nothing happens without a live terminal.
  explicit LiveScreen(const TerminalTraits& traits);
  ~LiveScreen();
  LiveScreen(const LiveScreen&) = delete;
  LiveScreen& operator=(const LiveScreen&) = delete;

  // [owner-thread] What the terminal can do and how large it is now.
  [[nodiscard]] TerminalTraits traits() const;
  // [owner-thread] Lines beyond the height are left out, and what is beyond the width.
  void draw(const std::vector<std::string>& lines);

 private:
  bool live_;
};

// How a view goes on.
struct LiveOptions {
  double seconds = 0;  // 0: until Ctrl-C
  double rate_hz = 0;  // 0: 30 on a live terminal, else 2
};

// Adds --seconds and --rate.
void add_live_options(CLI::App* command, LiveOptions& options);

// [owner-thread] Calls `draw` at the rate of the options until Ctrl-C, the end of the time, or that of the connection, which is an error.
[[nodiscard]] Result<int> run_live(aura::Client& client, const LiveOptions& options, bool live, const std::function<void()>& draw);

// [any-thread] "▶ 01:02.345"; "no engine" where there is no frame.
[[nodiscard]] std::string position_text(const aura::Telemetry& telemetry, const TerminalTraits& traits);

}  // namespace loophole::cli
