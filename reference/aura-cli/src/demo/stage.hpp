#pragma once
// Stage: where the demo tells its story. In a live terminal the meters stay below the text; elsewhere there are plain lines.

#include <string>
#include <utility>

#include "demo/report.hpp"
#include "loophole/aura.hpp"
#include "view/meter_bars.hpp"
#include "view/terminal.hpp"

namespace loophole::cli {

class Stage {
 public:
  enum class Voice { spoken, silent };
  Stage(const TerminalTraits& traits, Voice voice);

  // [owner-thread]
  void heading(int number, const std::string& text);
  void say(const std::string& text);
  void check(const Check& check);
  void report(const Report& report);

  // [owner-thread] Takes in levels, and draws them when it is time to.
  void meters(const aura::MetersView& view);
  void draw(const aura::Client& client, const aura::Telemetry& telemetry);
  void forget_levels() { bars_.reset(); }
  // [owner-thread] Something short for the line above the meters; empty: nothing.
  void note(std::string text) { note_ = std::move(text); }
  // [owner-thread] Takes the meters off the screen.
  void clear_meters() { block_.clear(); }

 private:
  void summary(const Report& report);
  void print(const std::string& line);
  [[nodiscard]] std::string status_line(const aura::Telemetry& telemetry) const;

  TerminalTraits traits_;
  Voice voice_;
  MeterBars bars_;
  LiveBlock block_;
  std::string note_;
  Clock::time_point next_draw_;
};

}  // namespace loophole::cli
