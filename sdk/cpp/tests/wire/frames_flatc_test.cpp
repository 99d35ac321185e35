// The frames are FlatBuffers: flatc's code reads what our builders write, our readers read what FlatBufferBuilder writes.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

#include "flatc/engine_stats_generated.h"
#include "flatc/meters_generated.h"
#include "flatc/parameter_stream_generated.h"
#include "flatc/spectrum_generated.h"
#include "flatc/transport_position_generated.h"
#include "frame_samples.hpp"

using namespace loophole;
using namespace loophole::test;

namespace {

template <class Table>
const Table& verified(const Buffer& frame, const char* identifier) {
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(frame.data()), frame.size());
  REQUIRE(verifier.VerifyBuffer<Table>(identifier));
  return *flatbuffers::GetRoot<Table>(frame.data());
}

Buffer bytes_of(const flatbuffers::FlatBufferBuilder& builder) {
  const auto* begin = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return {begin, begin + builder.GetSize()};
}

template <class Struct, class Item, std::size_t N>
bool same(const flatbuffers::Vector<const Struct*>* vector, const std::array<Item, N>& items) {
  static_assert(sizeof(Struct) == sizeof(Item) && alignof(Struct) == alignof(Item));
  return vector->size() == N && std::memcmp(vector->Data(), items.data(), sizeof items) == 0;
}

}  // namespace

TEST_CASE("flatc's code reads a parameter stream of ours") {
  const Buffer frame = frames::make_parameter_stream(kStream, kSamples);
  const auto& table = verified<fb::ParameterStream>(frame, fb::ParameterStreamIdentifier());
  CHECK(table.stream_id() == kStream.stream_id);
  CHECK(table.epoch() == kStream.epoch);
  CHECK(table.sequence() == kStream.sequence);
  CHECK(same(table.samples(), kSamples));
  CHECK(table.samples()->Get(1)->value() == -1.25);
  CHECK(table.samples()->Get(1)->time_ns() == 222);
  CHECK(table.samples()->Get(1)->handle() == 9);
}

