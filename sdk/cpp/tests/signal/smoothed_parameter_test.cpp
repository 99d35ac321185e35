// SmoothedParameter: how a value gets from one to the next, and when it is exact.

#include "loophole/signal/rt/smoothed_parameter.hpp"

#include <doctest/doctest.h>

namespace loophole::signal::rt {
namespace {

constexpr std::uint32_t kHandle = 3;

double after(SmoothedParameter& parameter, std::uint32_t frames) {
  return parameter.advance(frames);
}

ParameterChange committed(double value) {
  return {.handle = kHandle, .origin = ParameterOrigin::committed, .value = value};
}

TEST_CASE("the first value is there at once, a change takes its ramp and arrives exactly") {
  SmoothedParameter parameter(0);
  parameter.adopt(kHandle, -6, nullptr, 100);
  CHECK(parameter.current() == -6);
  static_cast<void>(after(parameter, 10));
  parameter.apply(committed(-16));
  CHECK(parameter.held() == -16);
  CHECK(parameter.current() == -6);
  CHECK(after(parameter, 50) == doctest::Approx(-11));
  CHECK(after(parameter, 50) == -16);
  CHECK(after(parameter, 1'000) == -16);
}

TEST_CASE("a new target during a ramp begins at the value that was reached; without a ramp it is there at once") {
  SmoothedParameter parameter(0);
  parameter.adopt(kHandle, 0, nullptr, 100);
  static_cast<void>(after(parameter, 1));
  parameter.apply(committed(10));
  CHECK(after(parameter, 50) == doctest::Approx(5));
  parameter.apply(committed(0));
  CHECK(after(parameter, 50) == doctest::Approx(2.5));
  CHECK(after(parameter, 50) == 0);
  parameter.adopt(kHandle, 0, nullptr, 0);
  parameter.apply(committed(7));
  CHECK(parameter.current() == 7);
}

TEST_CASE("automation takes over by the ramp, and is exact from then on") {
  const Automation automation({{.position = 0, .value = 0}, {.position = 1'000, .value = 1'000}});
  SmoothedParameter parameter(0);
  parameter.adopt(kHandle, 500, &automation, 100);
  parameter.locate(0, false);
  static_cast<void>(after(parameter, 1));
  parameter.locate(200, true);
  CHECK(parameter.current() == 500);  // 300 from the automation
  CHECK(after(parameter, 50) == doctest::Approx(250 + 150));
  CHECK(after(parameter, 50) == 300);
  CHECK(after(parameter, 100) == 400);
}

TEST_CASE("lines end where a ramp or a point of automation does") {
  SmoothedParameter parameter(0);
  parameter.adopt(kHandle, 0, nullptr, 100);
  static_cast<void>(after(parameter, 1));
  CHECK(parameter.straight(256) == 256);
  parameter.apply(committed(1));
  CHECK(parameter.straight(256) == 100);
  const Automation automation({{.position = 0, .value = 0}, {.position = 30, .value = 1}});
  parameter.adopt(kHandle, 0, &automation, 100);
  parameter.locate(0, true);
  CHECK(parameter.straight(256) == 30);
}

}  // namespace
}  // namespace loophole::signal::rt
