#include "nodes/test_tone.hpp"

#include <cmath>
#include <numbers>

namespace loophole::reference_signal {

void TestTone::process(const Stretch& stretch, const NodeSetup&, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING {
  const float fade_slope = stretch.frames > 0 ? (stretch.fade_end - stretch.fade_begin) / static_cast<float>(stretch.frames) : 0.0F;
  in_steps(audio.frames, [&](std::uint32_t at, std::uint32_t frames) noexcept {
    const double turns = frequency_hz_.advance(frames) / stretch.sample_rate;
    const Level::Line line = level_.line_to(static_cast<float>(amplitude_of_db(level_db_.advance(frames))), frames);
    if (!stretch.audible) return;
    for (std::uint32_t i = 0; i < frames; ++i) {
      const float fade = stretch.fade_begin + fade_slope * static_cast<float>(at + i);
      const float tone = static_cast<float>(std::sin(2 * std::numbers::pi * phase_)) * line.at(i) * fade;
      audio.left[at + i] += tone;
      audio.right[at + i] += tone;
      phase_ += turns;
      if (phase_ >= 1.0) phase_ -= std::floor(phase_);
    }
  });
}

}  // namespace loophole::reference_signal
