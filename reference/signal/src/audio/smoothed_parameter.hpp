#pragma once
// SmoothedParameter: a parameter as a node uses it. A new value is reached in a straight line over the smoothing time, and exactly.

#include <atomic>
#include <cstdint>

#include "loophole/signal/rt/nonblocking.hpp"

namespace loophole::reference_signal {

class SmoothedParameter {
 public:
  enum class Motion {
    smooth,
    steps,  // whole numbers and choices: there is nothing between two values
  };
  explicit SmoothedParameter(double initial, Motion motion = Motion::smooth) noexcept
      : motion_(motion), current_(initial), target_(initial), held_(initial) {}

  // [audio-thread] How long a change takes, in frames; where there are steps, it takes none.
  void set_ramp(std::uint32_t frames) noexcept LOOPHOLE_NONBLOCKING { ramp_ = motion_ == Motion::steps ? 0 : frames; }

  // [audio-thread] Goes to `value`; the first value of all is there at once.
  void set(double value) noexcept LOOPHOLE_NONBLOCKING {
    held_.store(value, std::memory_order_relaxed);
    if (!started_ || ramp_ == 0) {
      started_ = true;
      current_ = target_ = value;
      remaining_ = 0;
      return;
    }
    if (value == target_) return;  // a ramp that is under way goes on
    target_ = value;
    remaining_ = ramp_;
    step_ = (target_ - current_) / static_cast<double>(remaining_);
  }

  // [audio-thread] The value `frames` later.
  double advance(std::uint32_t frames) noexcept LOOPHOLE_NONBLOCKING {
    if (remaining_ == 0) return current_;
    if (frames >= remaining_) {
      remaining_ = 0;
      current_ = target_;
    } else {
      remaining_ -= frames;
      current_ += step_ * static_cast<double>(frames);
    }
    return current_;
  }

  [[nodiscard]] bool moving() const noexcept LOOPHOLE_NONBLOCKING { return remaining_ > 0; }
  [[nodiscard]] double current() const noexcept LOOPHOLE_NONBLOCKING { return current_; }

  // [any-thread] The value that the audio thread was told last.
  [[nodiscard]] double held() const noexcept { return held_.load(std::memory_order_relaxed); }

 private:
  Motion motion_;
  double current_;
  double target_;
  double step_ = 0;
  std::uint32_t remaining_ = 0;
  std::uint32_t ramp_ = 0;
  bool started_ = false;
  std::atomic<double> held_;
  static_assert(std::atomic<double>::is_always_lock_free);
};

}  // namespace loophole::reference_signal
