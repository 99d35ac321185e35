// Transport: starts, stops and jumps without clicks, with positions as users expect them.

#include <doctest/doctest.h>

#include "stage.hpp"

namespace loophole::test {
namespace {

struct Playing : Stage {
  Playing() {
    REQUIRE(configure());
    // Half the rate of the wave is its own slope; anything steeper is a click.
    REQUIRE(replace(chain_of({tone_of("tone", 1, 200, 0), output_of()})));
  }
  static constexpr double kSlope = 2 * std::numbers::pi * 200 / 48'000 + 1.0 / 256 + 0.005;
};

TEST_CASE("position goes on only while it plays") {
  Playing stage;
  stage.render(4'800);
  CHECK(stage.engine.transport() == state_at(0, false));
  stage.play(10'000);
  stage.render(2'560);
  CHECK(stage.engine.transport() == state_at(12'560, true));
  stage.stop();
  stage.render(2'560);
  CHECK(stage.engine.transport() == state_at(12'560, false));
  stage.play();
  stage.render(256);
  CHECK(stage.engine.transport().position_frames == 12'816);
}

TEST_CASE("tempo says where the beats are; a loop is refused, and nothing is changed") {
  Playing stage;
  static_cast<void>(stage.engine.set_transport({.playing = {}, .position_frames = 48'000, .loop = {}, .tempo_bpm = 90}));
  stage.render(256);
  CHECK(stage.engine.transport().tempo_bpm == 90);
  CHECK(stage.engine.transport().position_beats == 1.5);
  const transport::Loop loop{.enabled = true, .start_frames = 0, .end_frames = 48'000};
  const auto refused = stage.engine.set_transport({.playing = true, .position_frames = 0, .loop = loop, .tempo_bpm = 60});
  REQUIRE_FALSE(refused.has_value());
  CHECK(is(refused.error(), errors::kEngineUnsupported));
  stage.render(256);
  CHECK(stage.engine.transport().tempo_bpm == 90);
  CHECK(stage.engine.transport().position_frames == 48'000);
}

TEST_CASE("start, stop and seek do not click") {
  Playing stage;
  std::vector<float> heard;
  const auto listen = [&](std::size_t frames) {
    const auto more = stage.render(frames);
    heard.insert(heard.end(), more.begin(), more.end());
  };
  listen(1'024);
  stage.play();
  listen(5'000);
  stage.play(100'000);
  listen(5'000);
  stage.stop();
  listen(5'000);
  CHECK(steepest(heard) < Playing::kSlope);
  CHECK(heard.back() == 0);
}

TEST_CASE("a seek while playing goes on from there after the fade") {
  Playing stage;
  stage.play(0);
  stage.render(4'800);
  stage.play(96'000);
  stage.render(256);
  CHECK(stage.engine.transport().position_frames == 96'000);  // the fade of what played before
  stage.render(256);
  CHECK(stage.engine.transport().position_frames == 96'256);
}

TEST_CASE("readings pair engine frames with positions") {
  Playing stage;
  stage.port.transport.set_wanted(true);
  stage.play(0);
  stage.render(48'000);
  signal::rt::TransportReading reading;
  int count = 0;
  while (stage.port.transport.take(reading)) {
    ++count;
    CHECK(reading.position_frames == reading.engine_frames);
    CHECK(reading.sample_rate_hz == 48'000);
    CHECK(reading.playing == 1);
  }
  CHECK(count >= 40);
}

}  // namespace
}  // namespace loophole::test
