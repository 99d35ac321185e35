// AutomatedParameter: a gesture before automation, automation before the committed value; points count from their own frame on.

#include "loophole/signal/rt/automated_parameter.hpp"

#include <doctest/doctest.h>

namespace loophole::signal::rt {
namespace {

using Source = AutomatedParameter::Source;

const Automation& lane() {
  static const Automation points({{.position = 100, .value = 10, .holds = false},
                                  {.position = 200, .value = 20, .holds = true},
                                  {.position = 300, .value = 5, .holds = false},
                                  {.position = 301, .value = 6, .holds = true}});
  return points;
}

TEST_CASE("between points the first one's shape decides; before the first and behind the last their values hold") {
  const std::pair<std::uint64_t, double> expected[] = {{0, 10},   {99, 10},  {100, 10}, {101, 10.1}, {150, 15}, {199, 19.9},
                                                       {200, 20}, {299, 20}, {300, 5},  {301, 6},    {1'000, 6}};
  for (const auto& [position, value] : expected) CHECK(lane().value_at(position) == doctest::Approx(value));
}

TEST_CASE("a line ends at the next point, with the value just before it") {
  ValueLine line = lane().line(0, 256);
  CHECK(line.frames == 100);
  CHECK(line.end == 10);
  line = lane().line(150, 256);
  CHECK(line.frames == 50);
  CHECK(line.begin == 15);
  CHECK(line.end == 20);
  line = lane().line(200, 256);
  CHECK(line.frames == 100);
  CHECK(line.end == 20);  // held until the frame before 300
  CHECK(lane().line(300, 256).frames == 1);
  CHECK(lane().line(150, 10).frames == 10);
  CHECK(lane().line(301, 256).frames == 256);
}

TEST_CASE("a gesture goes before automation, automation before the committed value, and only while the transport runs") {
  AutomatedParameter parameter(1);
  CHECK(parameter.source(true) == Source::committed);
  parameter.set_automation(&lane());
  CHECK(parameter.value_at(150, true) == 15);
  CHECK(parameter.value_at(150, false) == 1);
  parameter.apply({.handle = 3, .origin = ParameterOrigin::gesture, .value = 7});
  CHECK(parameter.value_at(150, true) == 7);
  parameter.apply({.handle = 3, .origin = ParameterOrigin::committed, .value = 2});
  CHECK(parameter.value_at(150, true) == 7);
  CHECK(parameter.line(150, true, 256).frames == 256);
  parameter.apply({.handle = 3, .origin = ParameterOrigin::gesture_end, .value = 3});
  CHECK(parameter.value_at(150, true) == 15);
  CHECK(parameter.value_at(150, false) == 3);
  parameter.set_automation(nullptr);
  CHECK(parameter.value_at(150, true) == 3);
}

TEST_CASE("a new graph sets value and automation; a gesture goes on under the same handle alone") {
  AutomatedParameter parameter(1);
  parameter.adopt(3, 1, nullptr);
  parameter.apply({.handle = 3, .origin = ParameterOrigin::gesture, .value = 7});
  parameter.adopt(3, 2, &lane());
  CHECK(parameter.value_at(0, true) == 7);
  CHECK(parameter.committed() == 2);
  parameter.adopt(4, 2, nullptr);
  CHECK(parameter.value_at(0, true) == 2);
}

}  // namespace
}  // namespace loophole::signal::rt
