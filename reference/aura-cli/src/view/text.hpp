#pragma once
// Text in columns of a terminal: East Asian characters and most emoji take two, combining marks none, escape sequences none.

#include <cstddef>
#include <string>
#include <string_view>

#include "view/terminal.hpp"

namespace loophole::cli {

// [any-thread] A name that is safe to print: control characters, which would move the cursor or worse, and bytes that are no UTF-8 are
// question marks.
[[nodiscard]] std::string terminal_text(std::string_view text);
// [any-thread] The same for a text of several lines, which stay.
[[nodiscard]] std::string terminal_lines(std::string_view text);

// [any-thread] How many columns a text takes.
[[nodiscard]] std::size_t columns(std::string_view text);

// [any-thread] The beginning of a text that fits, with its escape sequences, and an ellipsis when something is missing.
[[nodiscard]] std::string fitted(const TerminalTraits& traits, const std::string& text, std::size_t width);
// [any-thread] Its beginning and its end with an ellipsis between, for paths such as Synth/Filter/Cutoff. Without escape sequences.
[[nodiscard]] std::string fitted_inside(const TerminalTraits& traits, const std::string& text, std::size_t width);
// [any-thread] Fitted, and filled with spaces behind it.
[[nodiscard]] std::string padded(const TerminalTraits& traits, const std::string& text, std::size_t width);

}  // namespace loophole::cli
