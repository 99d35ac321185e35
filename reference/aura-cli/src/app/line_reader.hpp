#pragma once
// LineReader: lines from the keyboard with editing, history and completion; plain lines from anything else, with a prompt on a dumb
// terminal. At most one at a time.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "app/completion.hpp"

namespace loophole::cli {

class LineReader {
 public:
  using Completer = std::function<Completions(std::string_view line)>;  // of the line up to the cursor

  // `history` is read now and written after each line; empty: none is kept.
  LineReader(std::filesystem::path history, Completer complete);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  // [owner-thread] The next line; nothing at the end of the input. A line that was given up with Ctrl-C is empty.
  [[nodiscard]] std::optional<std::string> read(const std::string& prompt);

 private:
  [[nodiscard]] std::optional<std::string> read_plain(const std::string& prompt) const;

  std::filesystem::path history_;
  bool editing_;   // a terminal that understands cursor movement
  bool terminal_;  // somebody types
};

// [any-thread] $XDG_STATE_HOME/loophole/aura-cli-history, its folder made; empty where there is no home.
[[nodiscard]] std::filesystem::path history_file();

}  // namespace loophole::cli
