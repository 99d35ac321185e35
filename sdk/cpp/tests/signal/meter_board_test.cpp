// MeterBoard: right levels, nothing lost when the queue is full, nothing computed for nobody.

#include "loophole/signal/rt/meter_board.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace loophole::signal::rt {
namespace {

constexpr std::uint32_t kBlock = 256;

double db(double ratio) {
  return 20 * std::log10(ratio);
}

struct Sine {
  double phase = 0;
  std::array<float, kBlock> next(double amplitude, double frequency) {
    std::array<float, kBlock> block{};
    for (float& sample : block) {
      sample = static_cast<float>(amplitude * std::sin(phase));
      phase += 2 * std::numbers::pi * frequency / 48'000;
    }
    return block;
  }
};

void play(MeterBoard& board, MeterLevels& levels, std::span<const float> left, std::span<const float> right, std::uint64_t& rendered) {
  if (board.measuring()) {
    levels.measure(0, left);
    levels.measure(1, right);
  }
  rendered += left.size();
  MeterLevels* const meters[] = {&levels};
  board.publish(meters, {.frames = static_cast<std::uint32_t>(left.size()), .engine_frames = rendered, .time_ns = rendered * 10});
}

TEST_CASE("peak and RMS of a sine are right within 0.1 dB") {
  MeterBoard board;
  board.set_wanted(true);
  MeterLevels levels(42);
  Sine left;
  Sine right;
  std::uint64_t rendered = 0;
  MeterBatch batch;
  int batches = 0;
  std::uint64_t told = 0;
  for (int block = 0; block < 100; ++block) {
    play(board, levels, left.next(0.5, 997), right.next(0.25, 1'003), rendered);
    while (board.take(batch)) {
      ++batches;
      REQUIRE(batch.readings.size() == 2);
      CHECK(batch.readings[0].handle == 42);
      CHECK(batch.readings[1].channel == 1);
      CHECK(db(static_cast<double>(batch.readings[0].peak)) == doctest::Approx(db(0.5)).epsilon(0.005));
      CHECK(std::fabs(db(static_cast<double>(batch.readings[0].rms)) - db(0.5 / std::numbers::sqrt2)) < 0.1);
      CHECK(std::fabs(db(static_cast<double>(batch.readings[1].rms)) - db(0.25 / std::numbers::sqrt2)) < 0.1);
      CHECK(batch.engine_frames == rendered);
      CHECK(batch.time_ns == rendered * 10);
      CHECK(batch.length_frames == (batches == 1 ? 1'024 : rendered - told));  // at the first block at or after each 800 frames
      CHECK(rendered / 800 == static_cast<std::uint64_t>(batches));
      told = rendered;
    }
  }
  CHECK(batches == 32);  // 25,600 frames
}

TEST_CASE("a peak is never lost: it waits until there is room") {
  MeterBoard board({.readings = 4, .batches = 2});
  board.set_wanted(true);
  board.set_interval(kBlock);
  MeterLevels levels(1);
  std::uint64_t rendered = 0;
  const std::vector<float> quiet(kBlock, 0.01F);
  const std::vector<float> loud(kBlock, 0.9F);
  for (int i = 0; i < 2; ++i) play(board, levels, quiet, quiet, rendered);
  play(board, levels, loud, loud, rendered);  // the queue is full
  play(board, levels, quiet, quiet, rendered);
  CHECK(board.dropped() == 2);
  MeterBatch batch;
  while (board.take(batch)) CHECK(batch.readings[0].peak < 0.1F);
  play(board, levels, quiet, quiet, rendered);
  REQUIRE(board.take(batch));
  CHECK(batch.readings[0].peak == 0.9F);
  CHECK(batch.length_frames == 3 * kBlock);
}

TEST_CASE("nothing is measured or sent while nobody wants it, and nothing old comes when somebody does") {
  MeterBoard board;
  MeterLevels levels(1);
  std::uint64_t rendered = 0;
  const std::vector<float> loud(kBlock, 0.9F);
  const std::vector<float> quiet(kBlock, 0.01F);
  for (int i = 0; i < 20; ++i) play(board, levels, loud, loud, rendered);
  MeterBatch batch;
  CHECK_FALSE(board.take(batch));

  board.set_wanted(true);
  play(board, levels, loud, loud, rendered);
  board.set_wanted(false);
  play(board, levels, loud, loud, rendered);
  board.set_wanted(true);
  for (int i = 0; i < 4; ++i) play(board, levels, quiet, quiet, rendered);
  REQUIRE(board.take(batch));
  CHECK(batch.readings[0].peak == 0.01F);
}

TEST_CASE("very many meters go out in several batches, all of them") {
  MeterBoard board;
  board.set_wanted(true);
  std::vector<MeterLevels> levels;
  for (std::uint32_t handle = 1; handle <= 2'500; ++handle) levels.emplace_back(handle);
  std::vector<MeterLevels*> meters;
  for (MeterLevels& one : levels) meters.push_back(&one);
  board.publish(meters, {.frames = 1'024, .engine_frames = 1'024, .time_ns = 1});
  std::size_t readings = 0;
  int batches = 0;
  MeterBatch batch;
  while (board.take(batch)) {
    readings += batch.readings.size();
    ++batches;
  }
  CHECK(batches == 3);
  CHECK(readings == 5'000);
}

TEST_CASE("samples above full scale are counted, and only since the reading before") {
  MeterBoard board;
  board.set_wanted(true);
  board.set_interval(kBlock);
  MeterLevels levels(42);
  std::uint64_t rendered = 0;
  std::array<float, kBlock> left{};
  left.fill(1.0F);  // full scale is no clipping
  left[3] = 1.001F;
  left[9] = -2.0F;
  const std::array<float, kBlock> right{};
  MeterBatch batch;
  play(board, levels, left, right, rendered);
  REQUIRE(board.take(batch));
  CHECK(batch.readings[0].clipped == 2);
  CHECK(batch.readings[1].clipped == 0);
  play(board, levels, right, right, rendered);
  REQUIRE(board.take(batch));
  CHECK(batch.readings[0].clipped == 0);
}

TEST_CASE("a node that runs wild has a level that frames can carry") {
  MeterBoard board;
  board.set_wanted(true);
  board.set_interval(kBlock);
  MeterLevels levels(42);
  std::uint64_t rendered = 0;
  std::array<float, kBlock> infinite{};
  infinite[0] = std::numeric_limits<float>::infinity();
  std::array<float, kBlock> nothing{};
  nothing[0] = std::numeric_limits<float>::quiet_NaN();
  MeterBatch batch;
  play(board, levels, infinite, nothing, rendered);
  REQUIRE(board.take(batch));
  for (const LevelReading& reading : batch.readings) {
    CHECK(std::isfinite(reading.peak));
    CHECK(std::isfinite(reading.rms));
  }
  CHECK(batch.readings[0].peak == std::numeric_limits<float>::max());
}

}  // namespace
}  // namespace loophole::signal::rt
