// TransportControl: what Pulse sets comes into force at a block boundary, and both threads see the same.

#include "loophole/signal/transport_control.hpp"

#include <doctest/doctest.h>

namespace loophole::signal {
namespace {

constexpr std::uint32_t kBlock = 256;

struct Desk {
  TransportControl control{48'000};
  void set(const engine::TransportSet& change) { REQUIRE(control.set(change)); }
  // A block of the audio thread; how many of its frames are audible.
  std::uint32_t block() {
    control.take();
    std::uint32_t audible = 0;
    for (std::uint32_t at = 0; at < kBlock;) {
      const rt::Transport::Part part = control.advance(kBlock - at);
      if (part.audible) audible += part.frames;
      at += part.frames;
    }
    return audible;
  }
};

engine::TransportSet playing(bool wanted) {
  return {.playing = wanted, .position_frames = {}, .loop = {}, .tempo_bpm = {}};
}
engine::TransportSet at(std::int64_t position, std::optional<bool> plays = {}) {
  return {.playing = plays, .position_frames = position, .loop = {}, .tempo_bpm = {}};
}

TEST_CASE("it stands until a block takes the start, and what is left out of a change stays") {
  Desk desk;
  desk.set({.playing = {}, .position_frames = 48'000, .loop = {}, .tempo_bpm = 90});
  CHECK(desk.block() == 0);
  CHECK(desk.control.state() ==
        engine::TransportState{.playing = false, .position_frames = 48'000, .position_beats = 1.5, .tempo_bpm = 90, .loop = {}});
  desk.set(playing(true));
  CHECK(desk.control.state().position_frames == 48'000);
  CHECK(desk.block() == kBlock);
  CHECK(desk.control.state().position_frames == 48'000 + kBlock);
  CHECK(desk.control.state().tempo_bpm == 90);
  desk.set(playing(false));
  CHECK(desk.block() == kBlock);  // fades out
  CHECK(desk.block() == 0);
  CHECK(desk.control.state().position_frames == 48'000 + kBlock);
}

TEST_CASE("a loop goes round to the frame, and whoever is behind it goes on") {
  Desk desk;
  const transport::Loop loop{.enabled = true, .start_frames = 1'000, .end_frames = 1'300};
  desk.set({.playing = true, .position_frames = 1'200, .loop = loop, .tempo_bpm = {}});
  desk.block();
  CHECK(desk.control.state().position_frames == 1'000 + 156);
  CHECK(desk.control.state().loop == loop);
  desk.set(at(1'300, true));
  desk.block();  // fades out of where it was
  desk.block();
  CHECK(desk.control.state().position_frames > 1'300);
}

TEST_CASE("a reading has what telemetry tells") {
  Desk desk;
  const transport::Loop loop{.enabled = true, .start_frames = 1, .end_frames = 99'999};
  desk.set({.playing = true, .position_frames = 4'800, .loop = loop, .tempo_bpm = 77});
  desk.control.take();
  const rt::TransportReading reading = desk.control.reading(12, 34);
  CHECK(reading.engine_frames == 12);
  CHECK(reading.time_ns == 34);
  CHECK(reading.position_frames == 4'800);
  CHECK(reading.sample_rate_hz == 48'000);
  CHECK(reading.playing == 1);
  CHECK(reading.tempo_bpm == 77);
  CHECK(reading.loop_enabled == 1);
  CHECK(reading.loop_start_frames == 1);
  CHECK(reading.loop_end_frames == 99'999);
}

TEST_CASE("where the audio thread takes nothing, a change is refused at last and leaves no trace") {
  TransportControl control(48'000);
  Result<void> result;
  for (int i = 0; i < 1'000 && result; ++i) result = control.set(playing(i % 2 == 0));
  REQUIRE_FALSE(result);
  CHECK(is(result.error(), errors::kEngineUnavailable));
  const engine::TransportState before = control.state();
  CHECK_FALSE(control.set({.playing = {}, .position_frames = {}, .loop = {}, .tempo_bpm = 33}));
  CHECK(control.state() == before);
  control.take();
  CHECK(control.set(playing(true)));
}

}  // namespace
}  // namespace loophole::signal
