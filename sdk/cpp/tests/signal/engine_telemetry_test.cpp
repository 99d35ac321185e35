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
    }
    port.transport.publish(1'024,
                           {.engine_frames = rendered, .time_ns = 7, .position_frames = rendered, .sample_rate_hz = 48'000, .playing = 1});
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
    CHECK(aura.meters[i].readings[0].handle() == 6);
    CHECK(aura.meters[i].readings[0].peak() == 0.5F);
    CHECK(aura.meters[i].readings[1].rms() == doctest::Approx(0.25));
  }
  for (std::size_t i = 0; i < aura.positions.size(); ++i) {
    CHECK(aura.positions[i].sequence == aura.positions[0].sequence + i);
    CHECK(aura.positions[i].epoch == epoch);
    CHECK(aura.positions[i].playing);
    CHECK(aura.positions[i].position_frames == aura.positions[i].engine_frames);
  }
  CHECK(stage.pulse->call(session::Counters{}).value().telemetry_frames_sent >= 40);
}

}  // namespace
}  // namespace loophole::test
