#include "telemetry_reader.hpp"

#include <doctest/doctest.h>

#include <array>

#include "loophole/frames/engine_stats.hpp"
#include "loophole/frames/meters.hpp"
#include "loophole/frames/spectrum.hpp"
#include "loophole/frames/transport_position.hpp"
#include "loophole/wire/topic.hpp"

using namespace loophole;
using aura::TelemetryReader;
using Topic = aura::Telemetry::Topic;
using Taken = std::optional<Topic>;

namespace {

// A reader that meters and transport are subscribed with.
struct Subscribed : TelemetryReader {
  Subscribed() {
    for (const Topic topic : {Topic::meters, Topic::transport}) subscribe(topic, text_of(topic, 0));
  }
};

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
  Subscribed reader;
  Source source;
  reader.begin_epoch(17);
  CHECK(reader.meters().epoch == 0);
  CHECK_FALSE(reader.transport().has_value());
  CHECK(source.meters(reader, 17, 4) == Taken(Topic::meters));
  CHECK(source.meters(reader, 17, 5, 0.75F) == Taken(Topic::meters));
  CHECK(source.transport(reader, 17, 1) == Taken(Topic::transport));
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
  Subscribed reader;
  Source source;
  reader.begin_epoch(17);
  source.meters(reader, 17, 10);
  source.transport(reader, 17, 500);
  source.meters(reader, 17, 14);
  source.transport(reader, 17, 501);
  CHECK(reader.counters().gaps == 3);
  CHECK(reader.counters(Topic::meters).gaps == 3);
  CHECK(reader.counters(Topic::transport).gaps == 0);
  CHECK(reader.counters(Topic::transport).frames == 2);
}

TEST_CASE("frames of another epoch, and any without an engine, are dropped and counted") {
  Subscribed reader;
  Source source;
  CHECK(source.meters(reader, 17, 1) == Taken());
  reader.begin_epoch(18);
  CHECK(source.meters(reader, 17, 2) == Taken());
  CHECK(source.transport(reader, 19, 2) == Taken());
  CHECK(reader.counters().stale_epoch == 3);
  CHECK(reader.counters().meters_frames == 0);
}

TEST_CASE("a new epoch starts from nothing, without a gap") {
  Subscribed reader;
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
  Subscribed reader;
  Source source;
  reader.begin_epoch(17);
  source.meters(reader, 17, 5);
  CHECK(source.meters(reader, 17, 5) == Taken());
  CHECK(source.meters(reader, 17, 4) == Taken());
  CHECK(reader.counters().out_of_order == 2);
}

TEST_CASE("what is no verified frame, or on a foreign topic, is dropped and counted") {
  Subscribed reader;
  reader.begin_epoch(17);
  CHECK(reader.accept(wire::topic::kMeters, bytes_of("{\"v\":1}")) == Taken());
  CHECK(reader.accept(wire::topic::kMeters, {}) == Taken());
  const Buffer frame = frames::make_transport_position({.epoch = 17, .sequence = 1});
  CHECK(reader.accept(wire::topic::kMeters, frame) == Taken());
  CHECK(reader.accept(wire::topic::kTransport, Bytes(frame).first(frame.size() / 2)) == Taken());
  CHECK(reader.counters().malformed == 4);
}

TEST_CASE("meters that come in several frames are one reading, in the order of their handles") {
  Subscribed reader;
  reader.begin_epoch(17);
  const auto part = [&](std::uint64_t sequence, std::uint64_t engine_frames, std::uint32_t first) {
    const std::array readings{frames::MeterReading{.handle = first + 2, .peak = 0.5F},
                              frames::MeterReading{.handle = first, .peak = 0.25F}};
    return reader.accept(wire::topic::kMeters,
                         frames::make_meters({.epoch = 17, .sequence = sequence, .engine_frames = engine_frames}, readings));
  };
  CHECK(part(1, 256, 10) == Taken(Topic::meters));
  CHECK(part(2, 256, 3) == Taken(Topic::meters));
  REQUIRE(reader.meters().levels.size() == 4);
  for (const std::uint32_t handle : {3, 5, 10, 12}) CHECK(reader.meters().find(handle, 0) != nullptr);
  CHECK(reader.meters().levels.front().handle == 3);
  CHECK(reader.newest_meters_frame().levels.size() == 2);
  CHECK(part(3, 512, 10) == Taken(Topic::meters));
  CHECK(reader.meters().levels.size() == 2);
}

