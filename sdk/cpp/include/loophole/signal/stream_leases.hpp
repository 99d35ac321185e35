#pragma once
// StreamLeases: which streams may move which parameters, for how long, and what became of every sample. Pure book-keeping without sockets;
// EngineServer feeds it with frames and time.
//
//   opened by Pulse (stream.open) --frames renew it--> closed by Pulse (stream.close)
//                                 \--lease runs out--> expired (event stream.expired)
//
// The last sample of a stream holds its parameter until the stream is closed with a value for it. One that a close leaves out, or whose
// lease ran out, stays held as well ("left behind") until Pulse says a value.
//
// Every sample that arrives ends in exactly one count: applied, or refused for one reason. Samples that never came are counted as lost by
// the gap in their numbers.

#include <chrono>
#include <cstdint>
#include <deque>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "loophole/core/clock.hpp"
#include "loophole/core/result.hpp"
#include "loophole/frames/parameter_stream.hpp"
#include "loophole/messages/stream.hpp"
#include "loophole/signal/live_graph.hpp"
#include "loophole/signal/rt/parameter_feed.hpp"

namespace loophole::signal {

// What became of the samples that came in.
struct StreamCounters {
  std::uint64_t frames = 0;            // verified frames
  std::uint64_t malformed_frames = 0;  // could not be verified
  std::uint64_t samples = 0;           // in verified frames

  std::uint64_t applied = 0;  // samples handed to the audio thread
  std::uint64_t lost = 0;     // samples missing according to sequence numbers

  // Refused samples, by reason.
  std::uint64_t unknown_stream = 0;  // never opened here, or forgotten
  std::uint64_t closed_stream = 0;   // closed or expired before
  std::uint64_t old_epoch = 0;       // of another start of the engine
  std::uint64_t old_sequence = 0;    // seen before
  std::uint64_t foreign_handle = 0;  // not one of the stream's parameters
  std::uint64_t unknown_handle = 0;  // no longer in the live graph
  std::uint64_t not_finite = 0;      // no number
  std::uint64_t out_of_range = 0;    // outside of the range of the parameter

  // All that were not applied.
  [[nodiscard]] std::uint64_t refused() const noexcept {
    return unknown_stream + closed_stream + old_epoch + old_sequence + foreign_handle + unknown_handle + not_finite + out_of_range;
  }
};

class StreamLeases {
 public:
  using Time = Clock::time_point;  // now, as the caller has it

  explicit StreamLeases(std::int64_t epoch) : epoch_(static_cast<std::uint64_t>(epoch)) {}  // of this start of the engine

  // All functions are [owner-thread].

  // Grants a lease; opening an open stream again renews it and keeps its counts. Error graph.unknownHandle.
  [[nodiscard]] Result<void> open(const stream::Open& command, const LiveGraph& graph, Time now);

  // What a frame leads to. The changes are valid until the next call.
  [[nodiscard]] std::span<const rt::ParameterChange> take(const frames::ParameterStreamView& frame, const LiveGraph& graph, Time now);
  void count_malformed() noexcept { ++counters_.malformed_frames; }

  // Ends a lease; what it moved is left behind until commits() says a value. Error stream.unknown.
  struct Closed {
    stream::StreamReport report;                   // what Pulse is answered with
    std::vector<engine::HandleValue> last_values;  // of the parameters that got a sample
  };
  [[nodiscard]] Result<Closed> close(const StreamId& id);
  [[nodiscard]] bool is_open(const StreamId& id) const;

  // Ends all leases, of a Pulse that is gone; what they left stays until somebody says another value.
  void close_all();

  // Ends the leases that ran out.
  [[nodiscard]] std::vector<stream::Expired> expire(Time now);
  // When the next lease runs out, unless frames renew it.
  [[nodiscard]] std::optional<Time> next_expiry() const;

  // Committed values as the audio thread takes them: one whose parameter was left behind ends that hold, one under an open stream does not.
  [[nodiscard]] std::vector<rt::ParameterChange> commits(std::span<const engine::HandleValue> values);

  // What is to be said after a graph with committed values was handed over: a parameter under somebody's hand stays where the hand is, one
  // that was left behind goes to its committed value. `forgotten` is what ParameterFeed::forget_waiting() returned.
  [[nodiscard]] std::vector<rt::ParameterChange> after_graph(const LiveGraph& graph, std::span<const rt::ParameterChange> forgotten);

  [[nodiscard]] std::size_t size() const noexcept { return leases_.size(); }           // open streams
  [[nodiscard]] const StreamCounters& counters() const noexcept { return counters_; }  // of all streams

 private:
  struct Target {
    std::uint32_t handle = 0;
    std::optional<double> last;
  };
  struct Lease {
    StreamId id;
    std::vector<Target> targets;
    std::chrono::milliseconds length{};
    Time deadline;
    std::uint64_t next_sequence = 0;
    stream::StreamReport report;
  };
  static constexpr std::size_t kRememberedClosed = 1024;

  void end(std::uint64_t key);
  // Whether an open stream moved the parameter.
  [[nodiscard]] bool holds(std::uint32_t handle) const;
  static std::vector<engine::HandleValue> last_values(const Lease& lease);

  std::uint64_t epoch_;
  std::unordered_map<std::uint64_t, Lease> leases_;
  std::deque<std::uint64_t> closed_;  // to tell a frame that comes late from one that never had a stream
  std::unordered_set<std::uint32_t> left_behind_;
  std::vector<rt::ParameterChange> changes_;
  StreamCounters counters_;
};

}  // namespace loophole::signal
