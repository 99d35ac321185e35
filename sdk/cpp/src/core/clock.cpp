#include "loophole/core/clock.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <ctime>

namespace loophole {

std::uint64_t monotonic_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

std::string utc_now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  std::tm utc{};
  gmtime_r(&now.tv_sec, &utc);
  std::array<char, 64> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text.data() + length, text.size() - length, ".%03dZ", static_cast<int>(now.tv_nsec / 1'000'000));
  return text.data();
}

std::int64_t new_epoch() {
  static std::atomic<std::int64_t> last{0};
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const std::int64_t wanted = static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000;
  std::int64_t before = last.load();
  std::int64_t next = 0;
  do {
    next = std::max(wanted, before + 1);  // two in one microsecond, or a clock that was set back
  } while (!last.compare_exchange_weak(before, next));
  return next;
}

}  // namespace loophole
