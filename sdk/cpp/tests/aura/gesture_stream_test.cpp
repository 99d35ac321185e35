#include "gesture_stream.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace loophole;
using aura::GestureStream;

namespace {

// A lane that can be full, and remembers what it took.
struct FakeLane final : net::FrameSink {
  struct Frame {
    frames::ParameterStreamHeader header;
    std::vector<frames::ParameterSample> samples;
  };
  bool send(Bytes frame) override {
    if (full) return false;
    const auto view = frames::read_parameter_stream(frame);
    REQUIRE(view.has_value());
    frames.push_back({view->header, {view->samples.begin(), view->samples.end()}});
    return true;
  }
  bool full = false;
  std::vector<Frame> frames;
};

}  // namespace

TEST_CASE("each value is a sample, numbered from 0") {
  auto lane = std::make_shared<FakeLane>();
  GestureStream stream({7});
  stream.open(0xabc, 17, lane);
  stream.put(0, 1.5);
  stream.put(0, 2.5);
  REQUIRE(lane->frames.size() == 2);
  CHECK(lane->frames[1].header.stream_id == 0xabc);
  CHECK(lane->frames[1].header.epoch == 17);
  CHECK(lane->frames[1].header.sequence == 1);
  CHECK(lane->frames[1].samples[0].handle == 7);
  CHECK(lane->frames[1].samples[0].value == 2.5);
  CHECK(stream.counters().samples_sent == 2);
  CHECK(stream.counters().frames_sent == 2);
  CHECK(stream.counters().coalesced == 0);
}

TEST_CASE("when the lane is full the newest value of each target waits and goes with the next frame") {
  auto lane = std::make_shared<FakeLane>();
  GestureStream stream({7, 8});
  stream.open(1, 1, lane);
  lane->full = true;
  stream.put(0, 1);
  stream.put(0, 2);
  stream.put(1, 10);
  stream.put(0, 3);
  CHECK(stream.counters().samples_sent == 0);
  CHECK(stream.counters().coalesced == 2);
  lane->full = false;
  stream.put(1, 11);
  REQUIRE(lane->frames.size() == 1);
  const auto& frame = lane->frames[0];
  CHECK(frame.header.sequence == 0);
  REQUIRE(frame.samples.size() == 2);
  CHECK(frame.samples[0].value == 3);
  CHECK(frame.samples[1].value == 11);
  CHECK(stream.counters().samples_sent == 2);
  CHECK(stream.counters().coalesced == 3);
  stream.put(0, 4);
  CHECK(lane->frames[1].header.sequence == 2);
}

TEST_CASE("flush sends what waits, once") {
  auto lane = std::make_shared<FakeLane>();
  GestureStream stream({7});
  stream.open(1, 1, lane);
  CHECK(stream.flush());
  lane->full = true;
  stream.put(0, 1);
  CHECK_FALSE(stream.flush());
  lane->full = false;
  CHECK(stream.flush());
  CHECK(stream.flush());
  CHECK(lane->frames.size() == 1);
}

TEST_CASE("a new stream begins with the newest values, numbered from 0 again") {
  auto old_lane = std::make_shared<FakeLane>();
  auto lane = std::make_shared<FakeLane>();
  GestureStream stream({7, 8});
  stream.open(1, 1, old_lane);
  stream.put(0, 1);
  stream.pause();
  stream.put(0, 2);
  stream.put(0, 3);
  CHECK(stream.counters().coalesced == 1);
  stream.open(2, 5, lane);
  REQUIRE(lane->frames.size() == 1);
  CHECK(lane->frames[0].header.stream_id == 2);
  CHECK(lane->frames[0].header.epoch == 5);
  CHECK(lane->frames[0].header.sequence == 0);
  REQUIRE(lane->frames[0].samples.size() == 1);  // the other target was never moved
  CHECK(lane->frames[0].samples[0].value == 3);
}

TEST_CASE("a value that the old engine had is told to the new one") {
  auto lane = std::make_shared<FakeLane>();
  GestureStream stream({7});
  stream.open(1, 1, std::make_shared<FakeLane>());
  stream.put(0, 4);
  stream.open(2, 2, lane);
  REQUIRE(lane->frames.size() == 1);
  CHECK(lane->frames[0].samples[0].value == 4);
}

TEST_CASE("a held control renews its lease with its value") {
  auto lane = std::make_shared<FakeLane>();
  GestureStream stream({7});
  stream.open(1, 1, lane);
  stream.renew(Clock::now());
  CHECK(lane->frames.empty());  // nothing was moved yet
  stream.put(0, 4);
  stream.renew(Clock::now() - std::chrono::hours{1});
  CHECK(lane->frames.size() == 1);  // sent since then
  stream.renew(Clock::now());
  REQUIRE(lane->frames.size() == 2);
  CHECK(lane->frames[1].samples[0].value == 4);
  CHECK(stream.counters().renewals == 1);
  CHECK(stream.counters().samples_sent == 2);
}
