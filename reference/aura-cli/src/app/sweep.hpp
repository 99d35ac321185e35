#pragma once
// Sweep: a gesture that moves parameters evenly, as the curve of each has it, at a given rate.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "loophole/aura.hpp"

namespace loophole::cli {

struct SweepTarget {
  parameter::Parameter parameter;
  double from = 0;  // in the parameter's unit
  double to = 0;
  std::string name{};  // as a user typed it
};

struct SweepOptions {
  std::chrono::duration<double> length{3.0};
  double rate_hz = 240;
  std::function<bool()> stop{};   // asked after every poll; true ends the sweep early
  std::function<void()> drawn{};  // called after every poll
};

struct SweepResult {
  std::int64_t set = 0;  // values that were set, of each target
  std::chrono::duration<double> took{0};
};

// [any-thread] The values of a sweep: the first is `from` and the last exactly `to`.
[[nodiscard]] double sweep_value(const SweepTarget& target, std::int64_t index, std::int64_t count);
[[nodiscard]] std::int64_t sweep_count(const SweepOptions& options);

// [owner-thread] Sets each value when it is due, by deadlines counted from the start: being late once delays nothing after it. The targets
// are those of the gesture.
[[nodiscard]] SweepResult run_sweep(aura::Client& client, aura::Gesture& gesture, const std::vector<SweepTarget>& targets,
                                    const SweepOptions& options);

}  // namespace loophole::cli
