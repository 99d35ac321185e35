#pragma once
// Wire: what a connection of the graph has of its own. It lives as long as the connection does, over any number of graphs.
//
//   gain     a connection that comes or goes is faded, so that no graph makes a click
//   delay    what arrives earlier than the other inputs of a node waits for them (delay compensation)
//
// A delay that changes is crossfaded as well, as soon as there is enough past to play from:
//
//   delay 0 -> 100   |--- plays on without, remembers ---|x crossfade x|--- plays 100 frames later ---

#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

#include "graph/fader.hpp"
#include "nodes/processor.hpp"

namespace loophole::reference_signal {

// The past of a wire. Made on the I/O thread.
class DelayRing {
 public:
  explicit DelayRing(std::uint32_t most_frames) : left_(std::bit_ceil(std::size_t{most_frames} + 1)), right_(left_.size()) {}

  // [audio-thread]
  void write(float left, float right) noexcept LOOPHOLE_NONBLOCKING {
    const std::size_t at = static_cast<std::size_t>(++written_) & (left_.size() - 1);
    left_[at] = left;
    right_[at] = right;
  }
  // [audio-thread] So many frames ago, 0 being the newest; silence before the first.
  [[nodiscard]] float left(std::uint32_t ago) const noexcept LOOPHOLE_NONBLOCKING { return left_[place(ago)]; }
  [[nodiscard]] float right(std::uint32_t ago) const noexcept LOOPHOLE_NONBLOCKING { return right_[place(ago)]; }
  [[nodiscard]] bool reaches(std::uint32_t ago) const noexcept LOOPHOLE_NONBLOCKING { return written_ > ago; }
  [[nodiscard]] std::size_t capacity() const noexcept LOOPHOLE_NONBLOCKING { return left_.size(); }
  // [audio-thread] Takes over the past of a smaller one.
  void remember(const DelayRing& before) noexcept LOOPHOLE_NONBLOCKING {
    const std::uint64_t known = before.written_ < before.capacity() ? before.written_ : before.capacity();
    for (std::uint64_t ago = known; ago-- > 0;)
      write(before.left(static_cast<std::uint32_t>(ago)), before.right(static_cast<std::uint32_t>(ago)));
  }

 private:
  [[nodiscard]] std::size_t place(std::uint32_t ago) const noexcept LOOPHOLE_NONBLOCKING {
    return static_cast<std::size_t>(written_ - ago) & (left_.size() - 1);
  }
  std::vector<float> left_;
  std::vector<float> right_;
  std::uint64_t written_ = 0;
};

class Wire {
 public:
  // [io-thread] `open`: heard from the first frame on, without a fade.
  Wire(bool open, std::uint32_t delay_frames)
      : fader_(open),
        ring_(delay_frames > 0 ? std::make_unique<DelayRing>(delay_frames) : nullptr),
        delay_(delay_frames),
        wanted_(delay_frames) {}

  // [audio-thread] A graph begins: whether it has the connection, and its delay. `ring` is long enough for it where the delay is longer
  // than in the graph of before, and has the old one afterwards.
  void begin(bool stays, std::uint32_t delay_frames, std::unique_ptr<DelayRing>& ring,
             std::uint32_t fade_frames) noexcept LOOPHOLE_NONBLOCKING;
  // [audio-thread] Nothing is heard: fades and changes of the delay are over.
  void arrive() noexcept LOOPHOLE_NONBLOCKING;
  // [audio-thread]
  void shut(std::uint32_t fade_frames) noexcept LOOPHOLE_NONBLOCKING { fader_.go(false, fade_frames); }
  // [audio-thread] Whether audio passes as it is.
  [[nodiscard]] bool is_plain() const noexcept LOOPHOLE_NONBLOCKING { return ring_ == nullptr && fader_.is_open(); }
  // [audio-thread] What comes out at the other end, in place.
  void carry(StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING;

 private:
  void delay(StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING;

  Fader fader_;
  Fader move_{true};  // from before_ to delay_
  std::unique_ptr<DelayRing> ring_;
  std::uint32_t before_ = 0;
  std::uint32_t delay_;
  std::uint32_t wanted_;
  std::uint32_t fade_frames_ = 1;
};

}  // namespace loophole::reference_signal
