#include "loophole/core/error.hpp"

#include <doctest/doctest.h>

#include "loophole/core/result.hpp"
#include "loophole/core/text.hpp"

namespace lp = loophole;

TEST_CASE("an error has code and category of the register") {
  const lp::Error error = lp::make_error(lp::errors::kTrackNotFound, "there is no track 'x'");
  CHECK(error.code == "track.notFound");
  CHECK(error.category == lp::Category::invalid);
  CHECK(error.message == "there is no track 'x'");
  CHECK(!error.pointer);
  CHECK(lp::is(error, lp::errors::kTrackNotFound));
  CHECK(!lp::is(error, lp::errors::kClipNotFound));
}

TEST_CASE("an error as text names code, message and place") {
  lp::Error error = lp::make_error(lp::errors::kTrackNotFound, "there is no track 'x'");
  CHECK(lp::to_string(error) == "track.notFound: there is no track 'x'");
  error.pointer = "/payload/trackId";
  CHECK(lp::to_string(error) == "track.notFound: there is no track 'x' (at /payload/trackId)");
}

TEST_CASE("an error can always be sent, whatever its message quotes") {
  const lp::Error faulty = lp::make_error(lp::errors::kClipFileUnreadable, "cannot read /srv/\xFF.wav");
  CHECK(faulty.message == "cannot read /srv/\xEF\xBF\xBD.wav");
  const lp::Error endless = lp::make_error(lp::errors::kClipFileUnreadable, std::string(100'000, 'x'));
  CHECK(endless.message.size() <= 4096);
  CHECK(lp::count_code_points(endless.message).has_value());
}

TEST_CASE("a result is a value or an error") {
  const auto half = [](int value) -> lp::Result<int> {
    if (value % 2 != 0) return lp::make_error(lp::errors::kParameterOutOfRange, "odd");
    return value / 2;
  };
  REQUIRE(half(4));
  CHECK(*half(4) == 2);
  REQUIRE(!half(3));
  CHECK(half(3).error().message == "odd");

  const lp::Result<void> good;
  CHECK(good.has_value());
  const lp::Result<void> bad = half(1).error();
  CHECK(!bad);
  CHECK(lp::is(bad.error(), lp::errors::kParameterOutOfRange));
}

TEST_CASE("what an error is asked is found without a namespace before it") {
  const lp::Error error = lp::make_error(lp::errors::kTrackNotFound, "there is no track 'x'");
  CHECK(is(error, lp::errors::kTrackNotFound));
  CHECK(to_string(error) == "track.notFound: there is no track 'x'");
}
