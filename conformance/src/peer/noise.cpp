#include "peer/noise.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace loophole::conformance {

double measure_noise() {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  constexpr double kSleepMs = 1.0;
  double worst = kSleepMs;
  for (int i = 0; i < 4; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(Milliseconds(kSleepMs));
    worst = std::max(worst, Milliseconds(std::chrono::steady_clock::now() - begin).count());
  }
  double load = 0;
  if (::getloadavg(&load, 1) != 1) load = 0;
  const double cores = std::max(1U, std::thread::hardware_concurrency());
  // A sleep of a millisecond that takes four is nothing yet; what counts is the order of magnitude.
  return std::clamp(std::max(worst / (4 * kSleepMs), load / cores), 1.0, 8.0);
}

}  // namespace loophole::conformance
