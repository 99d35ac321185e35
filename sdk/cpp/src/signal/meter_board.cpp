#include "loophole/signal/rt/meter_board.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace loophole::signal::rt {
namespace {

// Frames have finite levels only: a node that runs wild must not take all other meters with it.
float number(float level) noexcept LOOPHOLE_NONBLOCKING {
  return std::isfinite(level) ? level : std::numeric_limits<float>::max();
}

}  // namespace

void MeterLevels::measure(std::uint32_t channel, std::span<const float> samples) noexcept LOOPHOLE_NONBLOCKING {
  Channel& levels = channels_[channel & 1U];
  float peak = levels.peak;
  float squares = 0;
  std::uint32_t clipped = 0;
  for (const float sample : samples) {
    const float size = std::fabs(sample);
    peak = size > peak ? size : peak;
    squares += sample * sample;
    clipped += size > 1.0F ? 1U : 0U;
  }
  levels.peak = std::isfinite(squares) ? peak : std::numeric_limits<float>::max();  // no comparison is true of what is no number
  levels.clipped = levels.clipped + clipped < levels.clipped ? ~0U : levels.clipped + clipped;
  levels.squares += static_cast<double>(squares);
  levels.frames += samples.size();
}

void MeterBoard::publish(std::span<MeterLevels* const> meters, const BlockClock& clock) noexcept LOOPHOLE_NONBLOCKING {
  if (!measuring()) {
    // What was measured before nobody watched any more is old when somebody comes back.
    if (was_measuring_)
      for (MeterLevels* meter : meters) meter->channels_ = {};
    was_measuring_ = false;
    since_ = 0;
    return;
  }
  was_measuring_ = true;
  since_ += clock.frames;
  const std::uint64_t interval = std::max(interval_.load(std::memory_order_relaxed), 1U);
  if (since_ < interval) return;
  since_ %= interval;  // what the blocks are late by is not late again: the rate is right in the mean
  for (std::size_t at = 0; at < meters.size(); at += kBatchMeters) {
    const std::size_t count = meters.size() - at < kBatchMeters ? meters.size() - at : kBatchMeters;
    if (!send(meters.subspan(at, count), clock, at + count == meters.size())) dropped_.fetch_add(1, std::memory_order_relaxed);
  }
}

bool MeterBoard::send(std::span<MeterLevels* const> meters, const BlockClock& clock, bool last) noexcept LOOPHOLE_NONBLOCKING {
  const std::size_t count = meters.size() * kMeterChannels;
  if (batches_.room(1) < 1 || readings_.room(count) < count) return false;
  std::uint64_t length = 0;
  for (MeterLevels* meter : meters) {
    std::array<LevelReading, kMeterChannels> readings;
    for (std::uint32_t channel = 0; channel < kMeterChannels; ++channel) {
      MeterLevels::Channel& levels = meter->channels_[channel];
      const double mean = levels.frames > 0 ? levels.squares / static_cast<double>(levels.frames) : 0.0;
      readings[channel] = {meter->handle_, channel, number(levels.peak), number(static_cast<float>(std::sqrt(mean))), levels.clipped};
      length = levels.frames > length ? levels.frames : length;
      levels = {};
    }
    static_cast<void>(readings_.push_all(readings));  // there is room
  }
  constexpr std::uint64_t kMost = 0xffff'ffff;
  const detail::BatchHead head{clock.engine_frames, clock.time_ns, static_cast<std::uint32_t>(length < kMost ? length : kMost),
                               static_cast<std::uint32_t>(count), last ? 1U : 0U};
  return batches_.push(head);
}

bool MeterBoard::take(MeterBatch& batch) {
  detail::BatchHead head;
  if (!batches_.pop(head)) return false;
  batch.engine_frames = head.engine_frames;
  batch.time_ns = head.time_ns;
  batch.length_frames = head.length_frames;
  batch.last = head.last != 0;
  batch.readings.resize(head.count);
  readings_.pop_some(batch.readings);
  return true;
}

}  // namespace loophole::signal::rt
