// Text in columns of a terminal: as wide as it is drawn, cut between characters, and never more than text.
#include <doctest/doctest.h>

#include "view/text.hpp"

using namespace loophole::cli;

namespace {
constexpr TerminalTraits kUnicode{.unicode = true};
}

TEST_CASE("East Asian characters and emoji take two columns, combining marks none, in any locale") {
  CHECK(columns("a…b") == 3);
  CHECK(columns("声の録音") == 8);
  CHECK(columns("e\xcc\x81t\xc3\xa9") == 3);  // é once of two code points, once of one
  CHECK(columns("🎹 Keys") == 7);
  CHECK(columns("\x1b[1;31mred\x1b[0m") == 3);
  CHECK(columns("\xff\xc3") == 2);  // no UTF-8
}

TEST_CASE("text is cut between characters, never inside of a wide one, and an ellipsis says so") {
  CHECK(fitted(kUnicode, "abcdef", 4) == "abc…");
  CHECK(fitted({}, "abcdef", 4) == "abc~");
  CHECK(fitted(kUnicode, "äöü", 3) == "äöü");
  CHECK(fitted(kUnicode, "声の録音", 8) == "声の録音");
  CHECK(fitted(kUnicode, "声の録音", 7) == "声の録…");
  CHECK(fitted(kUnicode, "声の録音", 6) == "声の…");
  CHECK(fitted(kUnicode, "e\xcc\x81tude", 3) == "e\xcc\x81t…");
  CHECK(fitted({.colour = true, .unicode = true}, "\x1b[1mabcdef\x1b[0m", 3) == "\x1b[1mab…\x1b[0m");
}

TEST_CASE("a path keeps its beginning and its end") {
  CHECK(fitted_inside(kUnicode, "Lead Synth/Filter/Cutoff", 24) == "Lead Synth/Filter/Cutoff");
  CHECK(fitted_inside(kUnicode, "Lead Synth/Filter/Cutoff", 14) == "Lead Sy…Cutoff");
  for (std::size_t width = 4; width < 20; ++width) CHECK(columns(fitted_inside(kUnicode, "声の録音/フィルター/Cutoff", width)) <= width);
}

TEST_CASE("padded text is as wide as asked for, whatever is in it") {
  for (const char* text : {"", "Voice", "声の録音", "🎹", "A track with a long name"}) CHECK(columns(padded(kUnicode, text, 9)) == 9);
}

TEST_CASE("what a name may not do to a terminal is taken out of it") {
  CHECK(terminal_text("Voice \x1b[2J\n\x07") == "Voice ?[2J??");
  CHECK(terminal_text("\xc2\x9b"
                      "2J \xe2\x80\xae"
                      "abc") == "?2J ?abc");  // the short form of ESC [, and a change of direction
  CHECK(terminal_text("no UTF-8: \xff") == "no UTF-8: ?");
  CHECK(terminal_text("声 é 🎹") == "声 é 🎹");
  CHECK(terminal_lines("Voice \x1b[2J\n\x07") == "Voice ?[2J\n?");
}
