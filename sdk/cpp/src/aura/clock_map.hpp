#pragma once
// ClockMap: from what Signal said about its frames to what is heard now. protocol/telemetry.md, "The clock map".

#include <cstdint>
#include <deque>
#include <optional>

#include "loophole/aura/telemetry.hpp"

namespace loophole::aura {

class ClockMap {
 public:
  // All [owner-thread]. There is another engine, or none.
  void reset();
  // Frames from rendering to the ear, and from a source to the output of the graph.
  void set_latency(std::int64_t output_frames, std::int64_t graph_frames) noexcept;
  void note(const TransportView& position);

  [[nodiscard]] std::optional<Playhead> playhead(std::uint64_t now_ns) const;
  [[nodiscard]] std::optional<std::uint64_t> heard_at_ns(std::uint64_t engine_frames) const;

 private:
  // When the engine would have begun its frame 0: the earliest that the last second speaks for, because blocks are begun late at times.
  [[nodiscard]] double origin_ns() const;

  std::deque<TransportView> last_second_;  // of one sample rate, never 0
  double output_frames_ = 0;
  double graph_frames_ = 0;
};

}  // namespace loophole::aura
