// The curve that is kept of many samples: ends where they end, and is dense in the tail.

#include <doctest/doctest.h>

#include <numeric>
#include <vector>

#include "statistics.hpp"

using loophole::bench::CurvePoint;
using loophole::bench::distribution_of;
using loophole::bench::kMostCurvePoints;

TEST_CASE("few samples are all kept") {
  const auto d = distribution_of("few", {4, 1, 3, 2});
  CHECK(d.samples == 4);
  CHECK(d.curve == std::vector<CurvePoint>{{0, 1}, {0.25, 2}, {0.5, 3}, {0.75, 4}});
}

TEST_CASE("many samples are kept as at most 200 points, from the smallest to the largest") {
  std::vector<double> samples(100'000);
  std::iota(samples.begin(), samples.end(), 0.0);
  const auto d = distribution_of("many", samples);
  CHECK(d.samples == 100'000);
  REQUIRE(d.curve.size() <= kMostCurvePoints);
  CHECK(d.curve.front() == CurvePoint{0, 0});
  CHECK(d.curve.back().value == 99'999);
  CHECK(d.curve.back().share == doctest::Approx(0.99999));
  int in_the_last_hundredth = 0;
  for (std::size_t i = 0; i < d.curve.size(); ++i) {
    CHECK(d.curve[i].value == doctest::Approx(d.curve[i].share * 100'000));  // the share of the samples before it
    if (i > 0) CHECK(d.curve[i].value > d.curve[i - 1].value);
    if (d.curve[i].share >= 0.99) ++in_the_last_hundredth;
  }
  CHECK(in_the_last_hundredth > 50);
}
