#include "loophole/core/text.hpp"

#include <doctest/doctest.h>

namespace lp = loophole;

TEST_CASE("code points are counted, not bytes") {
  CHECK(lp::count_code_points("") == 0);
  CHECK(lp::count_code_points("cutoff") == 6);
  CHECK(lp::count_code_points("später") == 6);
  CHECK(lp::count_code_points("\xF0\x9F\x8E\x9B") == 1);
}

TEST_CASE("what is not well-formed UTF-8 has no length") {
  for (const char* text :
       {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "a\xFF", "\xE2\x82"})
    CHECK_MESSAGE(!lp::count_code_points(text), text);
}

TEST_CASE("printable text stays as it is when it is good and fits") {
  CHECK(lp::printable("später", 7) == "später");
  CHECK(lp::printable("", 0).empty());
}

TEST_CASE("faulty bytes become the replacement character") {
  CHECK(lp::printable("a\xFF"
                      "b",
                      64) ==
        "a\xEF\xBF\xBD"
        "b");
}

TEST_CASE("text that does not fit is cut between code points and says so") {
  CHECK(lp::printable("abcdefghij", 8) == "abcde…");
  CHECK(lp::printable("äöüäöü", 8) == "äö…");
  CHECK(lp::printable("abcdef", 2).empty());
  for (std::size_t limit = 0; limit < 20; ++limit) {
    const std::string cut = lp::printable("ä€\xF0\x9F\x8E\x9B ä€\xF0\x9F\x8E\x9B", limit);
    CHECK(cut.size() <= limit);
    CHECK(lp::count_code_points(cut).has_value());
  }
}
