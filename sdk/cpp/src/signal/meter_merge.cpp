#include "meter_merge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace loophole::signal {
namespace {

std::uint64_t key_of(std::uint32_t handle, std::uint32_t channel) {
  return std::uint64_t{handle} << 32U | channel;
}

}  // namespace

void MeterMerge::take(const rt::MeterBatch& batch) {
  if (batch.engine_frames != reading_frames_) {
    ++reading_;
    reading_frames_ = batch.engine_frames;
    cursor_ = 0;
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    length_ = static_cast<std::uint32_t>(std::min(std::uint64_t{length_} + batch.length_frames, kMost));
  }
  for (const rt::LevelReading& level : batch.readings) {
    Levels& merged = find(level.handle, level.channel);
    merged.seen = reading_;
    merged.peak = std::max(merged.peak, level.peak);
    merged.squares += static_cast<double>(level.rms) * level.rms * batch.length_frames;
    merged.frames += batch.length_frames;
    merged.clipped += level.clipped;
  }
}

MeterMerge::Levels& MeterMerge::find(std::uint32_t handle, std::uint32_t channel) {
  if (cursor_ < levels_.size() && levels_[cursor_].handle == handle && levels_[cursor_].channel == channel) return levels_[cursor_++];
  const auto [place, is_new] = places_.try_emplace(key_of(handle, channel), levels_.size());
  if (is_new) levels_.push_back({.handle = handle, .channel = channel});
  cursor_ = place->second + 1;
  return levels_[place->second];
}

std::span<const frames::MeterReading> MeterMerge::flush() {
  merged_.clear();
  bool gone = false;
  for (Levels& levels : levels_) {
    if (levels.seen != reading_) {
      gone = true;
      continue;
    }
    const double mean = levels.frames > 0 ? levels.squares / static_cast<double>(levels.frames) : 0.0;
    merged_.push_back({.handle = levels.handle,
                       .channel = static_cast<std::uint16_t>(levels.channel),
                       .clipped = static_cast<std::uint16_t>(std::min<std::uint64_t>(levels.clipped, 0xFFFF)),
                       .peak = levels.peak,
                       .rms = static_cast<float>(std::min(std::sqrt(mean), static_cast<double>(std::numeric_limits<float>::max())))});
    levels.peak = 0;
    levels.squares = 0;
    levels.frames = 0;
    levels.clipped = 0;
  }
  if (gone) {
    levels_.clear();
    places_.clear();
    cursor_ = 0;
  }
  length_ = 0;
  return merged_;
}

}  // namespace loophole::signal
