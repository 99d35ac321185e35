#include "loophole/core/id.hpp"

#include <doctest/doctest.h>

#include <set>
#include <unordered_set>

namespace lp = loophole;

TEST_CASE("a random id has its prefix and 80 bits as 16 characters that identifiers may have") {
  const std::string id = lp::random_id("trk");
  CHECK(id.size() == 4 + 16);
  CHECK(id.starts_with("trk-"));
  CHECK(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos);
}

TEST_CASE("random ids do not repeat") {
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) CHECK(seen.insert(lp::random_id("m")).second);
}

TEST_CASE("a stream id is 16 lower-case hexadecimal digits") {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = lp::random_hex64();
    CHECK(id.size() == 16);
    CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
    seen.insert(id);
  }
  CHECK(seen.size() == 1000);
}

TEST_CASE("ids compare and hash by their text, and kinds of ids are different types") {
  using A = lp::Id<struct A_>;
  using B = lp::Id<struct B_>;
  CHECK(A("x") == A("x"));
  CHECK(A("x") < A("y"));
  CHECK(A().empty());
  CHECK(std::unordered_set<A>{A("x"), A("x"), A("y")}.size() == 2);
  static_assert(!std::is_convertible_v<A, B> && !std::is_constructible_v<B, A>);
}
