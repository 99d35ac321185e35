#pragma once
// SpectrumBoard: "here is what passes my analysers". The audio thread hands on the samples that go through the analysers somebody watches;
// the I/O thread takes them out and computes spectra.
//
//   audio thread, in an analyser of the graph:   if (board.wanted(handle)) board.write(handle, left, right, clock);
//   I/O thread:                                  while (board.take(run)) …;
//
// What nobody watches is not copied. When the queue is full samples are left out and counted, and the spectrum begins anew behind the gap.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "loophole/signal/rt/nonblocking.hpp"
#include "loophole/signal/rt/spsc_ring.hpp"

namespace loophole::signal::rt {

// The time of a sample.
struct SampleClock {
  std::uint64_t engine_frames = 0;        // rendered since the start, before this sample
  std::uint64_t time_ns = 0;              // CLOCK_MONOTONIC when it is begun or due to begin
  std::uint32_t sample_rate_hz = 48'000;  // in effect
};

// Samples of one analyser, one after the other.
struct AnalyserRun {
  static constexpr std::size_t kMostFrames = 64;  // room of a run
  std::uint64_t engine_frames = 0;                // rendered since the start, at the end of the run
  std::uint64_t time_ns = 0;                      // CLOCK_MONOTONIC of the same moment
  std::uint32_t handle = 0;                       // of the analyser
  std::uint32_t frames = 0;                       // of the run; at most kMostFrames
  std::array<float, kMostFrames> samples{};       // mean of the two channels; full scale is 1.0
};

class SpectrumBoard {
 public:
  static constexpr std::size_t kMostAnalysers = 64;  // that are watched at once

  // `runs`: capacity of the queue.
  explicit SpectrumBoard(std::size_t runs = 2'048) : ring_(runs) {}

  // [io-thread] The analysers that somebody watches, by handle; those behind the 64th are left out. Takes effect at once.
  void set_wanted(std::span<const std::uint32_t> handles) noexcept {
    const std::size_t count = std::min(handles.size(), kMostAnalysers);
    for (std::size_t i = 0; i < count; ++i) handles_[i].store(handles[i], std::memory_order_relaxed);
    count_.store(count, std::memory_order_release);
  }
  // [io-thread] False: there is none.
  [[nodiscard]] bool take(AnalyserRun& run) noexcept { return ring_.pop(run); }
  // [any-thread] Runs that found the queue full.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

  // [audio-thread]
  [[nodiscard]] bool wanted(std::uint32_t handle) const noexcept LOOPHOLE_NONBLOCKING {
    const std::size_t count = count_.load(std::memory_order_acquire);
    for (std::size_t i = 0; i < count; ++i)
      if (handles_[i].load(std::memory_order_relaxed) == handle) return true;
    return false;
  }
  // [audio-thread] As many samples of one channel as of the other; `clock` is that of the first.
  void write(std::uint32_t handle, std::span<const float> left, std::span<const float> right,
             const SampleClock& clock) noexcept LOOPHOLE_NONBLOCKING {
    AnalyserRun run;
    run.handle = handle;
    for (std::size_t at = 0; at < left.size(); at += run.frames) {
      run.frames = static_cast<std::uint32_t>(std::min(AnalyserRun::kMostFrames, left.size() - at));
      for (std::size_t i = 0; i < run.frames; ++i) run.samples[i] = 0.5F * (left[at + i] + right[at + i]);
      const std::uint64_t end = at + run.frames;
      run.engine_frames = clock.engine_frames + end;
      run.time_ns = clock.time_ns + end * 1'000'000'000 / clock.sample_rate_hz;
      if (!ring_.push(run)) dropped_.fetch_add(1, std::memory_order_relaxed);
    }
  }

 private:
  SpscRing<AnalyserRun> ring_;
  std::array<std::atomic<std::uint32_t>, kMostAnalysers> handles_{};
  std::atomic<std::size_t> count_{0};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace loophole::signal::rt
