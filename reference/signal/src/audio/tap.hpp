#pragma once
// Tap: what was rendered, on its way from the audio thread to somebody who writes it down.

#include <atomic>
#include <cstdint>
#include <span>

#include "loophole/signal/rt/spsc_ring.hpp"

namespace loophole::reference_signal {

class Tap {
 public:
  explicit Tap(std::size_t samples) : ring_(samples) {}

  // [audio-thread] Interleaved stereo; all of it, or none, which is counted.
  void write(std::span<const float> interleaved) noexcept LOOPHOLE_NONBLOCKING {
    if (!ring_.push_all(interleaved)) lost_frames_.fetch_add(interleaved.size() / 2, std::memory_order_relaxed);
  }
  // [owner-thread] of the other end. Returns how many samples were there.
  std::size_t read(std::span<float> interleaved) noexcept { return ring_.pop_some(interleaved); }
  // [any-thread]
  [[nodiscard]] std::uint64_t lost_frames() const noexcept { return lost_frames_.load(std::memory_order_relaxed); }

 private:
  signal::rt::SpscRing<float> ring_;
  std::atomic<std::uint64_t> lost_frames_{0};
};

}  // namespace loophole::reference_signal
