#pragma once
// Stream and telemetry frames: FlatBuffers of schemas/stream and schemas/telemetry behind plain structs. Readers verify size, identifier
// and structure before they read; views point into the caller's bytes and live as long as these.
//
// Bytes must begin at an address that is a multiple of 8, because the structs in a view are read where they lie; others are refused, not
// read. A Buffer always does, so receivers hand frames over in one. Values are not looked at: NaN and ranges are up to who uses them.

#include <cstdint>
#include <span>
#include <string_view>

#include "loophole/core/bytes.hpp"
#include "loophole/core/result.hpp"
#include "loophole/frames/meters_generated.h"
#include "loophole/frames/parameter_stream_generated.h"
#include "loophole/frames/transport_position_generated.h"

namespace loophole::wire {

using ParameterSample = fb::ParameterSample;  // 24 bytes: value, time_ns, handle
using MeterReading = fb::MeterReading;        // 16 bytes: handle, channel, peak, rms

enum class FrameKind : std::uint8_t { control, parameter_stream, meters, transport_position, unknown };

// [any-thread] What kind of bytes these are, by FlatBuffers identifier or by a leading '{'; reads at most 8 bytes, verifies nothing.
[[nodiscard]] FrameKind classify(Bytes bytes) noexcept;

// Topics of the telemetry plane; the first part of a telemetry message is the topic, the second the frame.
namespace topic {
inline constexpr std::string_view kMeters = "meters";
inline constexpr std::string_view kTransport = "transport";
}  // namespace topic

struct ParameterStreamHeader {
  std::uint64_t stream_id = 0;
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;  // number of the first sample in the frame, from 0
};
struct ParameterStreamView {
  ParameterStreamHeader header;
  std::span<const ParameterSample> samples;
};

struct MetersHeader {
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  std::uint64_t engine_frames = 0;
  std::uint64_t time_ns = 0;  // CLOCK_MONOTONIC
  std::uint32_t length_frames = 0;
};
struct MetersView {
  MetersHeader header;
  std::span<const MeterReading> readings;
};

struct TransportPosition {
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  std::uint64_t engine_frames = 0;
  std::uint64_t time_ns = 0;  // CLOCK_MONOTONIC
  std::uint64_t position_frames = 0;
  std::uint32_t sample_rate_hz = 0;
  bool playing = false;
};

// [owner-thread] Builds frames; keeps its memory between calls. The bytes are valid until the next call.
class FrameWriter {
 public:
  [[nodiscard]] Bytes parameter_stream(const ParameterStreamHeader& header, std::span<const ParameterSample> samples);
  [[nodiscard]] Bytes meters(const MetersHeader& header, std::span<const MeterReading> readings);
  [[nodiscard]] Bytes transport(const TransportPosition& position);

 private:
  Bytes finished();
  flatbuffers::FlatBufferBuilder builder_{1024};
};

// [any-thread] Verify and read. Error: frame.malformed with rule size, identifier, alignment or structure.
[[nodiscard]] Result<ParameterStreamView> read_parameter_stream(Bytes bytes);
[[nodiscard]] Result<MetersView> read_meters(Bytes bytes);
[[nodiscard]] Result<TransportPosition> read_transport(Bytes bytes);

}  // namespace loophole::wire
