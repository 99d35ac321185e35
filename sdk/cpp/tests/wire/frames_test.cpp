// Frames: what is written is read back; what is faulty is refused before it is read.
#include "loophole/wire/frames.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <random>

#include "loophole/messages/topology.hpp"

namespace lp = loophole;
using lp::Buffer;
using lp::Bytes;
using lp::wire::FrameKind;

namespace {

Buffer copy(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

Buffer stream_frame() {
  const lp::wire::ParameterSample samples[] = {{440.5, 111, 7, 0}, {-1.25, 222, 9, 0}};
  return copy(lp::wire::FrameWriter().parameter_stream({.stream_id = 0xF1F2F3F4F5F6F7F8, .epoch = 17, .sequence = 3}, samples));
}
Buffer meters_frame() {
  const lp::wire::MeterReading readings[] = {{1, 0, 0, 0.5F, 0.25F}, {1, 1, 0, 1.0F, 0.75F}, {2, 0, 0, 0.0F, 0.0F}};
  return copy(
      lp::wire::FrameWriter().meters({.epoch = 17, .sequence = 4, .engine_frames = 96000, .time_ns = 5, .length_frames = 800}, readings));
}
Buffer transport_frame() {
  return copy(lp::wire::FrameWriter().transport(
      {.epoch = 17, .sequence = 5, .engine_frames = 9, .time_ns = 8, .position_frames = 48000, .sample_rate_hz = 44100, .playing = true}));
}

// Reads with every reader and every value in it, so that a sanitizer sees what is touched.
std::size_t read_all(const Buffer& frame) {
  std::size_t good = 0;
  volatile double sum = 0;
  if (const auto view = lp::wire::read_parameter_stream(frame)) {
    ++good;
    for (const auto& sample : view->samples) sum = sum + sample.value() + static_cast<double>(sample.handle());
  }
  if (const auto view = lp::wire::read_meters(frame)) {
    ++good;
    for (const auto& reading : view->readings) sum = sum + static_cast<double>(reading.peak() + reading.rms());
  }
  if (const auto position = lp::wire::read_transport(frame)) ++good;
  return good;
}

}  // namespace

TEST_CASE("a parameter stream frame comes back") {
  const Buffer frame = stream_frame();
  const auto view = lp::wire::read_parameter_stream(frame);
  REQUIRE(view);
  CHECK(view->header.stream_id == 0xF1F2F3F4F5F6F7F8);
  CHECK(view->header.epoch == 17);
  CHECK(view->header.sequence == 3);
  REQUIRE(view->samples.size() == 2);
  CHECK(view->samples[0].value() == 440.5);
  CHECK(view->samples[1].value() == -1.25);
  CHECK(view->samples[1].time_ns() == 222);
  CHECK(view->samples[1].handle() == 9);
}

TEST_CASE("a meters frame comes back") {
  const Buffer frame = meters_frame();
  const auto view = lp::wire::read_meters(frame);
  REQUIRE(view);
  CHECK(view->header.sequence == 4);
  CHECK(view->header.engine_frames == 96000);
  CHECK(view->header.time_ns == 5);
  CHECK(view->header.length_frames == 800);
  REQUIRE(view->readings.size() == 3);
  CHECK(view->readings[1].handle() == 1);
  CHECK(view->readings[1].channel() == 1);
  CHECK(view->readings[1].peak() == 1.0F);
  CHECK(view->readings[1].rms() == 0.75F);
}

TEST_CASE("a transport frame comes back") {
  const Buffer frame = transport_frame();
  const auto position = lp::wire::read_transport(frame);
  REQUIRE(position);
  CHECK(position->epoch == 17);
  CHECK(position->position_frames == 48000);
  CHECK(position->sample_rate_hz == 44100);
  CHECK(position->playing);
}

TEST_CASE("a frame without samples is a frame; one without a vector is none") {
  const Buffer empty = copy(lp::wire::FrameWriter().parameter_stream({}, {}));
  const auto view = lp::wire::read_parameter_stream(empty);
  REQUIRE(view);
  CHECK(view->samples.empty());

  flatbuffers::FlatBufferBuilder builder;
  const auto start = builder.StartTable();
  builder.Finish(flatbuffers::Offset<lp::fb::ParameterStream>(builder.EndTable(start)), lp::fb::ParameterStreamIdentifier());
  const Buffer none = copy({reinterpret_cast<const std::byte*>(builder.GetBufferPointer()), builder.GetSize()});
  CHECK(lp::wire::classify(none) == FrameKind::parameter_stream);
  CHECK(lp::is(lp::wire::read_parameter_stream(none).error(), lp::errors::kFrameMalformed));
}

TEST_CASE("a writer may be used again") {
  lp::wire::FrameWriter writer;
  const lp::wire::ParameterSample sample(1.0, 2, 3, 0);
  for (std::uint64_t i = 0; i < 100; ++i) {
    const Buffer frame = copy(writer.parameter_stream({.stream_id = 1, .epoch = 2, .sequence = i}, {&sample, 1}));
    CHECK(lp::wire::read_parameter_stream(frame)->header.sequence == i);
  }
}

TEST_CASE("classify tells frames by identifier and control messages by their brace") {
  using namespace std::string_view_literals;
  CHECK(lp::wire::classify(stream_frame()) == FrameKind::parameter_stream);
  CHECK(lp::wire::classify(meters_frame()) == FrameKind::meters);
  CHECK(lp::wire::classify(transport_frame()) == FrameKind::transport_position);
  CHECK(lp::wire::classify(lp::bytes_of("{}")) == FrameKind::control);
  CHECK(lp::wire::classify(lp::bytes_of(" \n\t{\"v\":1}")) == FrameKind::control);
  for (const auto text : {""sv, " "sv, "["sv, "xxxxXXXX"sv, "LPPS"sv, "\0\0\0\0LPP"sv, "        {"sv})
    CHECK(lp::wire::classify(lp::bytes_of(text)) == FrameKind::unknown);
}

TEST_CASE("a frame of another kind is refused by its identifier") {
  CHECK(lp::wire::read_meters(stream_frame()).error().rule == "identifier");
  CHECK(lp::wire::read_parameter_stream(transport_frame()).error().rule == "identifier");
  CHECK(lp::wire::read_transport(Buffer{}).error().rule == "identifier");
  CHECK(lp::is(lp::wire::read_transport(Buffer{}).error(), lp::errors::kFrameMalformed));
}

TEST_CASE("a frame larger than any may be is refused") {
  Buffer frame = stream_frame();
  frame.resize(lp::topology::kMaxFrameBytes + 1);
  CHECK(lp::wire::read_parameter_stream(frame).error().rule == "size");
}

TEST_CASE("a frame at an odd address is refused instead of read") {
  const Buffer frame = stream_frame();
  Buffer shifted(frame.size() + 8);
  for (std::size_t shift = 1; shift < 8; ++shift) {
    std::memcpy(shifted.data() + shift, frame.data(), frame.size());
    const auto view = lp::wire::read_parameter_stream(Bytes(shifted).subspan(shift, frame.size()));
    REQUIRE(!view);
    CHECK(view.error().rule == "alignment");
  }
}

TEST_CASE("samples at an odd offset are refused") {
  // A vector whose structs begin at 4 modulo 8, which the verifier of FlatBuffers lets pass: six numbers, then said to be one struct.
  flatbuffers::FlatBufferBuilder builder;
  builder.PushElement<std::uint32_t>(0);
  const std::uint32_t words[6] = {};
  const flatbuffers::Offset<flatbuffers::Vector<const lp::wire::ParameterSample*>> vector(builder.CreateVector(words, 6).o);
  lp::fb::FinishParameterStreamBuffer(builder, lp::fb::CreateParameterStream(builder, 1, 2, 3, vector));
  Buffer frame = copy({reinterpret_cast<const std::byte*>(builder.GetBufferPointer()), builder.GetSize()});
  const auto* samples = flatbuffers::GetRoot<lp::fb::ParameterStream>(frame.data())->samples();
  const std::uint32_t one = 1;
  std::memcpy(frame.data() + (reinterpret_cast<const std::byte*>(samples) - frame.data()), &one, sizeof one);
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(frame.data()), frame.size());
  REQUIRE(lp::fb::VerifyParameterStreamBuffer(verifier));

