#pragma once
// What can be heard in the recording of the demo: the speech that was played, and the sweep of a filter over it.

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "loophole/core/result.hpp"

namespace loophole::cli {

struct Sound {
  int sample_rate_hz = 0;
  std::vector<float> samples;  // mean of the channels

  // The same at another sample rate, in straight lines between the samples: good enough to compare by.
  [[nodiscard]] Sound at_rate(int hz) const;
  // From a frame on, as far as there is sound.
  [[nodiscard]] std::span<const float> part(std::int64_t from, std::int64_t frames) const;
};
// [any-thread] Reads a whole audio file. Error clip.fileUnreadable.
[[nodiscard]] Result<Sound> read_sound(const std::filesystem::path& file);

struct Match {
  double correlation = 0;   // 1: the same but for its level; 0: nothing in common
  std::int64_t frames = 0;  // how much later than expected
};
// [any-thread] Looks for `wanted` in `heard` from the frame `expected` on, up to `most_later` frames later. The shape counts, not the
// level.
[[nodiscard]] Match find_in(std::span<const float> heard, std::span<const float> wanted, std::int64_t expected, std::int64_t most_later);

// [any-thread] What lies above a frequency.
[[nodiscard]] std::vector<float> above(std::span<const float> samples, double frequency_hz, int sample_rate_hz);
// [any-thread] Its level in decibels; -120 is silence.
[[nodiscard]] double level_above(std::span<const float> samples, double frequency_hz, int sample_rate_hz);

}  // namespace loophole::cli