TEST_CASE("each analyser has its newest spectrum; one of another handle is none") {
  TelemetryReader reader;
  reader.subscribe(Topic::spectrum(7), TelemetryReader::text_of(Topic::spectrum(7), 0));
  reader.subscribe(Topic::spectrum(8), TelemetryReader::text_of(Topic::spectrum(8), 15));
  reader.begin_epoch(17);
  const auto send = [&](std::string_view text, std::uint32_t handle, float level) {
    return reader.accept(text,
                         frames::make_spectrum({.epoch = 17, .sequence = 1, .handle = handle, .sample_rate_hz = 48000, .window_frames = 16},
                                               std::array{level, -3.0F, -200.0F}));
  };
  CHECK(reader.spectrum(7).epoch == 0);
  CHECK(send("spectrum/7", 7, -1) == Taken(Topic::spectrum(7)));
  CHECK(send("spectrum/8@015", 8, -2) == Taken(Topic::spectrum(8)));
  CHECK(send("spectrum/7", 8, -9) == Taken());
  const aura::SpectrumView spectrum = reader.spectrum(7);
  REQUIRE(spectrum.magnitudes_db.size() == 3);
  CHECK(spectrum.magnitudes_db[0] == -1);
  CHECK(spectrum.frequency_hz(2) == 6000);
  CHECK(reader.spectrum(8).magnitudes_db[0] == -2);
  CHECK(reader.counters().spectrum_frames == 2);
  CHECK(reader.counters(Topic::spectrum(7)).malformed == 1);
  CHECK(reader.counters(Topic::spectrum(8)).malformed == 0);
}

TEST_CASE("statistics are the newest of the epoch") {
  TelemetryReader reader;
  reader.subscribe(Topic::stats, TelemetryReader::text_of(Topic::stats, 0));
  reader.begin_epoch(17);
  CHECK(reader.stats().epoch == 0);
  CHECK(reader.accept("stats", frames::make_engine_stats({.epoch = 17, .sequence = 1, .load_mean_ratio = 0.25F, .xruns = 3})) ==
        Taken(Topic::stats));
  CHECK(reader.stats().load_mean_ratio == 0.25F);
  CHECK(reader.stats().xruns == 3);
  reader.begin_epoch(18);
  CHECK(reader.stats().epoch == 0);
  CHECK(reader.counters().stats_frames == 1);
}

TEST_CASE("what another client asked for, on a topic that begins like ours, is foreign and not malformed") {
  Subscribed reader;
  reader.begin_epoch(17);
  CHECK(reader.accept("meters@030", frames::make_meters({.epoch = 17, .sequence = 1}, {})) == Taken());
  CHECK(reader.counters().foreign == 1);
  CHECK(reader.counters().malformed == 0);
  CHECK(reader.counters().meters_frames == 0);
}

TEST_CASE("another rate begins another sequence; what is not subscribed to any more is forgotten") {
  Subscribed reader;
  Source source;
  reader.begin_epoch(17);
  source.meters(reader, 17, 100);
  CHECK(reader.unsubscribe(Topic::meters) == "meters");
  CHECK(reader.meters().epoch == 0);
  reader.subscribe(Topic::meters, TelemetryReader::text_of(Topic::meters, 30));
  CHECK(reader.accept("meters@030", frames::make_meters({.epoch = 17, .sequence = 2}, {})) == Taken(Topic::meters));
  CHECK(reader.counters().gaps == 0);
  CHECK(reader.counters().out_of_order == 0);
}

TEST_CASE("rates and handles that no topic has are none") {
  CHECK(TelemetryReader::text_of(Topic::meters, 30) == "meters@030");
  CHECK(TelemetryReader::text_of(Topic::spectrum(7), 240) == "spectrum/7@240");
  CHECK(TelemetryReader::text_of(Topic::meters, 241).empty());
  CHECK(TelemetryReader::text_of(Topic::meters, -1).empty());
  CHECK(TelemetryReader::text_of(Topic::spectrum(0), 0).empty());
  CHECK(TelemetryReader::text_of(Topic::spectrum(-3), 0).empty());
  CHECK(TelemetryReader::text_of(Topic::spectrum(std::int64_t{1} << 40), 0).empty());
}

TEST_CASE("a frame has the time of its arrival, and is live by the rate of its topic") {
  Subscribed reader;
  reader.begin_epoch(17);
  CHECK_FALSE(reader.arrived(Topic::meters).has_value());
  const Clock::time_point at{std::chrono::seconds{5}};
  CHECK(reader.accept(wire::topic::kMeters, frames::make_meters({.epoch = 17, .sequence = 3}, {}), at) == Taken(Topic::meters));
  CHECK(reader.accept(wire::topic::kMeters, frames::make_meters({.epoch = 17, .sequence = 3}, {}), at + std::chrono::seconds{1}) ==
        Taken());
  CHECK(reader.arrived(Topic::meters) == std::optional(at));  // what is dropped is no news
  reader.begin_epoch(18);
  CHECK_FALSE(reader.arrived(Topic::meters).has_value());

  CHECK(reader.live_for(Topic::meters) == std::chrono::milliseconds{500});
  CHECK(reader.live_for(Topic::stats) == std::chrono::milliseconds{1'500});
  reader.subscribe(Topic::spectrum(7), TelemetryReader::text_of(Topic::spectrum(7), 1));
  CHECK(reader.live_for(Topic::spectrum(7)) == std::chrono::seconds{3});
}
