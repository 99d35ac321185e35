#pragma once
// LiveScreen: the whole terminal for a view that is drawn again and again, and its keyboard. What was on it comes back when it goes, or
// when the program is stopped as a job. It takes any size that the terminal gets meanwhile.

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "loophole/aura.hpp"
#include "view/keyboard.hpp"
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
  // [owner-thread] What was pressed since. Stops the program here when Ctrl-Z was.
  [[nodiscard]] std::vector<Key> keys();
  // [owner-thread] Lines beyond the height are left out, and what is beyond the width. `footer` is the last line, where there is room for
  // it; without a keyboard there are no keys to tell of. `old`: dimmed, as what is shown is not what is.
  void draw(std::vector<std::string> lines, const std::string& footer, bool old = false);
  // [any-thread] How many lines there are besides the footer.
  [[nodiscard]] static std::size_t rows(const TerminalTraits& traits) noexcept;

 private:
  void enter();
  void leave();
  bool live_;
  std::optional<Keyboard> keyboard_;
};

// How a view goes on.
struct LiveOptions {
  double seconds = 0;  // 0: until Ctrl-C
  double rate_hz = 0;  // 0: 30 on a live terminal, else 2
};

// Adds --seconds and --rate.
void add_live_options(CLI::App* command, LiveOptions& options);

// A view: what draws it, and what a key does. `screen` is nullptr where lines are printed instead.
struct LiveView {
  LiveScreen* screen = nullptr;
  std::function<void()> draw;
  std::function<void(Key)> press{};
};

// [owner-thread] Draws at the rate of the options and after each key, until Ctrl-C, the key that ends it, the end of the time, or that of
// the connection for good, which is an error.
[[nodiscard]] Result<int> run_live(aura::Client& client, const LiveOptions& options, const LiveView& view);

}  // namespace loophole::cli
