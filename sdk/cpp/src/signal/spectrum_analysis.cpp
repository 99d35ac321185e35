#include "spectrum_analysis.hpp"

#include <kiss_fftr.h>

#include <algorithm>
#include <array>
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

float decibels(kiss_fft_cpx bin, float scale) {
  const float power = (bin.r * bin.r + bin.i * bin.i) * scale * scale;
  return power > 1e-20F ? std::max(10.0F * std::log10(power), SpectrumAnalysis::kSilenceDb) : SpectrumAnalysis::kSilenceDb;
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
  for (std::size_t i = 0; i < kWindow; ++i) t.input[i] = ring_[(next_ + i) % kWindow] * window[i];
  kiss_fftr(t.plan.get(), t.input.data(), t.bins.data());
  for (std::size_t i = 0; i < kBins; ++i) t.magnitudes[i] = decibels(t.bins[i], i == 0 || i + 1 == kBins ? kEdgeScale : kSineScale);
  return t.magnitudes;
}

}  // namespace loophole::signal
