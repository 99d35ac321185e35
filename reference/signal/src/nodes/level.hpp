#pragma once
// Level: a gain that moves in lines from step to step, so that no step can be heard.

#include <cmath>
#include <cstdint>

#include "loophole/signal/rt/nonblocking.hpp"

namespace loophole::reference_signal {

// [any-thread] [audio-thread] Amplitude of decibels; -90 dB and less is silence, so that a fader at its bottom is shut.
[[nodiscard]] inline double amplitude_of_db(double db) noexcept LOOPHOLE_NONBLOCKING {
  return db <= -90.0 ? 0.0 : std::pow(10.0, db / 20.0);
}

class Level {
 public:
  // [audio-thread] The line to `target` over the next `frames`; at(i) is the gain of frame i, and the target is reached with the frame
  // after.
  struct Line {
    float begin;
    float slope;
    [[nodiscard]] float at(std::uint32_t frame) const noexcept { return begin + slope * static_cast<float>(frame); }
  };
  Line line_to(float target, std::uint32_t frames) noexcept LOOPHOLE_NONBLOCKING {
    if (!started_) {
      started_ = true;
      last_ = target;
    }
    const Line line{last_, (target - last_) / static_cast<float>(frames)};
    last_ = target;
    return line;
  }

 private:
  float last_ = 0;
  bool started_ = false;
};

}  // namespace loophole::reference_signal
