#pragma once
// Clocks. Every timestamp in Loophole says which of these it is of.

#include <chrono>
#include <cstdint>
#include <string>

namespace loophole {

using Clock = std::chrono::steady_clock;  // CLOCK_MONOTONIC: does not count while the machine sleeps

// [any-thread] [audio-thread] CLOCK_MONOTONIC in nanoseconds; what frames call time_ns. No system call (vDSO).
[[nodiscard]] std::uint64_t monotonic_ns() noexcept;

// [any-thread] Now in UTC as ISO 8601 with milliseconds, "2026-01-31T12:00:00.000Z"; for logs and envelopes.
[[nodiscard]] std::string utc_now();

// [any-thread] A value for an engine epoch: microseconds since 1970, so that values differ between starts and fit an integer of JSON.
[[nodiscard]] std::int64_t new_epoch();

}  // namespace loophole
