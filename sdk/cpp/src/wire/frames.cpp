#include "loophole/wire/frames.hpp"

#include <cstring>
#include <string>

#include "loophole/messages/topology.hpp"

namespace loophole::wire {
namespace {

// Frames are one table deep; what asks for more is no frame of ours.
constexpr flatbuffers::Verifier::Options kLimits{.max_depth = 4, .max_tables = 4};

// Identifier of a FlatBuffers frame: bytes 4 to 7.
std::string_view identifier_of(Bytes bytes) noexcept {
  return bytes.size() < 8 ? std::string_view{}
                          : text_of(bytes).substr(flatbuffers::kFileIdentifierLength, flatbuffers::kFileIdentifierLength);
}

Error malformed(std::string_view rule, std::string expected, std::string found) {
  Error error = make_error(errors::kFrameMalformed, "a frame must be " + expected + ", found " + found);
  error.rule = rule;
  error.expected = std::move(expected);
  error.found = std::move(found);
  return error;
}

bool is_aligned(const void* address, std::size_t alignment) noexcept {
  return reinterpret_cast<std::uintptr_t>(address) % alignment == 0;
}

// The root table when the bytes are a verified frame.
template <class Table>
Result<const Table*> root_of(Bytes bytes, const char* identifier, std::string_view name) {
  if (bytes.size() > topology::kMaxFrameBytes)
    return malformed("size", "at most " + std::to_string(topology::kMaxFrameBytes) + " bytes", std::to_string(bytes.size()) + " bytes");
  if (identifier_of(bytes) != identifier)
    return malformed("identifier", "a " + std::string(name) + " frame with the identifier " + identifier,
                     std::to_string(bytes.size()) + " other bytes");
  if (!is_aligned(bytes.data(), 8)) return malformed("alignment", "in memory at a multiple of 8", "another address");
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), kLimits);
  if (!verifier.VerifyBuffer<Table>(identifier))
    return malformed("structure", "a verified FlatBuffers frame", "a faulty " + std::string(name) + " frame");
  return flatbuffers::GetRoot<Table>(bytes.data());
}

// The structs of a vector. The verifier of FlatBuffers 2 looks at their number and not at their alignment.
template <class Struct>
Result<std::span<const Struct>> structs_of(const flatbuffers::Vector<const Struct*>* vector) {
  if (!is_aligned(vector->Data(), alignof(Struct)))
    return malformed("alignment", "of structs at a multiple of their alignment", "another offset");
  return std::span<const Struct>(reinterpret_cast<const Struct*>(vector->Data()), vector->size());
}

}  // namespace

FrameKind classify(Bytes bytes) noexcept {
  const std::string_view identifier = identifier_of(bytes);
  if (identifier == fb::ParameterStreamIdentifier()) return FrameKind::parameter_stream;
  if (identifier == fb::MetersIdentifier()) return FrameKind::meters;
  if (identifier == fb::TransportPositionIdentifier()) return FrameKind::transport_position;
  const std::string_view text = text_of(bytes.first(bytes.size() < 8 ? bytes.size() : 8));
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin != std::string_view::npos && text[begin] == '{' ? FrameKind::control : FrameKind::unknown;
}

Bytes FrameWriter::finished() {
  return {reinterpret_cast<const std::byte*>(builder_.GetBufferPointer()), builder_.GetSize()};
}

Bytes FrameWriter::parameter_stream(const ParameterStreamHeader& header, std::span<const ParameterSample> samples) {
  builder_.Clear();
  const auto vector = builder_.CreateVectorOfStructs(samples.data(), samples.size());
  fb::FinishParameterStreamBuffer(builder_, fb::CreateParameterStream(builder_, header.stream_id, header.epoch, header.sequence, vector));
  return finished();
}

Bytes FrameWriter::meters(const MetersHeader& header, std::span<const MeterReading> readings) {
  builder_.Clear();
  const auto vector = builder_.CreateVectorOfStructs(readings.data(), readings.size());
  fb::FinishMetersBuffer(builder_, fb::CreateMeters(builder_, header.epoch, header.sequence, header.engine_frames, header.time_ns,
                                                    header.length_frames, vector));
  return finished();
}

Bytes FrameWriter::transport(const TransportPosition& position) {
  builder_.Clear();
  fb::FinishTransportPositionBuffer(
      builder_, fb::CreateTransportPosition(builder_, position.epoch, position.sequence, position.engine_frames, position.time_ns,
                                            position.position_frames, position.sample_rate_hz, position.playing));
  return finished();
}

Result<ParameterStreamView> read_parameter_stream(Bytes bytes) {
  const auto root = root_of<fb::ParameterStream>(bytes, fb::ParameterStreamIdentifier(), "parameter stream");
  if (!root) return root.error();
  const fb::ParameterStream& frame = **root;
  const auto samples = structs_of(frame.samples());
  if (!samples) return samples.error();
  return ParameterStreamView{{frame.stream_id(), frame.epoch(), frame.sequence()}, *samples};
}

Result<MetersView> read_meters(Bytes bytes) {
  const auto root = root_of<fb::Meters>(bytes, fb::MetersIdentifier(), "meters");
  if (!root) return root.error();
  const fb::Meters& frame = **root;
  const auto readings = structs_of(frame.readings());
  if (!readings) return readings.error();
  return MetersView{{frame.epoch(), frame.sequence(), frame.engine_frames(), frame.time_ns(), frame.length_frames()}, *readings};
}

Result<TransportPosition> read_transport(Bytes bytes) {
  const auto root = root_of<fb::TransportPosition>(bytes, fb::TransportPositionIdentifier(), "transport position");
  if (!root) return root.error();
  const fb::TransportPosition& frame = **root;
  return TransportPosition{.epoch = frame.epoch(),
                           .sequence = frame.sequence(),
                           .engine_frames = frame.engine_frames(),
                           .time_ns = frame.time_ns(),
                           .position_frames = frame.position_frames(),
                           .sample_rate_hz = frame.sample_rate_hz(),
                           .playing = frame.playing()};
}

}  // namespace loophole::wire
