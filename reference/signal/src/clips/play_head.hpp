#pragma once
// PlayHead: where the transport is, for threads that must know and may not ask the audio thread; and whether that one is within a block, so
// that what it may be reading is not freed.

#include <atomic>
#include <cstdint>

#include "loophole/signal/rt/nonblocking.hpp"

namespace loophole::reference_signal {

class PlayHead {
 public:
  struct Place {
    std::uint64_t position = 0;  // of the transport, as users see it
    std::uint64_t source = 0;    // where sound comes from: elsewhere while a jump fades out
    bool playing = false;
  };

  // [audio-thread]
  void move(const Place& place) noexcept LOOPHOLE_NONBLOCKING {
    source_.store(place.source, std::memory_order_relaxed);
    state_.store(place.position << 1U | (place.playing ? 1U : 0U), std::memory_order_release);
  }
  // [any-thread] The source is the one that belongs to the position, or a newer one.
  [[nodiscard]] Place place() const noexcept {
    const std::uint64_t state = state_.load(std::memory_order_acquire);
    return {.position = state >> 1U, .source = source_.load(std::memory_order_relaxed), .playing = (state & 1U) != 0};
  }

  // [audio-thread] What is unlinked before it enters is not found by it; what is unlinked later is not freed before it has left.
  void enter_block() noexcept LOOPHOLE_NONBLOCKING {
    blocks_.store(blocks_.load(std::memory_order_relaxed) + 1, std::memory_order_seq_cst);
  }
  void leave_block() noexcept LOOPHOLE_NONBLOCKING {
    blocks_.store(blocks_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }
  // [any-thread] To be taken after something was unlinked.
  [[nodiscard]] std::uint64_t block() const noexcept { return blocks_.load(std::memory_order_seq_cst); }
  // [any-thread] Whether the audio thread has left the block that it was in then, or was in none.
  [[nodiscard]] bool has_left(std::uint64_t block) const noexcept { return block % 2 == 0 || this->block() != block; }

  // [io-thread] Which rate positions are of.
  void set_sample_rate(std::int64_t hz) noexcept { sample_rate_hz_.store(hz, std::memory_order_relaxed); }
  // [any-thread]
  [[nodiscard]] std::int64_t sample_rate_hz() const noexcept { return sample_rate_hz_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> state_{0};  // position * 2 + playing
  std::atomic<std::uint64_t> source_{0};
  std::atomic<std::uint64_t> blocks_{0};  // odd: within one
  std::atomic<std::int64_t> sample_rate_hz_{48'000};
};

}  // namespace loophole::reference_signal
