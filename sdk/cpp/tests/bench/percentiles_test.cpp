// Percentiles are values that were measured, by nearest rank, and right on known data.

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "statistics.hpp"

namespace {

using loophole::bench::Percentiles;
using loophole::bench::percentiles_of;

std::vector<double> one_to(int count) {
  std::vector<double> samples(static_cast<std::size_t>(count));
  std::iota(samples.begin(), samples.end(), 1.0);
  return samples;
}

}  // namespace

TEST_CASE("of 1 … 1000, each percentile is its own rank") {
  CHECK(percentiles_of(one_to(1'000)) == Percentiles{.p50 = 500, .p90 = 900, .p99 = 990, .p999 = 999, .max = 1'000});
}

TEST_CASE("the order of the samples says nothing") {
  auto samples = one_to(1'000);
  std::ranges::reverse(samples);
  std::swap(samples[3], samples[700]);
  CHECK(percentiles_of(samples) == percentiles_of(one_to(1'000)));
}

TEST_CASE("between two ranks it is the upper one, so that the share is reached") {
  CHECK(percentiles_of({1, 2, 3}) == Percentiles{.p50 = 2, .p90 = 3, .p99 = 3, .p999 = 3, .max = 3});
  CHECK(percentiles_of({1, 2, 3, 4}).p50 == 2);
  CHECK(percentiles_of({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}).p90 == 9);  // 0.9 x 10 in binary would be rank 10
  CHECK(percentiles_of(one_to(1'001)).p999 == 1'000);
}

TEST_CASE("a single sample is all of them") {
  CHECK(percentiles_of({7.5}) == Percentiles{.p50 = 7.5, .p90 = 7.5, .p99 = 7.5, .p999 = 7.5, .max = 7.5});
}

TEST_CASE("one in a thousand is seen by p99.9 only when there are enough samples behind it") {
  std::vector<double> samples(2'000, 1.0);
  samples[5] = 100;
  CHECK(percentiles_of(samples).p999 == 1);
  CHECK(percentiles_of(samples).max == 100);
  samples[6] = samples[7] = 100;
  CHECK(percentiles_of(samples).p999 == 100);
}
