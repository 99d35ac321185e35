// A line falls into words as in a shell.
#include "app/line_words.hpp"

#include <doctest/doctest.h>

using namespace loophole::cli;
using Words = std::vector<std::string>;

TEST_CASE("spaces, quotes, backslashes and comments") {
  CHECK(split_line("").words.empty());
  CHECK(split_line("  # nothing").words.empty());
  CHECK(split_line(" track  add\tSynth ").words == Words{"track", "add", "Synth"});
  CHECK(split_line("track add \"Lead Synth\" # a comment").words == Words{"track", "add", "Lead Synth"});
  CHECK(split_line("call track.add '{\"name\":\"#1\"}'").words == Words{"call", "track.add", "{\"name\":\"#1\"}"});
  CHECK(split_line("a\\ b c#d \"\\\"\"").words == Words{"a b", "c#d", "\""});
  CHECK(split_line("''").words == Words{""});
}

TEST_CASE("where a line ends is known") {
  CHECK_FALSE(split_line("track ").inside);
  CHECK(split_line("track").inside);
  CHECK(split_line("track \"Lead S").quote == '"');
  CHECK(split_line("track \"Lead S\"").quote == 0);
}

TEST_CASE("a word that is quoted comes back as it was") {
  for (const std::string word : {"plain", "Lead Synth", "say \"hi\"", "it's", "back\\slash", "#1", ""})
    CHECK(split_line(as_word(word)).words == Words{word});
}
