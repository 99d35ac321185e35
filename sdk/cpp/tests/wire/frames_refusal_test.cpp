// Every check of the readers, with bytes that fail it: the rule and the field are named.
#include <doctest/doctest.h>

#include <cstring>
#include <limits>

#include "flatc/meters_generated.h"
#include "flatc/parameter_stream_generated.h"
#include "frame_samples.hpp"
#include "loophole/core/error.hpp"

using namespace loophole;
using namespace loophole::test;
using frames::FrameKind;

namespace {

constexpr std::uint64_t kTooMuch = 9'007'199'254'740'992;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// "rule pointer", or "none".
template <class T>
std::string refusal(const Result<T>& result) {
  if (result) return "none";
  CHECK(is(result.error(), errors::kFrameMalformed));
  CHECK(result.error().expected.has_value());
  CHECK(result.error().found.has_value());
  return *result.error().rule + (result.error().pointer ? " " + *result.error().pointer : "");
}

template <class Edit>
std::string stream(Edit edit) {
  auto header = kStream;
  edit(header);
  return refusal(frames::read_parameter_stream(frames::make_parameter_stream(header, kSamples)));
}
template <class Edit>
std::string meters(Edit edit) {
  auto header = kMeters;
  auto readings = kReadings;
  edit(header, readings);
  return refusal(frames::read_meters(frames::make_meters(header, readings)));
}
template <class Edit>
std::string spectrum(Edit edit) {
  auto header = kSpectrum;
  auto magnitudes = kMagnitudes;
  edit(header, magnitudes);
  return refusal(frames::read_spectrum(frames::make_spectrum(header, magnitudes)));
}
template <class Edit>
std::string position(Edit edit) {
  auto header = kPosition;
  edit(header);
  return refusal(frames::read_transport_position(frames::make_transport_position(header)));
}
template <class Edit>
std::string stats(Edit edit) {
  auto header = kStats;
  edit(header);
  return refusal(frames::read_engine_stats(frames::make_engine_stats(header)));
}

Buffer bytes_of(const flatbuffers::FlatBufferBuilder& builder) {
  const auto* begin = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return {begin, begin + builder.GetSize()};
}

}  // namespace

TEST_CASE("a frame of another kind, and none, is refused by its identifier") {
  for (const NamedFrame& frame : all_frames()) {
    for (const NamedFrame& other : all_frames())
      CHECK(refusal(read(other.kind, frame.bytes)) == (other.kind == frame.kind ? "none" : "identifier"));
    CHECK(refusal(read(frame.kind, Buffer{})) == "identifier");
    CHECK(refusal(read(frame.kind, Bytes(frame.bytes).first(7))) == "identifier");
    CHECK(refusal(read(frame.kind, Bytes(frame.bytes).first(8))) == "structure");
  }
}

TEST_CASE("a frame larger than any may be is refused") {
  for (NamedFrame& frame : all_frames()) {
    frame.bytes.resize(topology::kMaxFrameBytes);
    CHECK(refusal(read(frame.kind, frame.bytes)) == "none");
    frame.bytes.resize(topology::kMaxFrameBytes + 1);
    CHECK(refusal(read(frame.kind, frame.bytes)) == "size");
  }
}

TEST_CASE("a frame at an odd address is refused instead of read") {
  for (const NamedFrame& frame : all_frames()) {
    Buffer shifted(frame.bytes.size() + 8);
    for (std::size_t shift = 1; shift < 8; ++shift) {
      std::memcpy(shifted.data() + shift, frame.bytes.data(), frame.bytes.size());
      CHECK(refusal(read(frame.kind, Bytes(shifted).subspan(shift, frame.bytes.size()))) == "alignment");
    }
  }
}

TEST_CASE("samples at an odd offset are refused") {
  // A vector whose structs begin at 4 modulo 8, which the verifier of FlatBuffers lets pass: six numbers, then said to be one struct.
  flatbuffers::FlatBufferBuilder builder;
  builder.PushElement<std::uint32_t>(0);
  const std::uint32_t words[6] = {};
  const flatbuffers::Offset<flatbuffers::Vector<const fb::ParameterSample*>> vector(builder.CreateVector(words, 6).o);
  fb::FinishParameterStreamBuffer(builder, fb::CreateParameterStream(builder, 1, 2, 3, vector));
  Buffer frame = bytes_of(builder);
  const auto* samples = flatbuffers::GetRoot<fb::ParameterStream>(frame.data())->samples();
  const std::uint32_t one = 1;
  std::memcpy(frame.data() + (reinterpret_cast<const std::byte*>(samples) - frame.data()), &one, sizeof one);
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(frame.data()), frame.size());
  REQUIRE(fb::VerifyParameterStreamBuffer(verifier));
  CHECK(refusal(frames::read_parameter_stream(frame)) == "alignment /samples");
}

