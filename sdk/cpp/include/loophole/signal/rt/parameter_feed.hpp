#pragma once
// ParameterFeed: "what parameter values are due in this block". Values go in on the I/O thread and come out on the audio thread.
//
// 1. In the audio callback, first thing in a block:
//
//      feed.drain([&](const rt::ParameterChange& change) noexcept { graph->parameter(change.handle).apply(change); });
//
//    AutomatedParameter knows what each origin of a value means. An engine without automation may use it all the same, or keep two values
//    a parameter: the committed one, and that of a gesture while it holds.
//
// 2. When the callback also takes a new graph, values that were sent before the graph belong to the old one, later ones to the new one.
//    The I/O thread keeps feed.mark() with the graph when it hands it over; the callback then does
//
//      const auto due = feed.mark();  // first of all: what comes after this may be for a graph that is not looked for yet
//      feed.drain_until(next->mark, apply_to_old);  swap;  feed.drain_until(due, apply_to_new);
//
// 3. The I/O thread knows that the audio thread holds a value when applied(mark) says so.
//
// The queue has a fixed capacity. When it is full (the audio thread stands still), the newest committed value and the newest word of a
// gesture wait for each parameter on the I/O side and go in with the next push() or flush(): the latest always wins, and what it replaced
// is counted.

#include <atomic>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "loophole/signal/rt/spsc_ring.hpp"

namespace loophole::signal::rt {

// Where a value comes from, and with it how long it holds.
enum class ParameterOrigin : std::uint32_t {
  committed,    // the committed value; a gesture that holds goes on
  gesture,      // a sample of a gesture, which holds until the end
  gesture_end,  // no gesture holds any more; the value is the committed one
};

// A new value on its way to the audio thread.
struct ParameterChange {
  std::uint32_t handle = 0;                             // of the parameter
  ParameterOrigin origin = ParameterOrigin::committed;  // whose value it is
  double value = 0;                                     // in the unit of the parameter; finite and in range
};

class ParameterFeed {
 public:
  // A position in the order of values.
  using Mark = std::uint64_t;

  // What became of the values.
  struct Counters {
    std::uint64_t pushed = 0;      // handed to the audio thread
    std::uint64_t deferred = 0;    // found the queue full and waited on the I/O side
    std::uint64_t superseded = 0;  // of these: replaced by a newer value of the same parameter before the audio thread could see them
  };

  explicit ParameterFeed(std::size_t capacity = 16'384) : ring_(capacity) {}  // room for so many values

  // [io-thread] The values of one call come out in one block, as long as they fit into the queue at all.
  void push(std::span<const ParameterChange> changes);
  // [io-thread] Moves what waits into the queue as far as it fits. True: nothing waits.
  bool flush();
  // [io-thread] Forgets what waits: a graph with newer values was handed over. Returns it: an end of a gesture is not in the graph.
  std::vector<ParameterChange> forget_waiting();
  [[nodiscard]] bool waiting() const noexcept { return !waiting_.empty(); }
  // [io-thread] [audio-thread] After everything that is in the queue now. What waits is not covered: flush() first.
  [[nodiscard]] Mark mark() const noexcept LOOPHOLE_NONBLOCKING { return ring_.written(); }
  // [io-thread] Whether the audio thread has applied everything before `mark`.
  [[nodiscard]] bool applied(Mark mark) const noexcept { return applied_.load(std::memory_order_acquire) >= mark; }
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }

  // [audio-thread] Calls apply(const ParameterChange&) for every value that is due, oldest first.
  template <class Apply>
  void drain(Apply&& apply) noexcept LOOPHOLE_NONBLOCKING {
    drain_until(ring_.written(), apply);
  }
  // [audio-thread] The same, for values before `mark`.
  template <class Apply>
  void drain_until(Mark mark, Apply&& apply) noexcept LOOPHOLE_NONBLOCKING {
    std::uint64_t position = ring_.taken();
    ParameterChange change;
    while (position < mark && ring_.pop(change)) {
      apply(static_cast<const ParameterChange&>(change));
      ++position;
    }
    applied_.store(position, std::memory_order_release);
  }

 private:
  // A parameter waits in at most two places: its committed value, and what a gesture says of it.
  static std::uint64_t place_of(std::uint32_t handle, bool of_gesture) noexcept {
    return std::uint64_t{handle} << 1U | (of_gesture ? 1U : 0U);
  }
  static std::uint64_t place_of(const ParameterChange& change) noexcept {
    return place_of(change.handle, change.origin != ParameterOrigin::committed);
  }
  void defer(std::span<const ParameterChange> changes);

  SpscRing<ParameterChange> ring_;
  alignas(64) std::atomic<std::uint64_t> applied_{0};
  alignas(64) std::vector<ParameterChange> waiting_;  // one a place, oldest first
  std::unordered_map<std::uint64_t, std::size_t> waiting_index_;
  Counters counters_;
};

}  // namespace loophole::signal::rt
