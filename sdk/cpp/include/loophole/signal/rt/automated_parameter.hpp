#pragma once
// AutomatedParameter: which value a parameter has where several have a say. The audio thread's half of the rule of precedence: a sample of
// a gesture that holds, else automation while the transport runs, else the committed value.
//
// 1. In the audio callback, each change that is due goes to its parameter, whatever it is:
//
//      feed.drain([&](const rt::ParameterChange& change) noexcept { graph->parameter(change.handle).apply(change); });
//
// 2. A block is then computed in pieces in which the value moves in a straight line, so that each point of automation counts from its own
//    frame on:
//
//      for (std::uint32_t at = 0; at < frames;) {
//        const rt::ValueLine line = parameter.line(position + at, playing, frames - at);
//        process(at, line.frames, line.begin, line.end);
//        at += line.frames;
//      }
//
// 3. A new graph: adopt() with the handle, the committed value and the automation that it came with. A gesture on the same handle goes on.
//
// The value jumps where its source changes. rt::SmoothedParameter moves it over smoothingMs.

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "loophole/signal/rt/nonblocking.hpp"
#include "loophole/signal/rt/parameter_feed.hpp"

namespace loophole::signal::rt {

// A point of a lane.
struct AutomationPoint {
  std::uint64_t position = 0;  // on the timeline, in frames of the engine
  double value = 0;            // in the unit of the parameter
  bool holds = false;          // keeps its value until the next point; else goes there in a straight line
};

// A value over some frames: `begin` at the first, `end` at the frame behind the last if the line went on.
struct ValueLine {
  std::uint32_t frames = 0;  // that it covers
  double begin = 0;          // at the first of them
  double end = 0;            // at the frame behind the last
};

// The points of a lane that is played. Immutable: made and destroyed off the audio thread, read on it.
class Automation {
 public:
  // [any-thread] Rising positions, at least one point.
  explicit Automation(std::vector<AutomationPoint> points) : points_(std::move(points)) {}

  // [audio-thread] Before the first point its value, behind the last one that one's.
  [[nodiscard]] double value_at(std::uint64_t position) const noexcept LOOPHOLE_NONBLOCKING { return line(position, 1).begin; }

  // [audio-thread] The line from `position` to the next point, or over `most` frames, which is more than 0.
  [[nodiscard]] ValueLine line(std::uint64_t position, std::uint32_t most) const noexcept LOOPHOLE_NONBLOCKING {
    const auto next = std::upper_bound(points_.begin(), points_.end(), position,
                                       [](std::uint64_t at, const AutomationPoint& point) { return at < point.position; });
    std::uint32_t frames = most;
    if (next != points_.end() && next->position - position < most) frames = static_cast<std::uint32_t>(next->position - position);
    if (next == points_.begin()) return {frames, next->value, next->value};
    const AutomationPoint& before = *(next - 1);
    if (next == points_.end() || before.holds) return {frames, before.value, before.value};
    return {frames, between(before, *next, position), between(before, *next, position + frames)};
  }

 private:
  static double between(const AutomationPoint& from, const AutomationPoint& to, std::uint64_t position) noexcept LOOPHOLE_NONBLOCKING {
    if (position == to.position) return to.value;
    const auto gone = static_cast<double>(position - from.position);
    return from.value + (to.value - from.value) * (gone / static_cast<double>(to.position - from.position));
  }

  std::vector<AutomationPoint> points_;
};

// One owner, the audio thread, but for construction.
class AutomatedParameter {
 public:
  // What says the value.
  enum class Source : std::uint8_t { committed, gesture, automation };

  explicit AutomatedParameter(double committed) noexcept : committed_(committed) {}  // with this committed value

  // All functions are [audio-thread]. `automation` outlives its use here; nullptr: none is played.

  // A new graph has the parameter under this handle.
  void adopt(std::uint32_t handle, double committed, const Automation* automation) noexcept LOOPHOLE_NONBLOCKING {
    if (handle != handle_) held_by_gesture_ = false;
    handle_ = handle;
    committed_ = committed;
    automation_ = automation;
  }
  void set_automation(const Automation* automation) noexcept LOOPHOLE_NONBLOCKING { automation_ = automation; }
  void apply(const ParameterChange& change) noexcept LOOPHOLE_NONBLOCKING {
    switch (change.origin) {
      case ParameterOrigin::committed:
        committed_ = change.value;
        break;
      case ParameterOrigin::gesture:
        held_by_gesture_ = true;
        gesture_ = change.value;
        break;
      case ParameterOrigin::gesture_end:
        held_by_gesture_ = false;
        committed_ = change.value;
        break;
    }
  }

  // What says the value, while the transport runs or does not.
  [[nodiscard]] Source source(bool playing) const noexcept LOOPHOLE_NONBLOCKING {
    if (held_by_gesture_) return Source::gesture;
    return playing && automation_ != nullptr ? Source::automation : Source::committed;
  }
  // Where the transport is at `position`, and runs or does not.
  [[nodiscard]] double value_at(std::uint64_t position, bool playing) const noexcept LOOPHOLE_NONBLOCKING {
    return line(position, playing, 1).begin;
  }
  // The value from `position` on, as far as it moves in a straight line, over at most `most` frames, which is more than 0.
  [[nodiscard]] ValueLine line(std::uint64_t position, bool playing, std::uint32_t most) const noexcept LOOPHOLE_NONBLOCKING {
    switch (source(playing)) {
      case Source::automation:
        return automation_->line(position, most);
      case Source::gesture:
        return {most, gesture_, gesture_};
      case Source::committed:
        break;
    }
    return {most, committed_, committed_};
  }

  [[nodiscard]] std::uint32_t handle() const noexcept LOOPHOLE_NONBLOCKING { return handle_; }              // of the live graph
  [[nodiscard]] double committed() const noexcept LOOPHOLE_NONBLOCKING { return committed_; }               // the committed value
  [[nodiscard]] const Automation* automation() const noexcept LOOPHOLE_NONBLOCKING { return automation_; }  // what is played

 private:
  double committed_;
  double gesture_ = 0;
  const Automation* automation_ = nullptr;
  std::uint32_t handle_ = 0;  // handles of graphs begin at 1
  bool held_by_gesture_ = false;
};

}  // namespace loophole::signal::rt
