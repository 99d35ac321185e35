#include "nodes/filter.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace loophole::reference_signal {
namespace {

constexpr double kFlattest = std::numbers::sqrt2 / 2;  // Butterworth
constexpr double kSharpest = 20;

}  // namespace

void Filter::tune(double cutoff_hz, double resonance, double sample_rate) noexcept LOOPHOLE_NONBLOCKING {
  if (cutoff_hz == tuned_cutoff_ && resonance == tuned_resonance_ && sample_rate == tuned_rate_) return;
  tuned_cutoff_ = cutoff_hz;
  tuned_resonance_ = resonance;
  tuned_rate_ = sample_rate;
  const double g = std::tan(std::numbers::pi * std::clamp(cutoff_hz / sample_rate, 1e-5, 0.49));
  const double quality = kFlattest * std::pow(kSharpest / kFlattest, std::clamp(resonance, 0.0, 1.0));
  const double k = 1.0 / quality;
  a1_ = 1.0 / (1.0 + g * (g + k));
  a2_ = g * a1_;
  a3_ = g * a2_;
}

void Filter::run(Channel& channel, float* samples, std::uint32_t frames) const noexcept LOOPHOLE_NONBLOCKING {
  for (std::uint32_t i = 0; i < frames; ++i) {
    const double in = static_cast<double>(samples[i]) - channel.low;
    const double band = a1_ * channel.band + a2_ * in;
    const double low = channel.low + a2_ * channel.band + a3_ * in;
    channel.band = 2 * band - channel.band;
    channel.low = 2 * low - channel.low;
    samples[i] = static_cast<float>(low);
  }
}

void Filter::process(const Stretch& stretch, const NodeSetup&, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING {
  const auto step = [&](std::uint32_t at, std::uint32_t frames) noexcept {
    tune(cutoff_hz_.next(frames).end, resonance_.next(frames).end, stretch.sample_rate);
    run(channels_[0], audio.left + at, frames);
    run(channels_[1], audio.right + at, frames);
  };
  in_steps(audio.frames, step, cutoff_hz_, resonance_);
}

}  // namespace loophole::reference_signal
