#pragma once
// TransportEstimate: where the transport is, from what the engine said last and the time since. Good enough to go on after a restart; what
// users look at comes from the engine itself through telemetry.

#include <cstdint>

#include "loophole/core/clock.hpp"
#include "loophole/messages/transport.hpp"

namespace loophole::pulse {

class TransportEstimate {
 public:
  // [owner-thread] What the engine said, in frames at `rate_hz`.
  void set(bool playing, std::int64_t position_frames, std::int64_t rate_hz, Clock::time_point now) {
    playing_ = playing;
    position_frames_ = position_frames;
    rate_hz_ = rate_hz;
    at_ = now;
  }
  // The loop, in the same frames.
  void set_loop(const transport::Loop& loop) { loop_ = loop; }
  // The engine is gone: time no longer moves the transport.
  void freeze(Clock::time_point now) {
    position_frames_ = position_frames(now);
    at_ = now;
    frozen_ = true;
  }
  void resume(Clock::time_point now) {
    at_ = now;
    frozen_ = false;
  }

  [[nodiscard]] bool playing() const noexcept { return playing_; }
  [[nodiscard]] const transport::Loop& loop() const noexcept { return loop_; }
  [[nodiscard]] std::int64_t position_frames(Clock::time_point now) const {
    if (!playing_ || frozen_) return position_frames_;
    const std::chrono::duration<double> since = now - at_;
    const std::int64_t straight = position_frames_ + static_cast<std::int64_t>(since.count() * static_cast<double>(rate_hz_));
    if (!loop_.enabled || position_frames_ >= loop_.end_frames || straight < loop_.end_frames) return straight;
    return loop_.start_frames + (straight - loop_.start_frames) % (loop_.end_frames - loop_.start_frames);
  }

 private:
  bool playing_ = false;
  bool frozen_ = false;
  std::int64_t position_frames_ = 0;
  std::int64_t rate_hz_ = 48'000;
  transport::Loop loop_;
  Clock::time_point at_{};
};

}  // namespace loophole::pulse
