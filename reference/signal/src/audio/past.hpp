#pragma once
// Past: where on the timeline was what a node hears now. Behind nodes with latency audio is heard later than the transport played it, and
// what belongs to a place on the timeline, automation above all, has to wait for it:
//
//   transport         ... 998 999 | 0 1 2 3 4        a loop ends
//   3 frames later    ... 995 996   997 998 999 | 0 1
//
// Used by the audio thread alone.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "loophole/signal/rt/nonblocking.hpp"

namespace loophole::reference_signal {

// Where the transport was, and whether it was heard; it stands still where it was not.
struct Place {
  std::uint64_t position = 0;
  bool audible = false;
};

class Past {
 public:
  // Jumps that it remembers. What was before them all counts as having gone on without one.
  static constexpr std::size_t kJumps = 4'096;

  Past() : jumps_(kJumps) {}

  // [audio-thread] From this frame of the engine on. Frames come in their order, without gaps.
  void note(std::uint64_t frame, Place place) noexcept LOOPHOLE_NONBLOCKING {
    if (count_ > 0) {
      const Place goes_on = from(jump(count_ - 1), frame);
      if (goes_on.audible == place.audible && goes_on.position == place.position) return;
    }
    jumps_[count_++ % kJumps] = {.frame = frame, .place = place};
  }

  // [audio-thread] The place of a frame that was noted; `ago` frames before `now`. Before the first of all nothing was heard.
  [[nodiscard]] Place at(std::uint64_t now, std::uint32_t ago) const noexcept LOOPHOLE_NONBLOCKING {
    if (now < ago || count_ == 0) return {};
    const std::uint64_t frame = now - ago;
    const std::uint64_t next = jump_behind(frame);
    if (next > oldest()) return from(jump(next - 1), frame);
    const Jump& first = jump(next);
    if (oldest() == 0 || !first.place.audible) return {.position = first.place.position, .audible = false};
    const std::uint64_t before = first.frame - frame;
    return {.position = first.place.position - std::min(before, first.place.position), .audible = true};
  }

  // [audio-thread] How many of the next frames, at most `most`, are heard without a jump by who hears `ago` frames later.
  [[nodiscard]] std::uint32_t together(std::uint64_t now, std::uint32_t ago, std::uint32_t most) const noexcept LOOPHOLE_NONBLOCKING {
    const std::uint64_t next = now < ago ? oldest() : jump_behind(now - ago);
    if (next == count_) return most;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(most, jump(next).frame + ago - now));
  }

 private:
  struct Jump {
    std::uint64_t frame = 0;
    Place place;
  };
  [[nodiscard]] std::uint64_t oldest() const noexcept LOOPHOLE_NONBLOCKING { return count_ > kJumps ? count_ - kJumps : 0; }
  [[nodiscard]] const Jump& jump(std::uint64_t number) const noexcept LOOPHOLE_NONBLOCKING { return jumps_[number % kJumps]; }
  [[nodiscard]] static Place from(const Jump& jump, std::uint64_t frame) noexcept LOOPHOLE_NONBLOCKING {
    return {.position = jump.place.position + (jump.place.audible ? frame - jump.frame : 0), .audible = jump.place.audible};
  }
  // The number of the first jump behind a frame.
  [[nodiscard]] std::uint64_t jump_behind(std::uint64_t frame) const noexcept LOOPHOLE_NONBLOCKING {
    std::uint64_t first = oldest();
    std::uint64_t last = count_;
    while (first < last) {
      const std::uint64_t middle = first + (last - first) / 2;
      if (jump(middle).frame <= frame)
        first = middle + 1;
      else
        last = middle;
    }
    return first;
  }

  std::vector<Jump> jumps_;
  std::uint64_t count_ = 0;  // of all that there were
};

}  // namespace loophole::reference_signal
