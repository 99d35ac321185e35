// Keys of live views, and which lines they bring into view.
#include "view/keyboard.hpp"

#include <doctest/doctest.h>

#include "view/scroll.hpp"

using namespace loophole::cli;

TEST_CASE("keys are read as terminals send them, also in pieces") {
  std::string bytes = "\x1b[A\x1bOBx\x1b[5~ cq\x1b[99;1u\x1b[";
  CHECK(keys_in(bytes) == std::vector<Key>{Key::up, Key::down, Key::page_up, Key::page_down, Key::clear, Key::quit});
  CHECK(bytes == "\x1b[");
  bytes += "6~G";
  CHECK(keys_in(bytes) == std::vector<Key>{Key::page_down, Key::end});
  CHECK(bytes.empty());
}

TEST_CASE("scrolling ends at both ends, and follows when there are fewer lines or more room") {
  Scroll scroll;
  scroll.fit(100, 20);
  CHECK(scroll.needed());
  scroll.press(Key::up);
  CHECK(scroll.first() == 0);
  scroll.press(Key::down);
  scroll.press(Key::page_down);
  CHECK(scroll.first() == 21);
  CHECK(scroll.end() == 41);
  scroll.press(Key::end);
  scroll.press(Key::page_down);
  CHECK(scroll.first() == 80);
  scroll.fit(100, 50);
  CHECK(scroll.first() == 50);
  scroll.fit(30, 50);
  CHECK(scroll.first() == 0);
  CHECK(scroll.end() == 30);
  CHECK_FALSE(scroll.needed());
  scroll.press(Key::end);
  CHECK(scroll.first() == 0);
}
