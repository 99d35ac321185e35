#pragma once
// BlockClock: when blocks begin, from when a sound system calls. It calls late now and then, and for several blocks at once where its own
// period is longer; frames and time are to lie on a line nevertheless. A delay-locked loop of second order finds it (F. Adriaensen, "Using
// a DLL to filter time", 2005):
//
//   calls    |.  |     .|   ||      ||        what is measured
//   blocks   |   |   |   |   |   |   |        t0, t1 = t0 + period + b * error, period += c * error
//
// A gap in the sound is a gap in the line: reset().

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "loophole/signal/rt/nonblocking.hpp"

namespace loophole::reference_signal {

class BlockClock {
 public:
  BlockClock(std::int64_t sample_rate_hz, std::int64_t block_frames) noexcept
      : nominal_(1e9 * static_cast<double>(block_frames) / static_cast<double>(sample_rate_hz)) {}

  // [audio-thread] The next block is where it is called for, and the line begins anew.
  void reset() noexcept LOOPHOLE_NONBLOCKING { started_ = false; }

  // [audio-thread] Called at `now_ns` for one block; returns when it begins, in the same clock. Each is later than the one before.
  [[nodiscard]] std::uint64_t next(std::uint64_t now_ns) noexcept LOOPHOLE_NONBLOCKING {
    const auto now = static_cast<double>(now_ns);  // exact for a hundred days, to the nanosecond
    const double error = now - next_;
    if (!started_ || std::fabs(error) > kLost * nominal_ + kLostNs) {
      started_ = true;
      blocks_ = 0;
      period_ = nominal_;
      return begin_at(now);
    }
    // Wide at first: the calls that fill the buffer of a device come at once.
    ++blocks_;
    const double bandwidth_hz = std::max(kBandwidthHz, 1e9 / (static_cast<double>(blocks_) * nominal_));
    const double omega = std::min(0.5, 2 * std::numbers::pi * bandwidth_hz * nominal_ * 1e-9);
    const std::uint64_t begin = begin_at(next_);
    period_ = std::clamp(period_ + omega * omega * error, nominal_ * (1 - kMostDrift), nominal_ * (1 + kMostDrift));
    next_ += std::numbers::sqrt2 * omega * error;
    return begin;
  }

 private:
  static constexpr double kBandwidthHz = 0.5;  // a jitter of 1 ms moves a block of 5 ms by 24 us
  static constexpr double kMostDrift = 0.05;   // of a device from its rate; far more than any has
  static constexpr double kLost = 8;           // periods off the line, and what a busy machine may take:
  static constexpr double kLostNs = 50e6;      // this is a gap

  std::uint64_t begin_at(double begin) noexcept LOOPHOLE_NONBLOCKING {
    begin_ = std::max(begin, begin_ + 1);
    next_ = begin_ + period_;
    return static_cast<std::uint64_t>(begin_);
  }

  double nominal_;            // ns a block
  double period_ = 0;         // as it is found
  double begin_ = 0;          // of the block before
  double next_ = 0;           // where the next one is expected
  std::uint64_t blocks_ = 0;  // since the line began
  bool started_ = false;
};

}  // namespace loophole::reference_signal
