#include "demo/recorded.hpp"

#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <utility>

#include "view/meter_bars.hpp"

namespace loophole::cli {

Sound Sound::at_rate(int hz) const {
  if (hz == sample_rate_hz || samples.size() < 2) return *this;
  Sound other{.sample_rate_hz = hz, .samples = {}};
  const double step = static_cast<double>(sample_rate_hz) / hz;
  for (double at = 0; at < static_cast<double>(samples.size() - 1); at += step) {
    const auto before = static_cast<std::size_t>(at);
    const auto share = static_cast<float>(at - static_cast<double>(before));
    other.samples.push_back(samples[before] * (1 - share) + samples[before + 1] * share);
  }
  return other;
}

std::span<const float> Sound::part(std::int64_t from, std::int64_t frames) const {
  const auto size = static_cast<std::int64_t>(samples.size());
  const std::int64_t begin = std::clamp<std::int64_t>(from, 0, size);
  return std::span(samples).subspan(static_cast<std::size_t>(begin),
                                    static_cast<std::size_t>(std::clamp<std::int64_t>(frames, 0, size - begin)));
}

Result<Sound> read_sound(const std::filesystem::path& file) {
  SF_INFO info{};
  const auto close = [](SNDFILE* handle) { sf_close(handle); };
  const std::unique_ptr<SNDFILE, decltype(close)> opened(sf_open(file.c_str(), SFM_READ, &info), close);
  if (!opened) return make_error(errors::kClipFileUnreadable, "cannot read " + file.string() + ": " + sf_strerror(nullptr));
  Sound sound{.sample_rate_hz = info.samplerate, .samples = {}};
  const auto channels = static_cast<std::size_t>(info.channels);
  std::vector<float> block(channels * 8192);
  for (sf_count_t got = 0; (got = sf_readf_float(opened.get(), block.data(), 8192)) > 0;)
    for (std::size_t frame = 0; frame < static_cast<std::size_t>(got); ++frame) {
      float sum = 0;
      for (std::size_t channel = 0; channel < channels; ++channel) sum += block[frame * channels + channel];
      sound.samples.push_back(sum / static_cast<float>(channels));
    }
  return sound;
}

Match find_in(std::span<const float> heard, std::span<const float> wanted, std::int64_t expected, std::int64_t most_later) {
  constexpr std::size_t kStride = 4;  // speech has little above 6 kHz; the shift itself is tried frame by frame
  double wanted_energy = 0;
  for (std::size_t i = 0; i < wanted.size(); i += kStride) wanted_energy += static_cast<double>(wanted[i]) * static_cast<double>(wanted[i]);
  Match best;
  for (std::int64_t later = 0; later <= most_later; ++later) {
    const std::int64_t from = expected + later;
    if (from < 0 || from + static_cast<std::int64_t>(wanted.size()) > static_cast<std::int64_t>(heard.size())) continue;
    const float* there = heard.data() + from;
    double both = 0;
    double heard_energy = 0;
    for (std::size_t i = 0; i < wanted.size(); i += kStride) {
      both += static_cast<double>(wanted[i]) * static_cast<double>(there[i]);
      heard_energy += static_cast<double>(there[i]) * static_cast<double>(there[i]);
    }
    const double energy = std::sqrt(wanted_energy * heard_energy);
    const double correlation = energy > 0 ? both / energy : 0;
    if (correlation > best.correlation) best = {.correlation = correlation, .frames = later};
  }
  return best;
}

std::vector<float> above(std::span<const float> samples, double frequency_hz, int sample_rate_hz) {
  // Two high-pass sections make a Butterworth filter of fourth order.
  const double w = 2 * std::numbers::pi * frequency_hz / sample_rate_hz;
  std::vector<double> sound(samples.begin(), samples.end());
  for (const double q : {0.541196, 1.306563}) {
    const double alpha = std::sin(w) / (2 * q);
    const double a0 = 1 + alpha;
    const double b = (1 + std::cos(w)) / 2 / a0;
    const double a1 = -2 * std::cos(w) / a0;
    const double a2 = (1 - alpha) / a0;
    double x1 = 0;
    double x2 = 0;
    double y1 = 0;
    double y2 = 0;
    for (double& sample : sound) {
      const double y = b * (sample - 2 * x1 + x2) - a1 * y1 - a2 * y2;
      x2 = std::exchange(x1, sample);
      y2 = std::exchange(y1, y);
      sample = y;
    }
  }
  std::vector<float> passed;
  passed.reserve(sound.size());
  for (const double sample : sound) passed.push_back(static_cast<float>(sample));
  return passed;
}

double level_above(std::span<const float> samples, double frequency_hz, int sample_rate_hz) {
  double sum = 0;
  for (const float sample : above(samples, frequency_hz, sample_rate_hz)) sum += static_cast<double>(sample) * static_cast<double>(sample);
  return samples.empty() ? decibels(0) : decibels(std::sqrt(sum / static_cast<double>(samples.size())));
}

}  // namespace loophole::cli
