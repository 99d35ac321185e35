// Transport: starts, stops and jumps without clicks, with positions as users expect them.

#include <doctest/doctest.h>

#include "stage.hpp"
#include "wav.hpp"

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

TEST_CASE("tempo says where the beats are") {
  Playing stage;
  static_cast<void>(stage.engine.set_transport({.playing = {}, .position_frames = 48'000, .loop = {}, .tempo_bpm = 90}));
  stage.render(256);
  CHECK(stage.engine.transport().tempo_bpm == 90);
  CHECK(stage.engine.transport().position_beats == 1.5);
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

// A clip that counts its frames: what is heard says which frame of the timeline it is.
struct Counting : Stage {
  static constexpr std::int64_t kFrames = 20'000;
  static float sample(std::int64_t frame) { return static_cast<float>(frame + 1) / 32'768.0F; }

  Counting() {
    REQUIRE(configure());
    Wav wav{.rate = 48'000, .channels = 1, .samples = {}};
    for (std::int64_t i = 0; i < kFrames; ++i) wav.samples.push_back(sample(i));
    const std::string path = (folder.path() / "counting.wav").string();
    write_wav(path, wav);
    REQUIRE(
        replace(chain_of({player_of("player", {{.path = path, .start_frames = 0, .length_frames = kFrames, .gain_db = 0}}), output_of()})));
  }
  void loop(std::int64_t start, std::int64_t end, std::optional<std::int64_t> position = {}) {
    const transport::Loop between{.enabled = true, .start_frames = start, .end_frames = end};
    static_cast<void>(engine.set_transport({.playing = true, .position_frames = position, .loop = between, .tempo_bpm = {}}));
  }
  TempFolder folder;
};

TEST_CASE("a loop jumps from its last frame to its first, without a gap and to the frame") {
  struct Case {
    std::int64_t start;
    std::int64_t end;
    std::size_t block;
  };
  for (const Case& one : {Case{1'000, 1'777, 256}, Case{0, 100, 256}, Case{5, 6, 64}, Case{300, 3'000, 1'000}}) {
    const std::int64_t start = one.start;
    const std::int64_t end = one.end;
    Counting stage;
    stage.loop(start, end, start);
    const auto heard = stage.render(5'000, one.block);
    for (std::size_t i = 256; i < heard.size(); ++i)  // after the fade of the start
      REQUIRE(heard[i] == Counting::sample(start + static_cast<std::int64_t>(i) % (end - start)));
    CHECK(stage.engine.transport().position_frames == start + static_cast<std::int64_t>(heard.size()) % (end - start));
  }
}

TEST_CASE("the transport comes into a loop from before it, and behind its end goes on") {
  Counting stage;
  stage.loop(1'000, 2'000, 0);
  auto heard = stage.render(4'096);
  for (std::size_t i = 256; i < 4'096; ++i)
    REQUIRE(heard[i] == Counting::sample(i < 2'000 ? static_cast<std::int64_t>(i) : 1'000 + static_cast<std::int64_t>(i) % 1'000));
  stage.loop(1'000, 2'000, 2'000);  // the first frame that is not in it
  stage.render(256);
  heard = stage.render(4'096);
  CHECK(heard[300] == Counting::sample(2'300));
  CHECK(stage.engine.transport().position_frames == 6'096);
}

TEST_CASE("a loop is heard of with the transport, and a loop that is off does not jump") {
  Counting stage;
  stage.port.transport.set_wanted(true);
  stage.loop(1'000, 2'000, 1'500);
  static_cast<void>(stage.engine.set_transport({.playing = {}, .position_frames = {}, .loop = {}, .tempo_bpm = 93}));
  stage.render(512);
  signal::rt::TransportReading reading;
  REQUIRE(stage.port.transport.take(reading));
  CHECK(reading.loop_enabled == 1);
  CHECK(reading.loop_start_frames == 1'000);
  CHECK(reading.loop_end_frames == 2'000);
  CHECK(reading.tempo_bpm == 93);
  CHECK(stage.engine.transport().loop == transport::Loop{.enabled = true, .start_frames = 1'000, .end_frames = 2'000});
  const transport::Loop off{.enabled = false, .start_frames = 1'000, .end_frames = 2'000};
  static_cast<void>(stage.engine.set_transport({.playing = {}, .position_frames = {}, .loop = off, .tempo_bpm = {}}));
  stage.render(512);
  CHECK(stage.engine.transport().position_frames == 1'524);
}

TEST_CASE("a stop within a loop fades on around it") {
  Counting stage;
  stage.loop(0, 300, 0);
  stage.render(512);
  const auto at = stage.engine.transport().position_frames;
  stage.stop();
  const auto heard = stage.render(512);
  CHECK(stage.engine.transport() == engine::TransportState{.playing = false,
                                                           .position_frames = at,
                                                           .position_beats = static_cast<double>(at) / 24'000,
                                                           .tempo_bpm = 120,
                                                           .loop = {.enabled = true, .start_frames = 0, .end_frames = 300}});
  for (const float sample : heard) CHECK(std::fabs(sample) <= Counting::sample(300));  // nothing from behind the loop
  CHECK(heard.back() == 0);
}

}  // namespace
}  // namespace loophole::test