  const auto view = lp::wire::read_parameter_stream(frame);
  REQUIRE(!view);
  CHECK(view.error().rule == "alignment");
}

TEST_CASE("a frame cut off at any byte is refused") {
  for (const Buffer& frame : {stream_frame(), meters_frame(), transport_frame()}) {
    REQUIRE(read_all(frame) == 1);
    // Padding at the end may be missing; nothing that is read may.
    for (std::size_t length = 0; length < frame.size(); ++length) {
      const Buffer cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(length));
      if (length + 8 <= frame.size()) {
        CHECK(read_all(cut) == 0);
      } else {
        read_all(cut);
      }
    }
  }
}

TEST_CASE("random changes are refused or read without harm") {
  std::mt19937 random(20260131);
  const Buffer frames[] = {stream_frame(), meters_frame(), transport_frame()};
  for (int round = 0; round < 60'000; ++round) {
    Buffer frame = frames[random() % 3];
    for (unsigned edits = 1 + random() % 4; edits > 0; --edits) {
      const std::size_t at = random() % frame.size();
      frame[at] = static_cast<std::byte>(random() % 3 == 0 ? random() % 256 : random() % 16);
    }
    if (random() % 4 == 0) frame.resize(random() % (frame.size() + 1));
    CHECK(read_all(frame) <= 1);
  }
}
