#include "app/sweep.hpp"

#include <algorithm>
#include <cmath>

#include "loophole/core/clock.hpp"

namespace loophole::cli {

std::int64_t sweep_count(const SweepOptions& options) {
  return std::max<std::int64_t>(1, std::llround(options.length.count() * options.rate_hz));
}

double sweep_value(const SweepTarget& target, std::int64_t index, std::int64_t count) {
  if (index >= count - 1) return target.to;
  if (index <= 0) return target.from;
  const double begin = aura::to_position(target.parameter, target.from);
  const double end = aura::to_position(target.parameter, target.to);
  return aura::to_plain(target.parameter, begin + (end - begin) * static_cast<double>(index) / static_cast<double>(count - 1));
}

SweepResult run_sweep(aura::Client& client, aura::Gesture& gesture, const std::vector<SweepTarget>& targets, const SweepOptions& options) {
  using std::chrono::nanoseconds;
  const std::int64_t count = sweep_count(options);
  const nanoseconds interval(static_cast<std::int64_t>(1e9 / options.rate_hz));
  const auto start = Clock::now();
  // Wakes poll() in time; what is due is told by the clock alone.
  const net::TimerId timer = client.every(interval, [] {});
  SweepResult result;
  while (result.set < count && gesture.is_open()) {
    const auto due =
        start + std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(static_cast<double>(result.set) / options.rate_hz));
    const auto now = Clock::now();
    if (now >= due) {
      for (const SweepTarget& target : targets) gesture.set(target.parameter.id, sweep_value(target, result.set, count));
      ++result.set;
      continue;
    }
    if (!client.poll(std::chrono::ceil<std::chrono::milliseconds>(due - now))) break;
    if (options.drawn) options.drawn();
    if (options.stop && options.stop()) break;
  }
  client.cancel(timer);
  result.took = Clock::now() - start;
  return result;
}

}  // namespace loophole::cli
