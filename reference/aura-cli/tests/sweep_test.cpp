#include "app/sweep.hpp"

#include <doctest/doctest.h>

using namespace loophole;

namespace {

parameter::Parameter cutoff() {
  parameter::Parameter parameter;
  parameter.minimum = 20;
  parameter.maximum = 20'000;
  parameter.curve = parameter::Curve::exponential;
  return parameter;
}

}  // namespace

TEST_CASE("a sweep has as many values as its length and rate ask for") {
  cli::SweepOptions options;
  options.length = std::chrono::duration<double>(3.0);
  options.rate_hz = 240;
  CHECK(cli::sweep_count(options) == 720);
  options.length = std::chrono::duration<double>(0.0001);
  CHECK(cli::sweep_count(options) == 1);
}

TEST_CASE("a sweep begins and ends exactly, and rises evenly in the parameter's curve") {
  const cli::SweepTarget target{.parameter = cutoff(), .from = 200, .to = 2000};
  CHECK(cli::sweep_value(target, 0, 101) == 200);
  CHECK(cli::sweep_value(target, 100, 101) == 2000);
  CHECK(cli::sweep_value(target, 50, 101) == doctest::Approx(632.4555));
  double last = 0;
  for (int i = 0; i < 101; ++i) {
    const double value = cli::sweep_value(target, i, 101);
    CHECK(value > last);
    last = value;
  }
}
