#include "loophole/core/clock.hpp"

#include <doctest/doctest.h>

#include <set>

namespace lp = loophole;

TEST_CASE("the monotonic clock does not go back") {
  std::uint64_t before = lp::monotonic_ns();
  CHECK(before > 0);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t now = lp::monotonic_ns();
    CHECK(now >= before);
    before = now;
  }
}

TEST_CASE("the time of day is ISO 8601 in UTC with milliseconds") {
  const std::string now = lp::utc_now();
  const std::string form = "dddd-dd-ddTdd:dd:dd.dddZ";
  REQUIRE(now.size() == form.size());
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] == 'd') {
      CHECK((now[i] >= '0' && now[i] <= '9'));
    } else {
      CHECK(now[i] == form[i]);
    }
  }
}

TEST_CASE("epochs differ, rise and fit an integer of JSON") {
  std::set<std::int64_t> seen;
  std::int64_t before = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t epoch = lp::new_epoch();
    CHECK(epoch > before);
    CHECK(epoch <= 9007199254740991);
    before = epoch;
    seen.insert(epoch);
  }
  CHECK(seen.size() == 1000);
}
