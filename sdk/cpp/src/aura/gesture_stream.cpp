#include "gesture_stream.hpp"

#include <algorithm>
#include <utility>

namespace loophole::aura {
namespace {

// Frames that may go out without a gap, when nothing was sent for long: a user interface that was held up for a moment catches up.
constexpr int kMostAtOnce = 250;

}  // namespace

GestureStream::GestureStream(std::vector<std::uint32_t> handles, std::chrono::nanoseconds shortest_gap) : shortest_gap_(shortest_gap) {
  targets_.resize(handles.size());
  for (std::size_t i = 0; i < handles.size(); ++i) targets_[i].handle = handles[i];
  batch_.reserve(handles.size());
  frame_.resize(frames::parameter_stream_bytes(handles.size()));
}

void GestureStream::open(std::uint64_t stream_id, std::uint64_t epoch, std::shared_ptr<net::FrameSink> sink) {
  header_ = {.stream_id = stream_id, .epoch = epoch, .sequence = 0};
  sink_ = std::move(sink);
  last_sent_ = Clock::now();
  // The new engine starts from the committed value: it must be told what the hand holds, also when that was sent to the old one.
  for (Target& target : targets_) target.waiting = target.value.has_value();
  flush();
}

void GestureStream::pause() {
  sink_.reset();
}

bool GestureStream::put(std::size_t index, double value) {
  Target& target = targets_[index];
  if (target.waiting) ++counters_.coalesced;
  target.value = value;
  target.time_ns = monotonic_ns();
  target.waiting = true;
  return flush_due();
}

bool GestureStream::flush_due() {
  return Clock::now() + kMostAtOnce * shortest_gap_ >= next_ && flush();
}

bool GestureStream::flush() {
  batch_.clear();
  for (const Target& target : targets_)
    if (target.waiting) batch_.push_back({.value = *target.value, .time_ns = target.time_ns, .handle = target.handle});
  if (batch_.empty()) return true;
  if (!sink_ || !sink_->send(frames::write_parameter_stream(frame_, header_, batch_))) return false;
  header_.sequence += batch_.size();
  counters_.samples_sent += batch_.size();
  ++counters_.frames_sent;
  last_sent_ = Clock::now();
  next_ = std::max(next_, last_sent_) + shortest_gap_;
  for (Target& target : targets_) target.waiting = false;
  return true;
}

void GestureStream::renew(Clock::time_point since) {
  if (!sink_ || last_sent_ > since) return;
  for (Target& target : targets_) {
    if (!target.value || target.waiting) continue;
    target.waiting = true;
    ++counters_.renewals;
  }
  flush();
}

}  // namespace loophole::aura
