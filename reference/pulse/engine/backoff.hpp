#pragma once
// Backoff: when to start a program again that keeps dying. The first death within a while is answered at once, later ones ever more slowly,
// and after too many it is given up.

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>

namespace loophole::pulse {

struct BackoffOptions {
  std::chrono::nanoseconds first_delay = std::chrono::milliseconds(100);  // before the second start again; doubles from there
  std::chrono::nanoseconds longest_delay = std::chrono::seconds(5);
  std::chrono::nanoseconds window = std::chrono::minutes(1);  // deaths longer ago than this are forgotten
  std::size_t give_up_after = 10;                             // deaths within the window
};

class Backoff {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Backoff(BackoffOptions options) : options_(options) {}

  // [owner-thread] Takes in a death. How long to wait before the next start; nothing: give up.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> died(Time now) {
    while (!deaths_.empty() && now - deaths_.front() > options_.window) deaths_.pop_front();
    deaths_.push_back(now);
    if (deaths_.size() >= options_.give_up_after) return std::nullopt;
    if (deaths_.size() == 1) return std::chrono::nanoseconds(0);
    std::chrono::nanoseconds delay = options_.first_delay;
    for (std::size_t i = 2; i < deaths_.size() && delay < options_.longest_delay; ++i) delay *= 2;
    return std::min(delay, options_.longest_delay);
  }

 private:
  BackoffOptions options_;
  std::deque<Time> deaths_;
};

}  // namespace loophole::pulse
