#pragma once
// LoadReadings: how long rendering takes, from the audio thread to the I/O thread, by the interval while somebody watches.
//
//   audio thread, when the driver tells of a gap:   load.xrun();
//   audio thread, at the end of a block:            load.publish({.frames = n, .sample_rate_hz = 48'000, .nodes = nodes,
//                                                                 .engine_frames = rendered, .begin_ns = before, .end_ns = now});
//   I/O thread:                                     while (load.take(reading)) send(reading);
//
// While nobody watches, blocks, late blocks and xruns are counted and nothing more is done. When the queue is full the period goes on, so
// that no peak is lost; how often that happened is counted.

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "loophole/signal/rt/spsc_ring.hpp"

namespace loophole::signal::rt {

// One block that was rendered.
struct BlockLoad {
  std::uint32_t frames = 0;          // of this block; more than 0
  std::uint32_t sample_rate_hz = 0;  // in effect; more than 0
  std::uint32_t nodes = 0;           // of the live graph
  std::uint64_t engine_frames = 0;   // rendered since the start, this block included
  std::uint64_t begin_ns = 0;        // CLOCK_MONOTONIC when rendering began and when it was done
  std::uint64_t end_ns = 0;          // the same
};

// A period of blocks.
struct LoadReading {
  std::uint64_t engine_frames = 0;   // rendered since the start, at the end of the period
  std::uint64_t time_ns = 0;         // CLOCK_MONOTONIC when its last block was done
  std::uint32_t length_frames = 0;   // that it covers
  std::uint32_t sample_rate_hz = 0;  // in effect
  std::uint32_t block_frames = 0;    // of its last block
  std::uint32_t nodes = 0;           // of the live graph
  float mean_ratio = 0;              // time that rendering took, by the time that the period lasts
  float peak_ratio = 0;              // of the block for which this was highest
  std::uint64_t blocks = 0;          // since the start
  std::uint64_t late_blocks = 0;     // since the start: took longer than they last
  std::uint64_t xruns = 0;           // since the start: gaps that the driver told of
};

class LoadReadings {
 public:
  explicit LoadReadings(std::size_t capacity = 64) : ring_(capacity) {}  // room for so many readings that were not taken

  // [io-thread]
  void set_wanted(bool wanted) noexcept { wanted_.store(wanted, std::memory_order_relaxed); }
  // [io-thread] Frames that a period has at least.
  void set_interval(std::uint32_t frames) noexcept { interval_.store(frames, std::memory_order_relaxed); }
  [[nodiscard]] bool take(LoadReading& reading) noexcept { return ring_.pop(reading); }
  // [any-thread] How often a period that was over found the queue full, and went on.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }
  // [any-thread] Since the start, whether anybody watches or not.
  [[nodiscard]] std::uint64_t blocks() const noexcept { return blocks_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t late_blocks() const noexcept { return late_blocks_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t xruns() const noexcept { return xruns_.load(std::memory_order_relaxed); }

  // [audio-thread] The driver told of gaps in the sound.
  void xrun(std::uint32_t gaps = 1) noexcept LOOPHOLE_NONBLOCKING { raise(xruns_, gaps); }

  // [audio-thread] Call once a block, when it is done.
  void publish(const BlockLoad& block) noexcept LOOPHOLE_NONBLOCKING {
    const double took = static_cast<double>(block.end_ns - std::min(block.begin_ns, block.end_ns)) * 1e-9;
    const double lasts = static_cast<double>(block.frames) / static_cast<double>(block.sample_rate_hz);
    raise(blocks_, 1);
    if (took > lasts) raise(late_blocks_, 1);
    if (!wanted_.load(std::memory_order_relaxed)) {
      begin_period();
      return;
    }
    took_ += took;
    lasted_ += lasts;
    length_ += block.frames;
    peak_ = std::max(peak_, took / lasts);
    if (length_ < interval_.load(std::memory_order_relaxed)) return;
    const LoadReading reading{.engine_frames = block.engine_frames,
                              .time_ns = block.end_ns,
                              .length_frames = length_,
                              .sample_rate_hz = block.sample_rate_hz,
                              .block_frames = block.frames,
                              .nodes = block.nodes,
                              .mean_ratio = static_cast<float>(took_ / lasted_),
                              .peak_ratio = static_cast<float>(peak_),
                              .blocks = blocks(),
                              .late_blocks = late_blocks(),
                              .xruns = xruns()};
    if (ring_.push(reading)) return begin_period();
    dropped_.fetch_add(1, std::memory_order_relaxed);
  }

 private:
  // Only the audio thread writes: no read-modify-write is needed.
  static void raise(std::atomic<std::uint64_t>& count, std::uint32_t by) noexcept LOOPHOLE_NONBLOCKING {
    count.store(count.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  void begin_period() noexcept LOOPHOLE_NONBLOCKING {
    took_ = 0;
    lasted_ = 0;
    peak_ = 0;
    length_ = 0;
  }

  SpscRing<LoadReading> ring_;
  std::atomic<bool> wanted_{false};
  std::atomic<std::uint32_t> interval_{4'800};  // ten a second at 48 kHz
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> blocks_{0};
  std::atomic<std::uint64_t> late_blocks_{0};
  std::atomic<std::uint64_t> xruns_{0};
  double took_ = 0;  // seconds; the rest is the audio thread's
  double lasted_ = 0;
  double peak_ = 0;
  std::uint32_t length_ = 0;
};

}  // namespace loophole::signal::rt
