#include "telemetry_reader.hpp"

#include <doctest/doctest.h>

#include <array>

#include "loophole/frames/meters.hpp"
#include "loophole/frames/transport_position.hpp"
#include "loophole/wire/topic.hpp"

using namespace loophole;
using aura::TelemetryReader;
using Taken = TelemetryReader::Taken;

namespace {

struct Source {
  Taken meters(TelemetryReader& reader, std::uint64_t epoch, std::uint64_t sequence, float peak = 0.5F) {
    const std::array readings{frames::MeterReading{.handle = 3, .peak = peak, .rms = 0.25F},
                              frames::MeterReading{.handle = 3, .channel = 1, .clipped = 9, .peak = 0.125F, .rms = 0.0625F}};
    return reader.accept(wire::topic::kMeters, frames::make_meters({.epoch = epoch, .sequence = sequence, .engine_frames = 256}, readings));
  }
  Taken transport(TelemetryReader& reader, std::uint64_t epoch, std::uint64_t sequence) {
    return reader.accept(wire::topic::kTransport, frames::make_transport_position({.epoch = epoch,
                                                                                   .sequence = sequence,
                                                                                   .position_frames = 99,
                                                                                   .sample_rate_hz = 48000,
                                                                                   .playing = true,
                                                                                   .position_beats = 1.5,
                                                                                   .tempo_bpm = 90,
                                                                                   .loop_enabled = true,
                                                                                   .loop_start_frames = 5,
                                                                                   .loop_end_frames = 6}));
  }
};

}  // namespace

TEST_CASE("frames of the epoch are taken and are the newest") {
  TelemetryReader reader;
  Source source;
  reader.begin_epoch(17);
  CHECK(reader.meters().epoch == 0);
  CHECK_FALSE(reader.transport().has_value());
  CHECK(source.meters(reader, 17, 4) == Taken::meters);
  CHECK(source.meters(reader, 17, 5, 0.75F) == Taken::meters);
  CHECK(source.transport(reader, 17, 1) == Taken::transport);
  const aura::MetersView meters = reader.meters();
  CHECK(meters.epoch == 17);
  CHECK(meters.sequence == 5);
  REQUIRE(meters.levels.size() == 2);
  REQUIRE(meters.find(3, 0) != nullptr);
  CHECK(meters.find(3, 0)->peak == 0.75F);
  CHECK(meters.find(3, 1)->rms == 0.0625F);
  CHECK(meters.find(3, 0)->clipped == 0);
  CHECK(meters.find(3, 1)->clipped == 9);
  CHECK(meters.find(4, 0) == nullptr);
  REQUIRE(reader.transport().has_value());
  CHECK(reader.transport()->position_frames == 99);
  CHECK(reader.transport()->playing);
  CHECK(reader.transport()->position_beats == 1.5);
  CHECK(reader.transport()->tempo_bpm == 90);
  CHECK(reader.transport()->loop_enabled);
  CHECK(reader.transport()->loop_start_frames == 5);
  CHECK(reader.transport()->loop_end_frames == 6);
  CHECK(reader.counters().meters_frames == 2);
  CHECK(reader.counters().transport_frames == 1);
  CHECK(reader.counters().gaps == 0);
}

TEST_CASE("missing frames are counted, by topic") {
  TelemetryReader reader;
  Source source;
  reader.begin_epoch(17);
  source.meters(reader, 17, 10);
  source.transport(reader, 17, 500);
  source.meters(reader, 17, 14);
  source.transport(reader, 17, 501);
  CHECK(reader.counters().gaps == 3);
}

TEST_CASE("frames of another epoch, and any without an engine, are dropped and counted") {
  TelemetryReader reader;
  Source source;
  CHECK(source.meters(reader, 17, 1) == Taken::nothing);
  reader.begin_epoch(18);
  CHECK(source.meters(reader, 17, 2) == Taken::nothing);
  CHECK(source.transport(reader, 19, 2) == Taken::nothing);
  CHECK(reader.counters().stale_epoch == 3);
  CHECK(reader.counters().meters_frames == 0);
}

TEST_CASE("a new epoch starts from nothing, without a gap") {
  TelemetryReader reader;
  Source source;
  reader.begin_epoch(17);
  source.meters(reader, 17, 100);
  reader.begin_epoch(18);
  CHECK(reader.meters().levels.empty());
  source.meters(reader, 18, 3);
  CHECK(reader.counters().gaps == 0);
  CHECK(reader.counters().meters_frames == 2);
}

TEST_CASE("old and repeated frames are dropped and counted") {
  TelemetryReader reader;
  Source source;
  reader.begin_epoch(17);
  source.meters(reader, 17, 5);
  CHECK(source.meters(reader, 17, 5) == Taken::nothing);
  CHECK(source.meters(reader, 17, 4) == Taken::nothing);
  CHECK(reader.counters().out_of_order == 2);
}

TEST_CASE("what is no verified frame, or on a foreign topic, is dropped and counted") {
  TelemetryReader reader;
  reader.begin_epoch(17);
  CHECK(reader.accept(wire::topic::kMeters, bytes_of("{\"v\":1}")) == Taken::nothing);
  CHECK(reader.accept(wire::topic::kMeters, {}) == Taken::nothing);
  const Buffer frame = frames::make_transport_position({.epoch = 17, .sequence = 1});
  CHECK(reader.accept(wire::topic::kMeters, frame) == Taken::nothing);
  CHECK(reader.accept(wire::topic::kTransport, Bytes(frame).first(frame.size() / 2)) == Taken::nothing);
  CHECK(reader.counters().malformed == 4);
}
