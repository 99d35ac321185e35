// Past: places, jumps, and what is left when it forgets.

#include "audio/past.hpp"

#include <doctest/doctest.h>

namespace loophole::test {
namespace {

using reference_signal::Past;
using reference_signal::Place;

TEST_CASE("a place is found again for as long as it lies in the past, over jumps and stops") {
  Past past;
  CHECK_FALSE(past.at(10, 0).audible);
  past.note(0, {.position = 7, .audible = false});
  past.note(100, {.position = 7, .audible = false});
  past.note(200, {.position = 7, .audible = true});
  past.note(300, {.position = 107, .audible = true});  // goes on
  past.note(400, {.position = 50, .audible = true});   // jumps
  past.note(450, {.position = 100, .audible = false});
  CHECK(past.at(460, 0).position == 100);
  CHECK_FALSE(past.at(460, 10).audible);
  CHECK(past.at(460, 11).position == 99);
  CHECK(past.at(460, 60).position == 50);
  CHECK(past.at(460, 61).position == 206);
  CHECK(past.at(460, 61).audible);
  CHECK(past.at(460, 260).position == 7);
  CHECK(past.at(460, 260).audible);
  CHECK_FALSE(past.at(460, 261).audible);
  CHECK(past.at(460, 261).position == 7);
  CHECK_FALSE(past.at(460, 461).audible);
  CHECK(past.together(450, 0, 1'000) == 1'000);
  CHECK(past.together(450, 60, 1'000) == 10);
  CHECK(past.together(450, 60, 5) == 5);
  CHECK(past.together(450, 260, 1'000) == 10);
  CHECK(past.together(450, 500, 1'000) == 50);
}

TEST_CASE("what was before more jumps than it remembers counts as having gone on") {
  Past past;
  for (std::uint64_t i = 0; i <= Past::kJumps + 10; ++i) past.note(i * 100, {.position = 5'000, .audible = true});
  CHECK(past.at(11 * 100 + 3, 0).position == 5'003);
  CHECK(past.at(11 * 100 + 3, 33).position == 4'970);
  CHECK(past.at(11 * 100 + 3, 33).audible);
}

}  // namespace
}  // namespace loophole::test
