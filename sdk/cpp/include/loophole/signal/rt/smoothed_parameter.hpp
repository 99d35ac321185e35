#pragma once
// SmoothedParameter: a parameter as a node uses it. What it should be comes from rt::AutomatedParameter; a new value is reached in a
// straight line over the smoothing time, and exactly.
//
//   committed value, gesture    ____/-------    the line to the new value
//   automation takes over       ____/~~~~~~~    the distance to the automation shrinks to nothing; from then on its points are exact
//   a point that jumps          ~~~~|~~~~~~~    is a jump: whoever drew it wants it on its frame
//
// The transport jumping while automation plays is a take-over as well.
//
//   feed.drain([&](const rt::ParameterChange& change) noexcept { graph->parameter(change.handle).apply(change); });
//   gain.locate(position, playing);  // each part of a block, with where it is on the timeline
//   for (std::uint32_t i = 0; i < frames; ++i) sound[i] *= amplitude(gain.next(1).begin);
//
// straight() says for how many frames one line will do, where a line is cheaper than a value a frame.

#include <atomic>
#include <cstdint>

#include "loophole/signal/rt/automated_parameter.hpp"
#include "loophole/signal/rt/nonblocking.hpp"

namespace loophole::signal::rt {

class SmoothedParameter {
 public:
  using Line = ValueLine;  // a part of the way
  // How a value gets to a new one.
  enum class Motion {
    smooth,
    steps,  // whole numbers and choices: there is nothing between two values
  };

  // [any-thread] With this committed value.
  explicit SmoothedParameter(double initial, Motion motion = Motion::smooth) noexcept
      : motion_(motion), rule_(initial), target_(initial), held_(initial) {}

  // [audio-thread] A graph has the parameter: its number, its committed value, its automation (nullptr: none), and how many frames a change
  // takes. The first value of all is there at once.
  void adopt(std::uint32_t handle, double committed, const Automation* automation,
             std::uint32_t ramp_frames) noexcept LOOPHOLE_NONBLOCKING {
    const double now = current();
    ramp_ = motion_ == Motion::steps ? 0 : ramp_frames;
    rule_.adopt(handle, committed, automation);
    retarget(now);
  }
  // [audio-thread]
  void apply(const ParameterChange& change) noexcept LOOPHOLE_NONBLOCKING {
    const double now = current();
    rule_.apply(change);
    retarget(now);
  }
  void set_automation(const Automation* automation) noexcept LOOPHOLE_NONBLOCKING {
    const double now = current();
    rule_.set_automation(automation);
    retarget(now);
  }
  // [audio-thread] Where the transport is at the begin of a stretch, and whether it is heard.
  void locate(std::uint64_t position, bool playing) noexcept LOOPHOLE_NONBLOCKING {
    const bool is_automated = rule_.automation() != nullptr;
    const bool elsewhere = playing != playing_ || (playing && position != position_);
    const double now = is_automated && elsewhere ? current() : 0.0;
    position_ = position;
    playing_ = playing;
    if (!is_automated) return;
    if (elsewhere) retarget(now);
    held_.store(rule_.value_at(position_, playing_), std::memory_order_relaxed);
  }
  // [audio-thread] Nothing is heard: the value that is in force has been reached.
  void settle() noexcept LOOPHOLE_NONBLOCKING {
    remaining_ = 0;
    started_ = false;
  }
  // [audio-thread] Leaves the graph: the value stays where it is, and nothing of the graph is used any more.
  void let_go() noexcept LOOPHOLE_NONBLOCKING { adopt(0, current(), nullptr, ramp_); }

  // [audio-thread] For how many frames, at most `most`, the value moves in a straight line.
  [[nodiscard]] std::uint32_t straight(std::uint32_t most) const noexcept LOOPHOLE_NONBLOCKING {
    if (remaining_ > 0 && remaining_ < most) most = remaining_;
    return rule_.automation() == nullptr ? most : rule_.line(position_, playing_, most).frames;
  }
  // [audio-thread] Whether the value changes over the next frames, which are no more than straight() says.
  [[nodiscard]] bool moves(std::uint32_t frames) const noexcept LOOPHOLE_NONBLOCKING {
    if (remaining_ > 0) return true;
    if (rule_.automation() == nullptr) return false;
    const Line line = rule_.line(position_, playing_, frames);
    return line.begin != line.end;
  }
  // [audio-thread] The line over the next frames, which are no more than straight() says.
  Line next(std::uint32_t frames) noexcept LOOPHOLE_NONBLOCKING {
    Line line = rule_.line(position_, playing_, frames);
    line.frames = frames;
    position_ += frames;
    started_ = true;
    if (remaining_ > 0) {
      line.begin += rest();
      remaining_ -= frames < remaining_ ? frames : remaining_;
      line.end += rest();
    }
    return line;
  }
  // [audio-thread] The value `frames` later, for a node that has one value a block.
  double advance(std::uint32_t frames) noexcept LOOPHOLE_NONBLOCKING {
    while (frames > 0) {
      const std::uint32_t step = straight(frames);
      next(step);
      frames -= step;
    }
    return current();
  }
  // [audio-thread] The value of the next frame.
  [[nodiscard]] double current() const noexcept LOOPHOLE_NONBLOCKING { return rule_.value_at(position_, playing_) + rest(); }

  [[nodiscard]] std::uint32_t handle() const noexcept LOOPHOLE_NONBLOCKING { return rule_.handle(); }  // of the live graph
  [[nodiscard]] double committed() const noexcept LOOPHOLE_NONBLOCKING { return rule_.committed(); }   // the committed value

  // [any-thread] The value in force, without smoothing.
  [[nodiscard]] double held() const noexcept { return held_.load(std::memory_order_relaxed); }

 private:
  [[nodiscard]] double rest() const noexcept LOOPHOLE_NONBLOCKING {
    return remaining_ == 0 ? 0.0 : distance_ * (static_cast<double>(remaining_) / static_cast<double>(ramp_of_distance_));
  }
  // Something else may be in force: from `now`, the value that was reached, it goes there over the smoothing time.
  void retarget(double now) noexcept LOOPHOLE_NONBLOCKING {
    const bool was_automation = follows_automation_;
    follows_automation_ = rule_.source(playing_) == AutomatedParameter::Source::automation;
    const double target = rule_.value_at(position_, playing_);
    held_.store(target, std::memory_order_relaxed);
    const bool same = !follows_automation_ && !was_automation && target == target_;  // a ramp that is under way goes on
    target_ = target;
    if (same && started_) return;
    distance_ = now - target;
    ramp_of_distance_ = ramp_;
    remaining_ = started_ && distance_ != 0 ? ramp_ : 0;
  }

  Motion motion_;
  AutomatedParameter rule_;
  double target_;
  double distance_ = 0;  // from what is in force, at the begin of the ramp
  std::uint32_t remaining_ = 0;
  std::uint32_t ramp_of_distance_ = 0;
  std::uint32_t ramp_ = 0;
  std::uint64_t position_ = 0;
  bool playing_ = false;
  bool follows_automation_ = false;
  bool started_ = false;  // whether a value was ever used
  std::atomic<double> held_;
  static_assert(std::atomic<double>::is_always_lock_free);
};

}  // namespace loophole::signal::rt
