#pragma once
// Level: gains that move in lines from step to step, so that no step can be heard.

#include <cmath>
#include <cstdint>

#include "loophole/signal/rt/nonblocking.hpp"
#include "loophole/signal/rt/smoothed_parameter.hpp"

namespace loophole::reference_signal {

using signal::rt::SmoothedParameter;

// [any-thread] [audio-thread] Amplitude of decibels; -90 dB and less is silence, so that a fader at its bottom is shut.
[[nodiscard]] inline double amplitude_of_db(double db) noexcept LOOPHOLE_NONBLOCKING {
  return db <= -90.0 ? 0.0 : std::pow(10.0, db / 20.0);
}

// at(i) is the gain of frame i.
struct GainLine {
  float begin = 1;
  float slope = 0;
  static GainLine between(float begin, float end, std::uint32_t frames) noexcept LOOPHOLE_NONBLOCKING {
    return {begin, (end - begin) / static_cast<float>(frames)};
  }
  [[nodiscard]] float at(std::uint32_t frame) const noexcept LOOPHOLE_NONBLOCKING { return begin + slope * static_cast<float>(frame); }
};

// Gains of a parameter by a function that costs something; a value that stays is computed once.
class Level {
 public:
  // [audio-thread]
  template <class GainOf>
  GainLine line(const SmoothedParameter::Line& value, GainOf&& gain_of) noexcept LOOPHOLE_NONBLOCKING {
    const float begin = gain(value.begin, gain_of);
    return GainLine::between(begin, gain(value.end, gain_of), value.frames);
  }

 private:
  template <class GainOf>
  float gain(double value, GainOf& gain_of) noexcept LOOPHOLE_NONBLOCKING {
    if (value != value_ || !known_) {
      known_ = true;
      value_ = value;
      gain_ = static_cast<float>(gain_of(value));
    }
    return gain_;
  }

  double value_ = 0;
  float gain_ = 0;
  bool known_ = false;
};

}  // namespace loophole::reference_signal
