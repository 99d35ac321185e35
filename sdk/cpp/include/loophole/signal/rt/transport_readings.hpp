#pragma once
// TransportReadings: where the transport is, from the audio thread to the I/O thread, about 60 times a second while somebody watches.

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "loophole/signal/rt/spsc_ring.hpp"

namespace loophole::signal::rt {

// Where the transport is at the begin of a block.
struct TransportReading {
  std::uint64_t engine_frames = 0;      // rendered since the start, when the transport was at the position below
  std::uint64_t time_ns = 0;            // CLOCK_MONOTONIC of the same moment
  std::uint64_t position_frames = 0;    // on the timeline
  std::uint32_t sample_rate_hz = 0;     // in effect
  std::uint32_t playing = 0;            // 0 or 1
  double tempo_bpm = 120;               // at the position
  std::uint32_t loop_enabled = 0;       // 0 or 1
  std::uint32_t at_once = 0;            // 1: sent because something changed; publish() says it
  std::uint64_t loop_start_frames = 0;  // first frame of the loop
  std::uint64_t loop_end_frames = 0;    // first frame after it
};

class TransportReadings {
 public:
  explicit TransportReadings(std::size_t capacity = 64) : ring_(capacity) {}  // room for so many readings that were not taken

  // [io-thread]
  void set_wanted(bool wanted) noexcept { wanted_.store(wanted, std::memory_order_relaxed); }
  void set_interval(std::uint32_t frames) noexcept { interval_.store(frames, std::memory_order_relaxed); }
  [[nodiscard]] bool take(TransportReading& reading) noexcept { return ring_.pop(reading); }
  // [any-thread] Readings that found the queue full.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

  // [audio-thread] Call once a block of `frames` with the state at its begin. Sends it when the interval is over, and at once when the
  // transport started, stopped or jumped, or has another tempo or loop.
  void publish(std::uint32_t frames, const TransportReading& reading) noexcept LOOPHOLE_NONBLOCKING {
    if (!wanted_.load(std::memory_order_relaxed)) {
      since_ = kAtOnce;
      return;
    }
    const bool expected = reading.playing == last_.playing && reading.position_frames == next_position_ &&
                          reading.tempo_bpm == last_.tempo_bpm && reading.loop_enabled == last_.loop_enabled &&
                          reading.loop_start_frames == last_.loop_start_frames && reading.loop_end_frames == last_.loop_end_frames;
    last_ = reading;
    last_.at_once = expected ? 0 : 1;
    next_position_ = reading.position_frames + (reading.playing != 0 ? frames : 0);
    since_ += frames;
    const std::uint64_t interval = std::max(interval_.load(std::memory_order_relaxed), 1U);
    if (expected && since_ < interval) return;
    since_ = expected && since_ < kAtOnce ? since_ % interval : 0;
    if (!ring_.push(last_)) dropped_.fetch_add(1, std::memory_order_relaxed);
  }

 private:
  static constexpr std::uint64_t kAtOnce = 1ULL << 40;
  SpscRing<TransportReading> ring_;
  std::atomic<bool> wanted_{false};
  std::atomic<std::uint32_t> interval_{800};  // 60 a second at 48 kHz
  std::atomic<std::uint64_t> dropped_{0};
  std::uint64_t since_ = kAtOnce;  // the rest is the audio thread's
  std::uint64_t next_position_ = 0;
  TransportReading last_;
};

}  // namespace loophole::signal::rt
