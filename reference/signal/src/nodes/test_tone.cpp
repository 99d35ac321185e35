#include "nodes/test_tone.hpp"

#include <cmath>
#include <numbers>

namespace loophole::reference_signal {

void TestTone::process(const Stretch& stretch, const NodeSetup&, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING {
  const float fade_slope = stretch.frames > 0 ? (stretch.fade_end - stretch.fade_begin) / static_cast<float>(stretch.frames) : 0.0F;
  const auto step = [&](std::uint32_t at, std::uint32_t frames) noexcept {
    const double turns = frequency_hz_.next(frames).end / stretch.sample_rate;
    const GainLine line = level_.line(level_db_.next(frames), amplitude_of_db);
    if (!stretch.audible) return;
    for (std::uint32_t i = 0; i < frames; ++i) {
      const float fade = stretch.fade_begin + fade_slope * static_cast<float>(at + i);
      const float tone = static_cast<float>(std::sin(2 * std::numbers::pi * phase_)) * line.at(i) * fade;
      audio.left[at + i] += tone;
      audio.right[at + i] += tone;
      phase_ += turns;
      if (phase_ >= 1.0) phase_ -= std::floor(phase_);
    }
  };
  in_steps(audio.frames, step, frequency_hz_, level_db_);
}

}  // namespace loophole::reference_signal
