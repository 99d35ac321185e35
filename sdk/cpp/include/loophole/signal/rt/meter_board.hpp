#pragma once
// MeterBoard: "here are my levels". The audio thread measures into MeterLevels that live beside its meters and publishes them about 60
// times a second; the I/O thread takes batches out and sends them.
//
//   audio thread, in a meter of the graph:   if (board.measuring()) levels.measure(channel, samples);
//   audio thread, at the end of a block:     board.publish(meters, {.frames = n, .engine_frames = rendered, .time_ns = end_of_block});
//   I/O thread:                              while (board.take(batch)) send(batch);
//
// While nobody watches, measuring() is false and nothing is computed. When the queue is full the levels keep accumulating until a batch
// goes through, so no peak is ever lost; how often that happened is counted.

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "loophole/signal/rt/spsc_ring.hpp"

namespace loophole::signal::rt {

inline constexpr std::uint32_t kMeterChannels = 2;  // of each meter

// Peak and energy of one meter since its last reading that went out. Owned by the audio thread while its graph is live.
class MeterLevels {
 public:
  explicit MeterLevels(std::uint32_t handle) noexcept : handle_(handle) {}  // of the meter with this handle

  // [audio-thread] `channel` is 0 (left) or 1 (right); samples are full scale at 1.0. A level that is not finite reads as the largest
  // float.
  void measure(std::uint32_t channel, std::span<const float> samples) noexcept LOOPHOLE_NONBLOCKING;

  [[nodiscard]] std::uint32_t handle() const noexcept { return handle_; }  // of this meter

 private:
  friend class MeterBoard;
  struct Channel {
    float peak = 0;
    std::uint32_t clipped = 0;
    double squares = 0;
    std::uint64_t frames = 0;
  };
  std::uint32_t handle_;
  std::array<Channel, kMeterChannels> channels_{};
};

// The levels of one channel of a meter.
struct LevelReading {
  std::uint32_t handle = 0;   // of the meter
  std::uint32_t channel = 0;  // 0: left, 1: right
  float peak = 0;             // highest absolute value
  float rms = 0;              // root of the mean square
  std::uint32_t clipped = 0;  // samples above full scale
};

// Readings on their way to the I/O thread.
struct MeterBatch {
  std::uint64_t engine_frames = 0;     // rendered since the start, at the end of the reading
  std::uint64_t time_ns = 0;           // CLOCK_MONOTONIC of the block that ended it
  std::uint32_t length_frames = 0;     // frames that the reading covers
  bool last = true;                    // whether the reading ends with this batch
  std::vector<LevelReading> readings;  // by meter and channel
};

// When a block was begun.
struct BlockClock {
  std::uint32_t frames = 0;         // of this block
  std::uint64_t engine_frames = 0;  // rendered since the start, this block included
  std::uint64_t time_ns = 0;        // CLOCK_MONOTONIC at the end of this block: when the frame after it is due
};

namespace detail {
struct BatchHead {
  std::uint64_t engine_frames = 0;
  std::uint64_t time_ns = 0;
  std::uint32_t length_frames = 0;
  std::uint32_t count = 0;
  std::uint32_t last = 0;  // 0 or 1
  std::uint32_t reserved = 0;
};
}  // namespace detail

class MeterBoard {
 public:
  // Meters are sent in batches of at most this many; one frame each.
  static constexpr std::size_t kBatchMeters = 1024;

  // Room of the queues.
  struct Options {
    std::size_t readings = 32'768;  // capacity of the queue: readings and batches
    std::size_t batches = 64;       // that were not taken
  };
  MeterBoard() : MeterBoard(Options{}) {}
  explicit MeterBoard(Options options) : readings_(options.readings), batches_(options.batches) {}  // with so much room

  // [io-thread] Whether anybody wants levels.
  void set_wanted(bool wanted) noexcept { wanted_.store(wanted, std::memory_order_relaxed); }
  // [io-thread] Frames between two readings: the sample rate by the readings a second. Takes effect with the next block.
  void set_interval(std::uint32_t frames) noexcept { interval_.store(frames, std::memory_order_relaxed); }
  // [io-thread] The next batch; false: there is none. Keeps the memory of `batch`.
  [[nodiscard]] bool take(MeterBatch& batch);
  // [any-thread] Batches that found the queue full; their levels went into a later one.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

  // [audio-thread] Whether meters are to measure at all.
  [[nodiscard]] bool measuring() const noexcept LOOPHOLE_NONBLOCKING { return wanted_.load(std::memory_order_relaxed); }
  // [audio-thread] Call once a block with the meters of the live graph; sends their levels when the interval is over.
  void publish(std::span<MeterLevels* const> meters, const BlockClock& clock) noexcept LOOPHOLE_NONBLOCKING;

 private:
  bool send(std::span<MeterLevels* const> meters, const BlockClock& clock, bool last) noexcept LOOPHOLE_NONBLOCKING;

  SpscRing<LevelReading> readings_;
  SpscRing<detail::BatchHead> batches_;
  std::atomic<bool> wanted_{false};
  std::atomic<std::uint32_t> interval_{800};  // 60 a second at 48 kHz
  std::atomic<std::uint64_t> dropped_{0};
  std::uint64_t since_ = 0;  // the rest is the audio thread's: frames since a reading was due
  bool was_measuring_ = false;
};

}  // namespace loophole::signal::rt