TEST_CASE("offsets that lead out of the bytes are refused") {
  for (const NamedFrame& frame : all_frames()) {
    const std::uint32_t beyond = static_cast<std::uint32_t>(frame.bytes.size());
    Buffer table = frame.bytes;
    std::memcpy(table.data(), &beyond, sizeof beyond);
    CHECK(refusal(read(frame.kind, table)) == "structure");
    Buffer vtable = frame.bytes;
    std::memset(vtable.data() + 8, 0xFE, 2);  // its size
    CHECK(refusal(read(frame.kind, vtable)) == "structure");
    Buffer field = frame.bytes;
    std::memset(field.data() + 12, 0xF8, 2);  // the place of the field with id 0
    CHECK(refusal(read(frame.kind, field)) == "structure");
    Buffer odd = frame.bytes;
    odd[12] |= std::byte{1};
    CHECK(refusal(read(frame.kind, odd)) == "structure");
  }
  // The way to the vector, and the number of its items.
  Buffer way = frames::make_meters(kMeters, kReadings);
  std::memset(way.data() + frames::kMetersFixedBytes - 8, 0xFF, 4);
  CHECK(refusal(frames::read_meters(way)) == "structure");
  Buffer number = frames::make_meters(kMeters, kReadings);
  number[frames::kMetersFixedBytes - 4] = std::byte{4};
  CHECK(refusal(frames::read_meters(number)) == "structure");
}

TEST_CASE("a frame without its vector is refused") {
  flatbuffers::FlatBufferBuilder builder;
  const auto start = builder.StartTable();
  builder.Finish(flatbuffers::Offset<fb::ParameterStream>(builder.EndTable(start)), fb::ParameterStreamIdentifier());
  CHECK(refusal(frames::read_parameter_stream(bytes_of(builder))) == "required /samples");
}

TEST_CASE("a frame with too many items is refused") {
  flatbuffers::FlatBufferBuilder builder;
  const std::vector<fb::MeterReading> readings(frames::kMetersMaxReadings + 1, fb::MeterReading(1, 0, 0, 0, 0));
  fb::FinishMetersBuffer(builder, fb::CreateMeters(builder, 1, 2, 3, 4, 5, builder.CreateVectorOfStructs(readings)));
  CHECK(refusal(frames::read_meters(bytes_of(builder))) == "maxItems /readings");
}

TEST_CASE("parameter streams: numbers out of range") {
  CHECK(stream([](auto&) {}) == "none");
  CHECK(stream([](auto& header) { header.epoch = kTooMuch; }) == "maximum /epoch");
  CHECK(stream([](auto& header) { header.sequence = kTooMuch; }) == "maximum /sequence");
}

TEST_CASE("meters: numbers out of range") {
  CHECK(meters([](auto&, auto&) {}) == "none");
  CHECK(meters([](auto& header, auto&) { header.epoch = kTooMuch; }) == "maximum /epoch");
  CHECK(meters([](auto& header, auto&) { header.sequence = kTooMuch; }) == "maximum /sequence");
  CHECK(meters([](auto& header, auto&) { header.engine_frames = kTooMuch; }) == "maximum /engine_frames");
  CHECK(meters([](auto&, auto& readings) { readings[0].handle = 0; }) == "minimum /readings/0/handle");
  CHECK(meters([](auto&, auto& readings) { readings[1].channel = 256; }) == "maximum /readings/1/channel");
  CHECK(meters([](auto&, auto& readings) { readings[2].peak = kNan; }) == "finite /readings/2/peak");
  CHECK(meters([](auto&, auto& readings) { readings[2].peak = kInfinity; }) == "finite /readings/2/peak");
  CHECK(meters([](auto&, auto& readings) { readings[2].peak = -0.5F; }) == "minimum /readings/2/peak");
  CHECK(meters([](auto&, auto& readings) { readings[2].rms = -kInfinity; }) == "finite /readings/2/rms");
  CHECK(meters([](auto&, auto& readings) { readings[2].rms = -0.5F; }) == "minimum /readings/2/rms");
}

