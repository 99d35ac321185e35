// The transport as lines of a terminal.
#include "view/transport_lines.hpp"

#include <doctest/doctest.h>

#include "view/text.hpp"

using namespace loophole;
using namespace loophole::cli;

namespace {

aura::TransportView frame() {
  return {.epoch = 7,
          .position_frames = 72'000,
          .sample_rate_hz = 48'000,
          .playing = true,
          .position_beats = 3,
          .tempo_bpm = 120,
          .loop_enabled = true,
          .loop_start_frames = 48'000,
          .loop_end_frames = 96'000};
}

}  // namespace

TEST_CASE("position, beat, tempo and the place in the loop, at any width") {
  for (const int width : {40, 80, 132}) {
    for (const bool colour : {false, true}) {
      const TerminalTraits traits{.live = true, .colour = colour, .unicode = true, .width = width};
      const auto lines = transport_lines(frame(), 2, traits);
      REQUIRE(lines.size() == 3);
      CHECK(lines[0].find("00:01.500") != std::string::npos);
      CHECK(lines[0].find("beat 3.00   120 bpm") != std::string::npos);
      CHECK(columns(lines[1]) <= static_cast<std::size_t>(width));
      CHECK(lines[2].find("epoch 7   2 missing") != std::string::npos);
    }
  }
  // Half of the loop is played.
  const std::string bar = transport_lines(frame(), 0, {.width = 60})[1];
  CHECK(std::abs(static_cast<int>(bar.find('#')) - static_cast<int>(bar.size() / 2)) < 4);
}

TEST_CASE("without engine or loop there is less to say, and a plain line says it too") {
  CHECK(transport_lines({}, 0, {}).empty());
  CHECK(transport_summary({}).empty());
  CHECK(transport_summary(frame()) == "playing 00:01.500  beat 3.00  120 bpm  loop 00:01.000 to 00:02.000");
  auto stopped = frame();
  stopped.playing = stopped.loop_enabled = false;
  CHECK(transport_lines(stopped, 0, {})[1] == "  no loop");
  CHECK(transport_summary(stopped) == "stopped 00:01.500  beat 3.00  120 bpm");
}

TEST_CASE("a clock is never ahead") {
  CHECK(clock_text(0) == "00:00.000");
  CHECK(clock_text(59.9999) == "00:59.999");
  CHECK(clock_text(3725.25) == "62:05.250");
}
