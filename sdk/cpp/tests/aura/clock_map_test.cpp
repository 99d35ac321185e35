#include "clock_map.hpp"

#include <doctest/doctest.h>

using namespace loophole;
using aura::ClockMap;
using aura::TransportView;

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

TransportView at(std::uint64_t engine_frames, std::uint64_t time_ns, std::uint64_t position, bool playing = true) {
  return {.epoch = 1,
          .engine_frames = engine_frames,
          .time_ns = time_ns,
          .position_frames = position,
          .sample_rate_hz = 48'000,
          .playing = playing};
}

// The example that protocol/telemetry.md works through.
ClockMap of_the_page() {
  ClockMap map;
  map.set_latency(1'024, 0);
  map.note(at(479'200, 9'983'333'333, 95'200));
  map.note(at(480'000, 10 * kSecond, 96'000));
  return map;
}

}  // namespace

TEST_CASE("the playhead and the meter of the protocol's own example") {
  const ClockMap map = of_the_page();
  const auto heard = map.playhead(10'020'000'000);
  REQUIRE(heard.has_value());
  CHECK(heard->position_frames == doctest::Approx(95'936).epsilon(1e-6));
  CHECK(heard->playing);
  CHECK(heard->position_beats == doctest::Approx(95'936 / 48'000.0 * 2).epsilon(1e-6));
  const auto drawn = map.heard_at_ns(480'000);
  REQUIRE(drawn.has_value());
  CHECK(std::llabs(static_cast<long long>(*drawn) - 10'021'333'333) <= 2);
}

TEST_CASE("nothing is heard before anything was played, and nothing of an engine that is gone") {
  ClockMap map;
  CHECK_FALSE(map.playhead(kSecond).has_value());
  CHECK_FALSE(map.heard_at_ns(5).has_value());
  map = of_the_page();
  CHECK_FALSE(map.playhead(10 * kSecond).has_value());  // the first frame is on its way to the ear
  map.reset();
  CHECK_FALSE(map.playhead(11 * kSecond).has_value());
}

TEST_CASE("the latency of the graph delays the playhead and not the meters") {
  ClockMap map = of_the_page();
  const double before = map.playhead(10'030'000'000)->position_frames;
  const auto meter = map.heard_at_ns(480'000);
  map.set_latency(1'024, 240);
  CHECK(map.playhead(10'030'000'000)->position_frames == doctest::Approx(before - 240));
  CHECK(map.heard_at_ns(480'000) == meter);
}

TEST_CASE("blocks that are begun late do not shake the playhead") {
  ClockMap map;
  for (std::uint64_t i = 0; i < 60; ++i) map.note(at(i * 800, kSecond + i * kSecond / 60 + (i % 3) * 2'000'000, i * 800));
  const std::uint64_t now = kSecond + 59 * (kSecond / 60) + 1'000'000;
  CHECK(map.playhead(now)->position_frames == doctest::Approx(static_cast<double>(now - kSecond) * 48'000 / 1e9).epsilon(1e-5));
}

TEST_CASE("a transport that stands is where it stands; a jump is heard when its frames are") {
  ClockMap map;
  map.set_latency(480, 0);
  map.note(at(48'000, 1 * kSecond, 7'000, false));
  map.note(at(48'000, 1 * kSecond, 9'000, true));  // started there, at the same block
  CHECK(map.playhead(kSecond + 10'000'000)->position_frames == doctest::Approx(9'000));
  map.note(at(48'480, kSecond + 10'000'000, 100'000, false));
  CHECK(map.playhead(kSecond + 15'000'000)->position_frames == doctest::Approx(9'240));
  CHECK(map.playhead(kSecond + 20'000'000)->position_frames == doctest::Approx(100'000));
  CHECK_FALSE(map.playhead(kSecond + 20'000'000)->playing);
}

TEST_CASE("the playhead goes round in a loop, from the first reading on that lies in it") {
  ClockMap map;
  TransportView position = at(48'000, kSecond, 1'900);
  position.loop_enabled = true;
  position.loop_start_frames = 1'000;
  position.loop_end_frames = 2'000;
  map.note(position);
  CHECK(map.playhead(kSecond + 1'000'000)->position_frames == doctest::Approx(1'948));
  CHECK(map.playhead(kSecond + 5'000'000)->position_frames == doctest::Approx(1'140));
  CHECK(map.playhead(kSecond + 50'000'000)->position_frames == doctest::Approx(1'300));  // twice round
  position.position_frames = 2'500;  // behind the loop, which therefore does not hold it
  position.engine_frames += 480;
  position.time_ns += 10'000'000;
  map.note(position);
  CHECK(map.playhead(kSecond + 20'000'000)->position_frames == doctest::Approx(2'980));
}

TEST_CASE("an engine that says nothing more is not followed forever; another sample rate begins anew") {
  ClockMap map = of_the_page();
  CHECK(map.playhead(60 * kSecond)->position_frames == doctest::Approx(96'000 + 48'000));
  TransportView other = at(480'256, 10'010'000'000, 88'200);
  other.sample_rate_hz = 44'100;
  map.set_latency(0, 0);
  map.note(other);
  CHECK(map.playhead(10'020'000'000)->position_frames == doctest::Approx(88'200 + 441));
  CHECK(map.playhead(10'020'000'000)->sample_rate_hz == 44'100);
}
