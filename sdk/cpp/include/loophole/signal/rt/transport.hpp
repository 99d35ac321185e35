#pragma once
// Transport: where on the timeline the audio thread is. Starts, stops and jumps are faded, so that none of them clicks.
//
//   play       |  fade in  |----- playing -----
//   stop at P  ------------|  fade out  |  silence       position stays P, although the fade reads a little further
//   seek to Q  ------------|  fade out  |  fade in from Q
//   loop       ------------| to its first frame, not faded: what is looped was cut to fit
//
// A block is rendered part by part:
//
//   for (std::uint32_t at = 0; at < frames;) {
//     const rt::Transport::Part part = transport.advance(frames - at);
//     render(at, part);  // sources play from part.position where it is audible, and fade in a line from fade_begin to fade_end
//     at += part.frames;
//   }
//
// Used by the audio thread alone; what others may know is published by TransportReadings.

#include <algorithm>
#include <cstdint>

#include "loophole/signal/rt/nonblocking.hpp"

namespace loophole::signal::rt {

class Transport {
 public:
  static constexpr std::uint32_t kFadeFrames = 256;  // of a start, a stop and a jump

  // The next frames that lie together on the timeline.
  struct Part {
    std::uint32_t frames = 0;    // of this part
    std::uint64_t position = 0;  // that sources play from
    bool audible = false;        // whether sources play
    float fade_begin = 0;        // gain at its first frame
    float fade_end = 0;          // gain at the frame behind its last
  };

  // Frames from `start` on, before `end`, which is behind it.
  struct Loop {
    bool enabled = false;     // whether it goes round
    std::uint64_t start = 0;  // first frame of the loop
    std::uint64_t end = 0;    // first frame after it
  };

  // [audio-thread]
  void set_loop(const Loop& loop) noexcept LOOPHOLE_NONBLOCKING { loop_ = loop; }
  void set_playing(bool playing) noexcept LOOPHOLE_NONBLOCKING { playing_ = playing; }
  void seek(std::uint64_t position) noexcept LOOPHOLE_NONBLOCKING { position_ = position; }
  // [audio-thread] Nothing is heard: there is nothing to fade out.
  void settle() noexcept LOOPHOLE_NONBLOCKING { level_ = 0; }

  // [audio-thread] Goes on by at most `most` frames, which is more than 0.
  Part advance(std::uint32_t most) noexcept LOOPHOLE_NONBLOCKING {
    if (level_ > 0 && (!playing_ || source_ != position_)) return fade_out(most);
    if (!playing_) return {.frames = most, .position = position_, .audible = false, .fade_begin = 0, .fade_end = 0};
    source_ = position_;
    Part part{.frames = until_jump(most), .position = source_, .audible = true, .fade_begin = fade(), .fade_end = 1};
    if (level_ < kFadeFrames) {
      part.frames = std::min(part.frames, kFadeFrames - level_);
      level_ += part.frames;
      part.fade_end = fade();
    }
    go_on(part.frames);
    position_ = source_;
    return part;
  }

  // [audio-thread] As users see it: a stop or a jump counts from the moment it was asked for.
  [[nodiscard]] bool playing() const noexcept LOOPHOLE_NONBLOCKING { return playing_; }
  [[nodiscard]] std::uint64_t position() const noexcept LOOPHOLE_NONBLOCKING { return position_; }
  // [audio-thread] Where sound comes from.
  [[nodiscard]] std::uint64_t source() const noexcept LOOPHOLE_NONBLOCKING { return level_ > 0 ? source_ : position_; }
  [[nodiscard]] const Loop& loop() const noexcept LOOPHOLE_NONBLOCKING { return loop_; }

 private:
  [[nodiscard]] float fade() const noexcept { return static_cast<float>(level_) / static_cast<float>(kFadeFrames); }

  Part fade_out(std::uint32_t most) noexcept LOOPHOLE_NONBLOCKING {
    Part part{.frames = until_jump(std::min(most, level_)), .position = source_, .audible = true, .fade_begin = fade(), .fade_end = 0};
    level_ -= part.frames;
    part.fade_end = fade();
    go_on(part.frames);
    return part;
  }

  // Frames that lie together from the source on. Whoever is behind the loop already goes on.
  [[nodiscard]] std::uint32_t until_jump(std::uint32_t most) const noexcept LOOPHOLE_NONBLOCKING {
    if (!loop_.enabled || source_ >= loop_.end) return most;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(most, loop_.end - source_));
  }
  void go_on(std::uint32_t frames) noexcept LOOPHOLE_NONBLOCKING {
    source_ += frames;
    if (loop_.enabled && source_ == loop_.end && frames > 0) source_ = loop_.start;
  }

  Loop loop_;
  bool playing_ = false;
  std::uint64_t position_ = 0;
  std::uint64_t source_ = 0;  // where sound comes from while it fades out; else equal to position_
  std::uint32_t level_ = 0;   // of the fade, 0 … kFadeFrames
};

}  // namespace loophole::signal::rt
