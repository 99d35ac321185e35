#pragma once
// Freshness: whether what a live view shows is what is. Levels that stand still and levels that no longer come look the same.

#include <optional>
#include <string>

#include "loophole/aura.hpp"
#include "loophole/core/clock.hpp"
#include "view/terminal.hpp"

namespace loophole::cli {

class Freshness {
 public:
  static constexpr std::chrono::milliseconds kOldAfter{500};  // frames come thirty times a second and oftener

  // [owner-thread] A frame came.
  void take(Clock::time_point now) noexcept { newest_ = now; }
  // [owner-thread] The frames that came are of no account any more: the engine is another one.
  void reset() noexcept { newest_.reset(); }
  // [owner-thread] How long there has been nothing new, where that is too long; nothing: what is shown is what is, or nothing is.
  [[nodiscard]] std::optional<std::chrono::duration<double>> age(Clock::time_point now) const noexcept {
    if (!newest_ || now - *newest_ < kOldAfter) return {};
    return now - *newest_;
  }
  [[nodiscard]] bool any() const noexcept { return newest_.has_value(); }

 private:
  std::optional<Clock::time_point> newest_;
};

// [any-thread] "nothing new for 3.2 s".
[[nodiscard]] std::string age_text(std::chrono::duration<double> age);

// [owner-thread] What is wrong with a view: no Pulse, no engine, no frame yet, or old ones. Empty: nothing.
[[nodiscard]] std::string trouble(const aura::Client& client, const Freshness& frames, Clock::time_point now);

// [any-thread] "▶ 01:02.345"; empty where there is no frame.
[[nodiscard]] std::string position_text(const aura::Telemetry& telemetry, const TerminalTraits& traits);

// [owner-thread] How a view begins: what is wrong, if anything is, and the position.
[[nodiscard]] std::string head_text(aura::Client& client, const Freshness& frames, const TerminalTraits& traits, Clock::time_point now);

}  // namespace loophole::cli
