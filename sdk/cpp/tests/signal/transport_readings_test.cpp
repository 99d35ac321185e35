// TransportReadings: about 60 a second, at once after a jump, none for nobody.

#include "loophole/signal/rt/transport_readings.hpp"

#include <doctest/doctest.h>

namespace loophole::signal::rt {
namespace {

TransportReading at(std::uint64_t position, bool playing) {
  return {.engine_frames = 0, .time_ns = 0, .position_frames = position, .sample_rate_hz = 48'000, .playing = playing ? 1U : 0U};
}

int take_all(TransportReadings& readings) {
  TransportReading reading;
  int count = 0;
  while (readings.take(reading)) ++count;
  return count;
}

TEST_CASE("readings come by the interval while it plays and while it stands") {
  TransportReadings readings;
  readings.publish(256, at(0, false));
  CHECK(take_all(readings) == 0);  // nobody wants any
  readings.set_wanted(true);
  for (std::uint64_t block = 0; block < 41; ++block) readings.publish(256, at(block * 256, true));
  CHECK(take_all(readings) == 13);  // the first at once, then one for each 800 of 10,240 frames
  for (int block = 0; block < 40; ++block) readings.publish(256, at(41 * 256, false));
  CHECK(take_all(readings) == 13);  // the stop at once
}

TEST_CASE("start, stop and jump are told at once") {
  TransportReadings readings;
  readings.set_wanted(true);
  readings.publish(256, at(0, false));
  take_all(readings);
  readings.publish(256, at(0, true));
  CHECK(take_all(readings) == 1);
  readings.publish(256, at(256, true));
  CHECK(take_all(readings) == 0);
  readings.publish(256, at(9'000, true));
  CHECK(take_all(readings) == 1);
}

TEST_CASE("what finds the queue full is counted") {
  TransportReadings readings(2);
  readings.set_wanted(true);
  readings.set_interval(1);
  for (std::uint64_t block = 0; block < 5; ++block) readings.publish(256, at(block * 256, true));
  CHECK(readings.dropped() == 3);
}

TEST_CASE("another tempo and another loop are told at once") {
  TransportReadings readings;
  readings.set_wanted(true);
  TransportReading reading = at(0, false);
  const auto told = [&] {
    readings.publish(64, reading);
    return take_all(readings);
  };
  CHECK(told() == 1);
  CHECK(told() == 0);
  reading.tempo_bpm = 90;
  CHECK(told() == 1);
  reading.loop_enabled = 1;
  CHECK(told() == 1);
  reading.loop_start_frames = 100;
  CHECK(told() == 1);
  reading.loop_end_frames = 200;
  CHECK(told() == 1);
  CHECK(told() == 0);
}

}  // namespace
}  // namespace loophole::signal::rt