TEST_CASE("spectra: numbers out of range") {
  CHECK(spectrum([](auto&, auto&) {}) == "none");
  CHECK(spectrum([](auto& header, auto&) { header.epoch = kTooMuch; }) == "maximum /epoch");
  CHECK(spectrum([](auto& header, auto&) { header.sequence = kTooMuch; }) == "maximum /sequence");
  CHECK(spectrum([](auto& header, auto&) { header.engine_frames = kTooMuch; }) == "maximum /engine_frames");
  CHECK(spectrum([](auto& header, auto&) { header.handle = 0; }) == "minimum /handle");
  CHECK(spectrum([](auto& header, auto&) { header.channel = -2; }) == "minimum /channel");
  CHECK(spectrum([](auto& header, auto&) { header.channel = 256; }) == "maximum /channel");
  CHECK(spectrum([](auto& header, auto&) { header.window = static_cast<frames::SpectrumWindow>(5); }) == "enum /window");
  CHECK(spectrum([](auto& header, auto&) { header.sample_rate_hz = 7'999; }) == "minimum /sample_rate_hz");
  CHECK(spectrum([](auto& header, auto&) { header.sample_rate_hz = 384'001; }) == "maximum /sample_rate_hz");
  CHECK(spectrum([](auto& header, auto&) { header.window_frames = 15; }) == "minimum /window_frames");
  CHECK(spectrum([](auto& header, auto&) { header.window_frames = 65'537; }) == "maximum /window_frames");
  CHECK(spectrum([](auto&, auto& bins) { bins[3] = -200.5F; }) == "minimum /magnitudes_db/3");
  CHECK(spectrum([](auto&, auto& bins) { bins[3] = 100.5F; }) == "maximum /magnitudes_db/3");
  CHECK(spectrum([](auto&, auto& bins) { bins[3] = kNan; }) == "minimum /magnitudes_db/3");
  CHECK(spectrum([](auto&, auto& bins) { bins[3] = kInfinity; }) == "maximum /magnitudes_db/3");
}

TEST_CASE("transport positions: numbers out of range") {
  CHECK(position([](auto&) {}) == "none");
  CHECK(position([](auto& at) { at.epoch = kTooMuch; }) == "maximum /epoch");
  CHECK(position([](auto& at) { at.sequence = kTooMuch; }) == "maximum /sequence");
  CHECK(position([](auto& at) { at.engine_frames = kTooMuch; }) == "maximum /engine_frames");
  CHECK(position([](auto& at) { at.position_frames = kTooMuch; }) == "maximum /position_frames");
  CHECK(position([](auto& at) { at.sample_rate_hz = 384'001; }) == "maximum /sample_rate_hz");
  CHECK(position([](auto& at) { at.position_beats = -0.25; }) == "minimum /position_beats");
  CHECK(position([](auto& at) { at.position_beats = 1e300; }) == "maximum /position_beats");
  CHECK(position([](auto& at) { at.position_beats = std::numeric_limits<double>::quiet_NaN(); }) == "minimum /position_beats");
  CHECK(position([](auto& at) { at.tempo_bpm = 19.5; }) == "minimum /tempo_bpm");
  CHECK(position([](auto& at) { at.tempo_bpm = 999.5; }) == "maximum /tempo_bpm");
  CHECK(position([](auto& at) { at.loop_start_frames = kTooMuch; }) == "maximum /loop_start_frames");
  CHECK(position([](auto& at) { at.loop_end_frames = kTooMuch; }) == "maximum /loop_end_frames");
}

TEST_CASE("engine statistics: numbers out of range") {
  CHECK(stats([](auto&) {}) == "none");
  CHECK(stats([](auto& s) { s.sample_rate_hz = 384'001; }) == "maximum /sample_rate_hz");
  CHECK(stats([](auto& s) { s.block_frames = 65'537; }) == "maximum /block_frames");
  CHECK(stats([](auto& s) { s.load_mean_ratio = kNan; }) == "finite /load_mean_ratio");
  CHECK(stats([](auto& s) { s.load_mean_ratio = -0.5F; }) == "minimum /load_mean_ratio");
  CHECK(stats([](auto& s) { s.load_peak_ratio = kInfinity; }) == "finite /load_peak_ratio");
  CHECK(stats([](auto& s) { s.load_peak_ratio = -0.5F; }) == "minimum /load_peak_ratio");
  const std::pair<std::uint64_t frames::EngineStats::*, const char*> counts[] = {
      {&frames::EngineStats::epoch, "epoch"},
      {&frames::EngineStats::sequence, "sequence"},
      {&frames::EngineStats::engine_frames, "engine_frames"},
      {&frames::EngineStats::blocks, "blocks"},
      {&frames::EngineStats::late_blocks, "late_blocks"},
      {&frames::EngineStats::xruns, "xruns"},
      {&frames::EngineStats::stream_frames_received, "stream_frames_received"},
      {&frames::EngineStats::stream_frames_malformed, "stream_frames_malformed"},
      {&frames::EngineStats::stream_samples_received, "stream_samples_received"},
      {&frames::EngineStats::stream_samples_applied, "stream_samples_applied"},
      {&frames::EngineStats::stream_samples_refused, "stream_samples_refused"},
      {&frames::EngineStats::stream_samples_lost, "stream_samples_lost"},
      {&frames::EngineStats::telemetry_frames_sent, "telemetry_frames_sent"},
      {&frames::EngineStats::telemetry_frames_dropped, "telemetry_frames_dropped"}};
  for (const auto& [member, name] : counts)
    CHECK(stats([member = member](auto& s) { s.*member = kTooMuch; }) == std::string("maximum /") + name);
}
