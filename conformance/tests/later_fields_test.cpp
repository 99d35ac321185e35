// A frame with a field of a later version has the values of 1.0.
#include "trial/later_fields.hpp"

#include <doctest/doctest.h>

#include "loophole/core/bytes.hpp"
#include "loophole/frames/engine_stats.hpp"
#include "loophole/frames/meters.hpp"
#include "loophole/frames/transport_position.hpp"

using namespace loophole;
using namespace loophole::conformance;

namespace {

Buffer later(const Buffer& frame) {
  const std::string other = with_later_field(std::string(text_of(frame)));
  CHECK(other.size() > frame.size());
  return {bytes_of(other).begin(), bytes_of(other).end()};
}

}  // namespace

TEST_CASE("a frame with a field that 1.0 does not have is read as without it") {
  const frames::MetersHeader header{.epoch = 17, .sequence = 0, .engine_frames = 480, .time_ns = 1'000'000'007, .length_frames = 480};
  const std::vector<frames::MeterReading> readings{{.handle = 1, .channel = 0, .clipped = 3, .peak = 0.5F, .rms = 0.25F},
                                                   {.handle = 9, .channel = 1, .clipped = 0, .peak = 0.F, .rms = 0.F}};
  for (std::size_t count = 0; count <= readings.size(); ++count) {
    const std::vector<frames::MeterReading> some(readings.begin(), readings.begin() + static_cast<std::ptrdiff_t>(count));
    const Buffer meters = later(frames::make_meters(header, some));
    const auto view = frames::read_meters(meters);
    REQUIRE(view);
    CHECK(view->header == header);
    CHECK(std::vector(view->readings.begin(), view->readings.end()) == some);
  }
  const frames::TransportPosition position{.epoch = 17, .sequence = 3, .playing = true, .position_beats = 1.5, .tempo_bpm = 96};
  const auto moved = frames::read_transport_position(later(frames::make_transport_position(position)));
  REQUIRE(moved);
  CHECK(*moved == position);
  const frames::EngineStats stats{.epoch = 17, .sequence = 5, .load_mean_ratio = 0.5F, .telemetry_frames_dropped = 7};
  const auto counted = frames::read_engine_stats(later(frames::make_engine_stats(stats)));
  REQUIRE(counted);
  CHECK(*counted == stats);
}
