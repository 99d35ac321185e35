#pragma once
// Private to the engine server: levels of several readings become one, for a topic that is sent less often than readings come.

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "loophole/frames/meters.hpp"
#include "loophole/signal/rt/meter_board.hpp"

namespace loophole::signal {

class MeterMerge {
 public:
  // One batch of a reading.
  void take(const rt::MeterBatch& batch);
  // Frames that the readings since the last flush() cover, as far as they are complete.
  [[nodiscard]] std::uint32_t length_frames() const noexcept { return length_; }
  // The levels of all meters that are in the newest reading; those of meters that are gone are not told (TEL-12). Begins anew.
  [[nodiscard]] std::span<const frames::MeterReading> flush();

 private:
  struct Levels {
    std::uint32_t handle = 0;
    std::uint32_t channel = 0;
    float peak = 0;
    double squares = 0;
    std::uint64_t frames = 0;
    std::uint64_t clipped = 0;
    std::uint64_t seen = 0;  // in the reading of this number
  };
  [[nodiscard]] Levels& find(std::uint32_t handle, std::uint32_t channel);

  std::vector<Levels> levels_;
  std::unordered_map<std::uint64_t, std::size_t> places_;
  std::size_t cursor_ = 0;  // readings name the same meters in the same order, as a rule
  std::uint64_t reading_ = 1;
  std::uint64_t reading_frames_ = 0;
  std::uint32_t length_ = 0;
  std::vector<frames::MeterReading> merged_;
};

}  // namespace loophole::signal
