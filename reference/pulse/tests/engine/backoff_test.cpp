// How long to wait before an engine that keeps dying is started again.

#include "engine/backoff.hpp"

#include <doctest/doctest.h>

using namespace loophole::pulse;
using namespace std::chrono_literals;

TEST_CASE("at once, then 100 ms, 200 ms, … up to 5 s, then given up") {
  Backoff backoff{BackoffOptions{}};
  const Backoff::Time now{};
  CHECK(backoff.died(now) == 0ms);
  for (const auto expected : {100ms, 200ms, 400ms, 800ms, 1'600ms, 3'200ms, 5'000ms, 5'000ms}) CHECK(backoff.died(now) == expected);
  CHECK(backoff.died(now) == std::nullopt);
}

TEST_CASE("deaths of long ago are forgotten") {
  Backoff backoff{BackoffOptions{}};
  Backoff::Time now{};
  for (int i = 0; i < 100; ++i) {
    CHECK(backoff.died(now) == 0ms);
    now += 61s;
  }
}
