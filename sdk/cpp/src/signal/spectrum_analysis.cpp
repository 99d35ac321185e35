#include "spectrum_analysis.hpp"

#include <kiss_fftr.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>

namespace loophole::signal {
namespace {

constexpr std::size_t kWindow = SpectrumAnalysis::kWindowFrames;

const std::array<float, kWindow>& hann() {
  static const auto window = [] {
    std::array<float, kWindow> values{};
    for (std::size_t i = 0; i < kWindow; ++i)
      values[i] = static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(kWindow)));
    return values;
  }();
  return window;
}

// The sum of a periodic Hann window is half of its length; a sine has half of its height in the bin of its frequency, the other half in
// that of the negative one. 0 Hz and half of the sample rate have no such twin.
constexpr float kSineScale = 4.0F / static_cast<float>(kWindow);
constexpr float kEdgeScale = 2.0F / static_cast<float>(kWindow);

// 10 log10(power) to 0.0001 dB, nothing below kSilenceDb. The logarithm of libm was an eighth of what an engine spends on telemetry;
// this has no branch and no call. The exponent is the whole part of log2, the polynomial has log2(1 + t) / t for 0 <= t < 1.
float decibels(float power) {
  constexpr float kSilence = 1e-20F;
  static_assert(SpectrumAnalysis::kSilenceDb == -200);
  const auto bits = std::bit_cast<std::int32_t>(power);
  const float t = std::bit_cast<float>((bits & 0x007f'ffff) | 0x3f80'0000) - 1.0F;
  float slope = -0.03382205F;
  slope = slope * t + 0.14447110F;
  slope = slope * t - 0.30163801F;
  slope = slope * t + 0.46865888F;
  slope = slope * t - 0.72035877F;
  slope = slope * t + 1.44268147F;
  const float log2 = static_cast<float>((bits >> 23) - 127) + slope * t;
  return power > kSilence ? 3.01029996F * log2 : SpectrumAnalysis::kSilenceDb;
}

float power_of(kiss_fft_cpx bin, float scale) {
  return (bin.r * bin.r + bin.i * bin.i) * (scale * scale);
}

}  // namespace

struct SpectrumAnalysis::Transform {
  std::unique_ptr<std::remove_pointer_t<kiss_fftr_cfg>, void (*)(void*)> plan{
      kiss_fftr_alloc(static_cast<int>(kWindow), 0, nullptr, nullptr), [](void* p) { kiss_fftr_free(p); }};
  std::array<float, kWindow> input{};
  std::array<kiss_fft_cpx, kBins> bins{};
  std::array<float, kBins> magnitudes{};
};

SpectrumAnalysis::SpectrumAnalysis() : transform_(std::make_unique<Transform>()) {}
SpectrumAnalysis::~SpectrumAnalysis() = default;
SpectrumAnalysis::SpectrumAnalysis(SpectrumAnalysis&&) noexcept = default;
SpectrumAnalysis& SpectrumAnalysis::operator=(SpectrumAnalysis&&) noexcept = default;

void SpectrumAnalysis::take(const rt::AnalyserRun& run) {
  if (run.engine_frames - run.frames != end_) filled_ = 0;
  end_ = run.engine_frames;
  for (std::size_t i = 0; i < run.frames; ++i) {
    ring_[next_] = std::isfinite(run.samples[i]) ? run.samples[i] : 0.0F;
    next_ = (next_ + 1) % kWindow;
  }
  filled_ = std::min(filled_ + run.frames, kWindow);
}

std::span<const float> SpectrumAnalysis::magnitudes_db() {
  Transform& t = *transform_;
  const auto& window = hann();
  const std::size_t oldest = kWindow - next_;  // samples from next_ to the end of the ring
  for (std::size_t i = 0; i < oldest; ++i) t.input[i] = ring_[next_ + i] * window[i];
  for (std::size_t i = 0; i < next_; ++i) t.input[oldest + i] = ring_[i] * window[oldest + i];
  kiss_fftr(t.plan.get(), t.input.data(), t.bins.data());
  for (std::size_t i = 0; i < kBins; ++i) t.magnitudes[i] = decibels(power_of(t.bins[i], kSineScale));
  for (const std::size_t edge : {std::size_t{0}, kBins - 1}) t.magnitudes[edge] = decibels(power_of(t.bins[edge], kEdgeScale));
  return t.magnitudes;
}

}  // namespace loophole::signal
