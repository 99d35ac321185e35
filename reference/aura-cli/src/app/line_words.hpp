#pragma once
// The words of a line as a shell has them: spaces between, '…' and "…" around what belongs together, \ before what is meant literally, and
// # where a word begins for the rest being a comment.

#include <string>
#include <string_view>
#include <vector>

namespace loophole::cli {

struct LineWords {
  std::vector<std::string> words;
  bool inside = false;  // the line ends inside of its last word, not behind it
  char quote = 0;       // which quotes are still open: ' or "
};

// [any-thread]
[[nodiscard]] LineWords split_line(std::string_view line);
// [any-thread] A word as it has to be written in a line.
[[nodiscard]] std::string as_word(std::string_view word);

}  // namespace loophole::cli
