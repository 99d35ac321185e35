#pragma once
// Fader: opens and shuts in a straight line over so many frames, and knows when it has arrived. The audio thread's alone.

#include <cstdint>

#include "loophole/signal/rt/nonblocking.hpp"

namespace loophole::reference_signal {

class Fader {
 public:
  explicit Fader(bool open) noexcept : level_(open ? 1 : 0), open_(open) {}

  // All functions are [audio-thread].
  void go(bool open, std::uint32_t length) noexcept LOOPHOLE_NONBLOCKING {
    if (length != length_) level_ = static_cast<std::uint32_t>(std::uint64_t{level_} * length / length_);
    length_ = length;
    open_ = open;
  }
  // Nobody heard the way: it has arrived.
  void arrive() noexcept LOOPHOLE_NONBLOCKING { level_ = open_ ? length_ : 0; }
  [[nodiscard]] bool is_open() const noexcept LOOPHOLE_NONBLOCKING { return open_ && level_ == length_; }
  [[nodiscard]] bool is_shut() const noexcept LOOPHOLE_NONBLOCKING { return !open_ && level_ == 0; }
  // The gain of the next frame.
  float next() noexcept LOOPHOLE_NONBLOCKING {
    const float gain = static_cast<float>(level_) / static_cast<float>(length_);
    if (open_ && level_ < length_) ++level_;
    if (!open_ && level_ > 0) --level_;
    return gain;
  }

 private:
  std::uint32_t level_;  // 0 … length_
  std::uint32_t length_ = 1;
  bool open_;
};

}  // namespace loophole::reference_signal