TEST_CASE("flatc's code reads meters of ours") {
  const Buffer frame = frames::make_meters(kMeters, kReadings);
  const auto& table = verified<fb::Meters>(frame, fb::MetersIdentifier());
  CHECK(table.epoch() == kMeters.epoch);
  CHECK(table.sequence() == kMeters.sequence);
  CHECK(table.engine_frames() == kMeters.engine_frames);
  CHECK(table.time_ns() == kMeters.time_ns);
  CHECK(table.length_frames() == kMeters.length_frames);
  CHECK(same(table.readings(), kReadings));
  const fb::MeterReading& reading = *table.readings()->Get(1);
  CHECK(reading.handle() == 1);
  CHECK(reading.channel() == 1);
  CHECK(reading.clipped() == 65'535);
  CHECK(reading.peak() == 1.5F);
  CHECK(reading.rms() == 0.75F);
}

TEST_CASE("flatc's code reads a spectrum of ours") {
  const Buffer frame = frames::make_spectrum(kSpectrum, kMagnitudes);
  const auto& table = verified<fb::Spectrum>(frame, fb::SpectrumIdentifier());
  CHECK(table.epoch() == kSpectrum.epoch);
  CHECK(table.sequence() == kSpectrum.sequence);
  CHECK(table.engine_frames() == kSpectrum.engine_frames);
  CHECK(table.time_ns() == kSpectrum.time_ns);
  CHECK(table.handle() == kSpectrum.handle);
  CHECK(table.channel() == kSpectrum.channel);
  CHECK((table.window() == fb::SpectrumWindow::flat_top));
  CHECK(table.sample_rate_hz() == kSpectrum.sample_rate_hz);
  CHECK(table.window_frames() == kSpectrum.window_frames);
  CHECK(std::ranges::equal(*table.magnitudes_db(), kMagnitudes));
}

TEST_CASE("flatc's code reads a transport position of ours") {
  const Buffer frame = frames::make_transport_position(kPosition);
  const auto& table = verified<fb::TransportPosition>(frame, fb::TransportPositionIdentifier());
  CHECK(table.epoch() == kPosition.epoch);
  CHECK(table.sequence() == kPosition.sequence);
  CHECK(table.engine_frames() == kPosition.engine_frames);
  CHECK(table.time_ns() == kPosition.time_ns);
  CHECK(table.position_frames() == kPosition.position_frames);
  CHECK(table.sample_rate_hz() == kPosition.sample_rate_hz);
  CHECK(table.playing());
  CHECK(table.position_beats() == kPosition.position_beats);
  CHECK(table.tempo_bpm() == kPosition.tempo_bpm);
  CHECK(table.loop_enabled());
  CHECK(table.loop_start_frames() == kPosition.loop_start_frames);
  CHECK(table.loop_end_frames() == kPosition.loop_end_frames);
}

TEST_CASE("flatc's code reads engine statistics of ours, and ours reads what it writes of them") {
  const Buffer frame = frames::make_engine_stats(kStats);
  const auto& table = verified<fb::EngineStats>(frame, fb::EngineStatsIdentifier());
  flatbuffers::FlatBufferBuilder builder;
  fb::FinishEngineStatsBuffer(
      builder, fb::CreateEngineStats(builder, table.epoch(), table.sequence(), table.engine_frames(), table.time_ns(),
                                     table.length_frames(), table.sample_rate_hz(), table.block_frames(), table.nodes(),
                                     table.load_mean_ratio(), table.load_peak_ratio(), table.blocks(), table.late_blocks(), table.xruns(),
                                     table.streams_open(), table.stream_frames_received(), table.stream_frames_malformed(),
                                     table.stream_samples_received(), table.stream_samples_applied(), table.stream_samples_refused(),
                                     table.stream_samples_lost(), table.telemetry_frames_sent(), table.telemetry_frames_dropped()));
  CHECK(frames::read_engine_stats(bytes_of(builder)).value() == kStats);
}

TEST_CASE("our readers read what FlatBufferBuilder writes") {
  flatbuffers::FlatBufferBuilder builder;
  const auto samples = builder.CreateVectorOfStructs(reinterpret_cast<const fb::ParameterSample*>(kSamples.data()), kSamples.size());
  fb::FinishParameterStreamBuffer(builder, fb::CreateParameterStream(builder, kStream.stream_id, kStream.epoch, kStream.sequence, samples));
  const Buffer stream = bytes_of(builder);
  CHECK(stream != frames::make_parameter_stream(kStream, kSamples));  // it lies in another order
  CHECK(frames::read_parameter_stream(stream).value().header == kStream);
  CHECK(std::ranges::equal(frames::read_parameter_stream(stream).value().samples, kSamples));

  builder.Clear();
  const auto readings = builder.CreateVectorOfStructs(reinterpret_cast<const fb::MeterReading*>(kReadings.data()), kReadings.size());
  fb::FinishMetersBuffer(builder, fb::CreateMeters(builder, kMeters.epoch, kMeters.sequence, kMeters.engine_frames, kMeters.time_ns,
                                                   kMeters.length_frames, readings));
  const Buffer meters = bytes_of(builder);
  CHECK(frames::read_meters(meters).value().header == kMeters);
  CHECK(std::ranges::equal(frames::read_meters(meters).value().readings, kReadings));

  builder.Clear();
  const auto magnitudes = builder.CreateVector(kMagnitudes.data(), kMagnitudes.size());
  fb::FinishSpectrumBuffer(builder, fb::CreateSpectrum(builder, kSpectrum.epoch, kSpectrum.sequence, kSpectrum.engine_frames,
                                                       kSpectrum.time_ns, kSpectrum.handle, kSpectrum.channel, fb::SpectrumWindow::flat_top,
                                                       kSpectrum.sample_rate_hz, kSpectrum.window_frames, magnitudes));
  const Buffer spectrum = bytes_of(builder);
  CHECK(frames::read_spectrum(spectrum).value().header == kSpectrum);
  CHECK(std::ranges::equal(frames::read_spectrum(spectrum).value().magnitudes_db, kMagnitudes));

  builder.Clear();
  fb::FinishTransportPositionBuffer(
      builder,
      fb::CreateTransportPosition(builder, kPosition.epoch, kPosition.sequence, kPosition.engine_frames, kPosition.time_ns,
                                  kPosition.position_frames, kPosition.sample_rate_hz, kPosition.playing, kPosition.position_beats,
                                  kPosition.tempo_bpm, kPosition.loop_enabled, kPosition.loop_start_frames, kPosition.loop_end_frames));
  CHECK(frames::read_transport_position(bytes_of(builder)).value() == kPosition);
}

TEST_CASE("fields that were left out have their defaults") {
  flatbuffers::FlatBufferBuilder builder;
  fb::FinishTransportPositionBuffer(builder, fb::CreateTransportPosition(builder));
  CHECK(frames::read_transport_position(bytes_of(builder)).value() == frames::TransportPosition{});
  builder.Clear();
  const auto none = builder.CreateVector(std::vector<float>{});
  fb::SpectrumBuilder spectrum(builder);
  spectrum.add_handle(3);
  spectrum.add_magnitudes_db(none);
  fb::FinishSpectrumBuffer(builder, spectrum.Finish());
  const Buffer frame = bytes_of(builder);
  const auto view = frames::read_spectrum(frame).value();
  CHECK(view.header == frames::SpectrumHeader{.handle = 3});
  CHECK(view.header.channel == -1);
  CHECK(view.header.window == frames::SpectrumWindow::hann);
}

TEST_CASE("fields may come in any order, and newer ones are passed over") {
  flatbuffers::FlatBufferBuilder builder;
  builder.ForceDefaults(true);
  const flatbuffers::uoffset_t start = builder.StartTable();
  builder.AddElement<std::uint8_t>(fb::TransportPosition::VT_PLAYING, 1);
  builder.AddElement<double>(fb::TransportPosition::VT_TEMPO_BPM, 240, 0);
  builder.AddElement<std::uint64_t>(fb::TransportPosition::VT_EPOCH, 17, 0);
  builder.AddElement<std::uint16_t>(static_cast<flatbuffers::voffset_t>(fb::TransportPosition::VT_LOOP_END_FRAMES + 2), 0xFFFF, 0);
  builder.AddElement<double>(static_cast<flatbuffers::voffset_t>(fb::TransportPosition::VT_LOOP_END_FRAMES + 4), -1e300, 0);
  builder.AddElement<std::uint32_t>(fb::TransportPosition::VT_SAMPLE_RATE_HZ, 8'000, 0);
  builder.Finish(flatbuffers::Offset<fb::TransportPosition>(builder.EndTable(start)), fb::TransportPositionIdentifier());
  CHECK(frames::read_transport_position(bytes_of(builder)).value() ==
        frames::TransportPosition{.epoch = 17, .sample_rate_hz = 8'000, .playing = true, .tempo_bpm = 240});
}
