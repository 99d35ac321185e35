// Frames: what is written is read back, and what kind of bytes something is.
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "frame_samples.hpp"

using namespace loophole;
using namespace loophole::test;
using frames::FrameKind;
using topology::Plane;

TEST_CASE("each frame comes back as it was written") {
  const Buffer stream = frames::make_parameter_stream(kStream, kSamples);
  const auto samples = frames::read_parameter_stream(stream).value();
  CHECK(samples.header == kStream);
  CHECK(std::ranges::equal(samples.samples, kSamples));

  const Buffer levels = frames::make_meters(kMeters, kReadings);
  const auto meters = frames::read_meters(levels).value();
  CHECK(meters.header == kMeters);
  CHECK(std::ranges::equal(meters.readings, kReadings));

  const Buffer bins = frames::make_spectrum(kSpectrum, kMagnitudes);
  const auto spectrum = frames::read_spectrum(bins).value();
  CHECK(spectrum.header == kSpectrum);
  CHECK(std::ranges::equal(spectrum.magnitudes_db, kMagnitudes));

  CHECK(frames::read_transport_position(frames::make_transport_position(kPosition)).value() == kPosition);
  CHECK(frames::read_engine_stats(frames::make_engine_stats(kStats)).value() == kStats);
}

TEST_CASE("views point into the bytes that were read") {
  const Buffer frame = frames::make_meters(kMeters, kReadings);
  const auto view = frames::read_meters(frame).value();
  CHECK(reinterpret_cast<const std::byte*>(view.readings.data()) == frame.data() + frames::kMetersFixedBytes);
}

TEST_CASE("a frame may have no items, and as many as its limit") {
  CHECK(frames::read_parameter_stream(frames::make_parameter_stream({}, {})).value().samples.empty());
  const std::vector<frames::ParameterSample> samples(frames::kParameterStreamMaxSamples, {.value = 1, .handle = 2});
  const Buffer stream = frames::make_parameter_stream({}, samples);
  CHECK(stream.size() <= topology::kMaxFrameBytes);
  CHECK(frames::read_parameter_stream(stream).value().samples.size() == samples.size());
  const std::vector<frames::MeterReading> readings(frames::kMetersMaxReadings, {.handle = 2});
  const Buffer meters = frames::make_meters({}, readings);
  CHECK(frames::read_meters(meters).value().readings.size() == readings.size());
}

TEST_CASE("what a sample says is nobody's business here: Signal refuses values one by one") {
  const frames::ParameterSample samples[] = {{.value = std::numeric_limits<double>::quiet_NaN()},
                                             {.value = std::numeric_limits<double>::infinity(), .reserved = 5}};
  const Buffer frame = frames::make_parameter_stream({}, samples);
  CHECK(frames::read_parameter_stream(frame).value().samples.size() == 2);
}

TEST_CASE("classify tells frames by identifier and control messages by their brace") {
  using namespace std::string_view_literals;
  for (const NamedFrame& frame : all_frames()) CHECK(frames::classify(frame.bytes) == frame.kind);
  CHECK(frames::classify(bytes_of("{}")) == FrameKind::control);
  CHECK(frames::classify(bytes_of(" \n\t{\"v\":1}")) == FrameKind::control);
  for (const auto text : {""sv, " "sv, "["sv, "xxxxXXXX"sv, "LPPS"sv, "\0\0\0\0LPP"sv, "        {"sv})
    CHECK(frames::classify(bytes_of(text)) == FrameKind::unknown);
}

TEST_CASE("each kind belongs to a plane") {
  CHECK(frames::plane_of(FrameKind::control) == Plane::control);
  CHECK(frames::plane_of(FrameKind::parameter_stream) == Plane::stream);
  for (const FrameKind kind : {FrameKind::meters, FrameKind::spectrum, FrameKind::transport_position, FrameKind::engine_stats})
    CHECK(frames::plane_of(kind) == Plane::telemetry);
  CHECK_FALSE(frames::plane_of(FrameKind::unknown).has_value());
}
