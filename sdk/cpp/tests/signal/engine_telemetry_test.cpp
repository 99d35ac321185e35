// EngineServer: telemetry that somebody wants is sent, numbered and stamped; what nobody wants is not even computed.

#include <doctest/doctest.h>

#include "engine_seat.hpp"

namespace loophole::test {
namespace {

struct Stage : EngineSeat {
  // One block with levels, as an audio thread makes it.
  void play() {
    if (port.meters.measuring()) {
      ++measured;
      levels.measure(0, std::vector<float>(1'024, 0.5F));
      levels.measure(1, std::vector<float>(1'024, 0.25F));
      if (too_loud) levels.measure(1, std::vector<float>(70'000, 1.5F));
    }
    port.transport.publish(1'024, {.engine_frames = rendered,
                                   .time_ns = 7,
                                   .position_frames = rendered,
                                   .sample_rate_hz = 48'000,
                                   .playing = 1,
                                   .tempo_bpm = 90,
                                   .loop_enabled = 1,
                                   .loop_start_frames = 4'800,
                                   .loop_end_frames = 9'600});
    rendered += 1'024;
    signal::rt::MeterLevels* const meters[] = {&levels};
    port.meters.publish(meters, {.frames = 1'024, .engine_frames = rendered, .time_ns = 8});
  }
  bool run(const std::function<bool()>& done) {
    return run_until(loop, [&] {
      play();
      return done();
    });
  }
  signal::rt::MeterLevels levels{6};
  std::uint64_t rendered = 0;
  int measured = 0;
  bool too_loud = false;
};

TEST_CASE("nothing is measured or sent until somebody subscribes, and nothing after the last one left") {
  Stage stage;
  for (int i = 0; i < 50; ++i) stage.play();
  REQUIRE_FALSE(stage.port.meters.measuring());
  CHECK(stage.measured == 0);
  {
    Watcher aura(stage.context, stage.loop, stage.pulse->link());
    REQUIRE(aura.subscriber->subscribe(wire::topic::kMeters));
    REQUIRE(stage.run([&] { return aura.meters.size() >= 3; }));
    CHECK(aura.positions.empty());  // not subscribed to
  }
  REQUIRE(stage.run([&] { return !stage.port.meters.measuring(); }));
  const int measured = stage.measured;
  const auto sent = stage.server->counters().telemetry_frames_sent;
  for (int i = 0; i < 50; ++i) stage.play();
  stage.loop.run_once(std::chrono::milliseconds(0));
  CHECK(stage.measured == measured);
  CHECK(stage.server->counters().telemetry_frames_sent == sent);
}

TEST_CASE("frames carry epoch, unbroken numbers, clocks and levels") {
  Stage stage;
  Watcher aura(stage.context, stage.loop, stage.pulse->link());
  REQUIRE(aura.subscriber->subscribe(wire::topic::kMeters));
  REQUIRE(aura.subscriber->subscribe(wire::topic::kTransport));
  REQUIRE(stage.run([&] { return aura.meters.size() >= 20 && aura.positions.size() >= 20; }));
  const auto epoch = static_cast<std::uint64_t>(stage.pulse->link().epoch);
  for (std::size_t i = 0; i < aura.meters.size(); ++i) {
    CHECK(aura.meters[i].header.epoch == epoch);
    CHECK(aura.meters[i].header.sequence == aura.meters[0].header.sequence + i);
    CHECK(aura.meters[i].header.time_ns == 8);
    REQUIRE(aura.meters[i].readings.size() == 2);
    CHECK(aura.meters[i].readings[0].handle == 6);
    CHECK(aura.meters[i].readings[0].peak == 0.5F);
    CHECK(aura.meters[i].readings[1].rms == doctest::Approx(0.25));
  }
  for (std::size_t i = 0; i < aura.positions.size(); ++i) {
    CHECK(aura.positions[i].sequence == aura.positions[0].sequence + i);
    CHECK(aura.positions[i].epoch == epoch);
    CHECK(aura.positions[i].playing);
    CHECK(aura.positions[i].position_frames == aura.positions[i].engine_frames);
    CHECK(aura.positions[i].tempo_bpm == 90);
    CHECK(aura.positions[i].position_beats == doctest::Approx(static_cast<double>(aura.positions[i].position_frames) / 32'000));
    CHECK(aura.positions[i].loop_enabled);
    CHECK(aura.positions[i].loop_start_frames == 4'800);
    CHECK(aura.positions[i].loop_end_frames == 9'600);
  }
  CHECK(stage.pulse->call(session::Counters{}).value().telemetry_frames_sent >= 40);
}

TEST_CASE("samples above full scale are counted as far as a frame can count") {
  Stage stage;
  stage.too_loud = true;
  Watcher aura(stage.context, stage.loop, stage.pulse->link());
  REQUIRE(aura.subscriber->subscribe(wire::topic::kMeters));
  REQUIRE(stage.run([&] { return !aura.meters.empty(); }));
  CHECK(aura.meters[0].readings[0].clipped == 0);
  CHECK(aura.meters[0].readings[1].clipped == 65'535);
}

}  // namespace
}  // namespace loophole::test
