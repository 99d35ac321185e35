#pragma once
// PeakHold: the mark that stays where a level was highest for a while, then falls. And the colours of levels. Shared by meters and spectra.

#include <algorithm>
#include <chrono>

#include "loophole/core/clock.hpp"

namespace loophole::cli {

class PeakHold {
 public:
  static constexpr double kHoldSeconds = 1.2;
  static constexpr double kFallDbPerSecond = 24;

  // [owner-thread] A level; it is held when it is not below the mark.
  void take(double db, Clock::time_point now) noexcept {
    if (db < mark(now)) return;
    db_ = db;
    since_ = now;
  }
  // [owner-thread] The highest level that was taken.
  [[nodiscard]] double highest() const noexcept { return db_; }
  // [owner-thread] Where the mark is.
  [[nodiscard]] double mark(Clock::time_point now) const noexcept {
    const double age = std::chrono::duration<double>(now - since_).count();
    return db_ - std::max(0.0, age - kHoldSeconds) * kFallDbPerSecond;
  }

 private:
  double db_ = -200;
  Clock::time_point since_;
};

// [any-thread] Code of a terminal's colour: green, yellow from -18 dB, red from -3 dB.
[[nodiscard]] constexpr const char* level_colour(double db) noexcept {
  if (db >= -3) return "31";
  return db >= -18 ? "33" : "32";
}

}  // namespace loophole::cli
