// LoadReadings: mean and peak of a period, counts since the start, nothing lost when nobody takes.

#include "loophole/signal/rt/load_readings.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace loophole::signal::rt {
namespace {

constexpr std::uint64_t kMs = 1'000'000;

// Blocks of 480 frames at 48 kHz: they last 10 ms.
class Audio {
 public:
  explicit Audio(LoadReadings& load) : load_(load) {}
  void block_took(std::uint64_t ns) {
    rendered_ += 480;
    now_ += 10 * kMs;
    load_.publish({.frames = 480, .sample_rate_hz = 48'000, .nodes = 7, .engine_frames = rendered_, .begin_ns = now_, .end_ns = now_ + ns});
  }

 private:
  LoadReadings& load_;
  std::uint64_t rendered_ = 0;
  std::uint64_t now_ = 0;
};

std::vector<LoadReading> take_all(LoadReadings& load) {
  std::vector<LoadReading> readings;
  LoadReading reading;
  while (load.take(reading)) readings.push_back(reading);
  return readings;
}

TEST_CASE("a period has the mean and the peak of its blocks, and says where it ended") {
  LoadReadings load;
  Audio audio(load);
  load.set_wanted(true);
  load.set_interval(4 * 480);
  for (const std::uint64_t ms : {1, 2, 8, 1}) audio.block_took(ms * kMs);
  audio.block_took(9 * kMs);  // belongs to the next one
  const auto readings = take_all(load);
  REQUIRE(readings.size() == 1);
  CHECK(readings[0].mean_ratio == doctest::Approx(0.3));
  CHECK(readings[0].peak_ratio == doctest::Approx(0.8));
  CHECK(readings[0].length_frames == 4 * 480);
  CHECK(readings[0].engine_frames == 4 * 480);
  CHECK(readings[0].time_ns == 41 * kMs);
  CHECK(readings[0].sample_rate_hz == 48'000);
  CHECK(readings[0].block_frames == 480);
  CHECK(readings[0].nodes == 7);
  CHECK(readings[0].blocks == 4);
  CHECK(readings[0].late_blocks == 0);
}

TEST_CASE("late blocks and gaps are counted whether anybody watches or not") {
  LoadReadings load;
  Audio audio(load);
  audio.block_took(10 * kMs);  // just in time
  audio.block_took(10 * kMs + 1'000);
  load.xrun();
  load.xrun(2);
  CHECK(load.blocks() == 2);
  CHECK(load.late_blocks() == 1);
  CHECK(load.xruns() == 3);
  CHECK(take_all(load).empty());
  load.set_wanted(true);
  load.set_interval(1);
  audio.block_took(25 * kMs);
  const auto readings = take_all(load);
  REQUIRE(readings.size() == 1);
  CHECK(readings[0].blocks == 3);
  CHECK(readings[0].late_blocks == 2);
  CHECK(readings[0].xruns == 3);
  CHECK(readings[0].mean_ratio == doctest::Approx(2.5));  // of this block alone: nobody watched before
}

TEST_CASE("a period that finds the queue full goes on, and is counted") {
  LoadReadings load(2);
  Audio audio(load);
  load.set_wanted(true);
  load.set_interval(480);
  for (const std::uint64_t ms : {1, 1, 9, 1}) audio.block_took(ms * kMs);
  CHECK(load.dropped() == 2);
  CHECK(take_all(load).size() == 2);
  audio.block_took(2 * kMs);
  const auto readings = take_all(load);
  REQUIRE(readings.size() == 1);
  CHECK(readings[0].length_frames == 3 * 480);
  CHECK(readings[0].peak_ratio == doctest::Approx(0.9));
  CHECK(readings[0].mean_ratio == doctest::Approx(0.4));
}

TEST_CASE("a clock that stands still or goes back is no load") {
  LoadReadings load;
  load.set_wanted(true);
  load.set_interval(1);
  load.publish({.frames = 64, .sample_rate_hz = 48'000, .nodes = 0, .engine_frames = 64, .begin_ns = 5, .end_ns = 4});
  const auto readings = take_all(load);
  REQUIRE(readings.size() == 1);
  CHECK(readings[0].peak_ratio == 0);
  CHECK(load.late_blocks() == 0);
}

}  // namespace
}  // namespace loophole::signal::rt
