#pragma once
// GestureStream: samples of a gesture on their way to a lane. Never blocks; what the lane does not take waits, one newest value a target.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "loophole/aura/gesture.hpp"
#include "loophole/core/clock.hpp"
#include "loophole/frames/parameter_stream.hpp"
#include "loophole/transport/sockets.hpp"

namespace loophole::aura {

class GestureStream {
 public:
  // [owner-thread] Handles of the targets, by index. Frames that put() sends have
  // this gap on average; what comes sooner waits.
  explicit GestureStream(std::vector<std::uint32_t> handles, std::chrono::nanoseconds shortest_gap = {});

  // [owner-thread] Samples go to this stream from now on, numbered from 0. Newest values that were put before are sent first.
  void open(std::uint64_t stream_id, std::uint64_t epoch, std::shared_ptr<net::FrameSink> sink);
  // [owner-thread] There is no stream now: values wait for the next open().
  void pause();

  // [owner-thread] The newest value of a target. False: it waits for flush().
  bool put(std::size_t target, double value);
  // [owner-thread] Tries again to send what waits, when its gap is over. True: nothing waits any more.
  bool flush_due();
  // [owner-thread] The same at once.
  bool flush();
  // [owner-thread] Sends the newest values once more when nothing was sent since `since`: a held control keeps its lease.
  void renew(Clock::time_point since);

  [[nodiscard]] GestureCounters& counters() noexcept { return counters_; }
  // The value that was put last; nothing: none was.
  [[nodiscard]] const std::optional<double>& value(std::size_t target) const { return targets_[target].value; }

 private:
  struct Target {
    std::uint32_t handle = 0;
    std::optional<double> value;
    std::uint64_t time_ns = 0;
    bool waiting = false;
  };

  std::vector<Target> targets_;
  std::chrono::nanoseconds shortest_gap_;
  Clock::time_point next_{};  // when the next frame would be due, had all had their gap
  std::shared_ptr<net::FrameSink> sink_;
  frames::ParameterStreamHeader header_;
  std::vector<frames::ParameterSample> batch_;
  Buffer frame_;  // large enough for all targets
  Clock::time_point last_sent_ = Clock::now();
  GestureCounters counters_;
};

}  // namespace loophole::aura
