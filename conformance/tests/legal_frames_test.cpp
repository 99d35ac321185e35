// Frames in another layout have the same values.
#include "legal_frames.hpp"

#include <doctest/doctest.h>

#include "loophole/core/bytes.hpp"
#include "loophole/frames/engine_stats.hpp"
#include "loophole/frames/meters.hpp"
#include "loophole/frames/parameter_stream.hpp"
#include "loophole/frames/spectrum.hpp"
#include "loophole/frames/transport_position.hpp"

using namespace loophole;
using namespace loophole::conformance::faults;

namespace {

std::string text(const Buffer& frame) {
  return std::string(text_of(frame));
}
Buffer buffer(const std::string& bytes) {
  return {bytes_of(bytes).begin(), bytes_of(bytes).end()};
}

const frames::MetersHeader kHeader{.epoch = 17, .sequence = 0, .engine_frames = 480, .time_ns = 1'000'000'007, .length_frames = 480};
const std::vector<frames::MeterReading> kReadings{{.handle = 1, .channel = 0, .clipped = 3, .peak = 0.5F, .rms = 0.25F},
                                                  {.handle = 1, .channel = 1, .clipped = 0, .peak = 1.5F, .rms = 1.F},
                                                  {.handle = 9, .channel = 0, .clipped = 0, .peak = 0.F, .rms = 0.F}};

}  // namespace

TEST_CASE("meters: other bytes, the same reading") {
  const std::string plain = text(frames::make_meters(kHeader, kReadings));
  const std::string other = relaid(plain);
  CHECK(other != plain);
  const Buffer bytes = buffer(other);
  const auto view = frames::read_meters(bytes);
  REQUIRE(view);
  CHECK(view->header == kHeader);
  CHECK(std::vector(view->readings.begin(), view->readings.end()) == kReadings);
}

TEST_CASE("a stream: each sample in a frame of its own, in another layout") {
  const std::vector<frames::ParameterSample> samples{{.value = -6, .time_ns = 5, .handle = 1, .reserved = 0},
                                                     {.value = 880, .time_ns = 0, .handle = 4'000'000'000, .reserved = 0}};
  const frames::ParameterStreamHeader header{.stream_id = 77, .epoch = 17, .sequence = 3};
  const std::string plain = text(frames::make_parameter_stream(header, samples));
  CHECK(frames::read_parameter_stream(buffer(relaid(plain))).value().samples.size() == 2);
  const auto alone = one_by_one(plain);
  REQUIRE(alone.size() == samples.size());
  for (std::size_t n = 0; n < alone.size(); ++n) {
    const std::string other = relaid(alone[n]);
    CHECK(other != alone[n]);
    const Buffer bytes = buffer(other);
    const auto view = frames::read_parameter_stream(bytes);
    REQUIRE(view);
    CHECK(view->header.stream_id == header.stream_id);
    CHECK(view->header.epoch == header.epoch);
    CHECK(view->header.sequence == header.sequence + n);
    REQUIRE(view->samples.size() == 1);
    CHECK(view->samples.front() == samples[n]);
  }
}

TEST_CASE("a position, statistics and a spectrum, with defaults that are 0 and that are not") {
  frames::TransportPosition position{
      .epoch = 17, .sequence = 3, .playing = true, .position_beats = 1.5, .tempo_bpm = 96, .loop_end_frames = 9};
  const auto moved = frames::read_transport_position(buffer(relaid(text(frames::make_transport_position(position)))));
  REQUIRE(moved);
  CHECK(*moved == position);
  frames::EngineStats stats{.epoch = 17, .sequence = 5, .load_mean_ratio = 0.5F, .telemetry_frames_dropped = 7};
  const auto counted = frames::read_engine_stats(buffer(relaid(text(frames::make_engine_stats(stats)))));
  REQUIRE(counted);
  CHECK(*counted == stats);
  frames::SpectrumHeader header{.epoch = 17, .sequence = 5, .handle = 4, .channel = 0, .sample_rate_hz = 44'100, .window_frames = 16};
  const std::vector<float> magnitudes{-200.F, -6.F, 0.F, 1.F, 2.F, 3.F, 4.F, 5.F, 6.F};
  const Buffer bytes = buffer(relaid(text(frames::make_spectrum(header, magnitudes))));
  const auto spectrum = frames::read_spectrum(bytes);
  REQUIRE(spectrum);
  CHECK(spectrum->header == header);
  CHECK(std::vector(spectrum->magnitudes_db.begin(), spectrum->magnitudes_db.end()) == magnitudes);
}

TEST_CASE("sequences begin anywhere, and readings stand in any order") {
  const std::string plain = text(frames::make_meters(kHeader, kReadings));
  const Buffer bytes = buffer(readings_reversed(with_sequence_from(1'000'000, plain)));
  const auto view = frames::read_meters(bytes);
  REQUIRE(view);
  CHECK(view->header.sequence == 1'000'000);
  CHECK(view->header.time_ns == kHeader.time_ns);
  CHECK(std::vector(view->readings.rbegin(), view->readings.rend()) == kReadings);
}

TEST_CASE("what is no telemetry frame is left alone") {
  for (const std::string bytes : {"", "short", "no frame of any kind"}) {
    CHECK(relaid(bytes) == bytes);
    CHECK(with_sequence_from(7, bytes) == bytes);
    CHECK(readings_reversed(bytes) == bytes);
  }
}
