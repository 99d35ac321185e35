#include "app/line_reader.hpp"

#include <editline/readline.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <utility>

#include "app/interrupt.hpp"

namespace loophole::cli {
namespace {

constexpr int kHistoryLines = 1000;

// libedit calls plain functions.
LineReader::Completer completer;
std::vector<std::string> matches;

char* next_match(const char*, int state) {
  const auto index = static_cast<std::size_t>(state);
  return index < matches.size() ? ::strdup(matches[index].c_str()) : nullptr;
}

// libedit replaces what is behind the last space. A word with spaces is put into quotes, or goes on in those that are open.
char** complete_word(const char* text, int, int end) {
  ::rl_attempted_completion_over = 1;  // names of files only where they belong
  const std::string line(::rl_line_buffer, static_cast<std::size_t>(end));
  const Completions found = completer(line);
  const LineWords split = split_line(line);
  const std::string typed(text);
  const bool begun = split.quote != 0 && !typed.empty() && (typed.front() == '"' || typed.front() == '\'');
  matches.clear();
  for (const std::string& one : found.candidates) {
    if (split.quote == 0)
      matches.push_back(as_word(one));
    else if (begun)
      matches.push_back(split.quote + one + split.quote);
    else  // the quotes were opened in a word before this one
      matches.push_back(one.substr(std::min(one.size(), found.word.size() - std::min(found.word.size(), typed.size()))) + split.quote);
  }
  if (matches.empty() && found.files) ::rl_attempted_completion_over = 0;
  if (matches.size() == 1) ::rl_completion_append_character = ' ';
  return matches.empty() ? nullptr : ::rl_completion_matches(text, next_match);
}

bool cursor_moves() {
  const char* kind = std::getenv("TERM");
  return kind != nullptr && *kind != '\0' && std::strcmp(kind, "dumb") != 0;
}

}  // namespace

LineReader::LineReader(std::filesystem::path history, Completer complete)
    : history_(std::move(history)), terminal_(isatty(STDIN_FILENO) == 1) {
  editing_ = terminal_ && isatty(STDOUT_FILENO) == 1 && cursor_moves();
  if (!editing_) return;
  completer = std::move(complete);
  static char name[] = "aura-cli";
  static char breaks[] = " \t";
  ::rl_readline_name = name;
  ::rl_initialize();
  ::rl_basic_word_break_characters = breaks;
  ::rl_completer_word_break_characters = breaks;
  ::rl_attempted_completion_function = complete_word;
  ::using_history();
  ::stifle_history(kHistoryLines);
  if (!history_.empty()) ::read_history(history_.c_str());
}

LineReader::~LineReader() {
  completer = nullptr;
}

std::optional<std::string> LineReader::read_plain(const std::string& prompt) const {
  if (terminal_) std::fputs(prompt.c_str(), stdout);
  std::fflush(stdout);
  std::string line;
  if (std::getline(std::cin, line)) return line;
  if (!interrupted()) return {};
  std::cin.clear();
  std::clearerr(stdin);
  return std::string();
}

std::optional<std::string> LineReader::read(const std::string& prompt) {
  if (!editing_) return read_plain(prompt);
  const std::unique_ptr<char, decltype(&std::free)> typed(::readline(prompt.c_str()), &std::free);
  if (!typed) {
    if (!interrupted()) return {};
    std::puts("^C");  // libedit leaves the cursor in the line
    return std::string();
  }
  std::string line(typed.get());
  const HIST_ENTRY* last = ::history_length > 0 ? ::history_get(::history_base + ::history_length - 1) : nullptr;
  if (!line.empty() && (last == nullptr || line != last->line)) {
    ::add_history(line.c_str());
    if (!history_.empty()) ::write_history(history_.c_str());
  }
  return line;
}

std::filesystem::path history_file() {
  std::filesystem::path folder;
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/')
    folder = state;
  else if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    folder = std::filesystem::path(home) / ".local" / "state";
  else
    return {};
  folder /= "loophole";
  std::error_code fault;
  std::filesystem::create_directories(folder, fault);
  return fault ? std::filesystem::path() : folder / "aura-cli-history";
}

}  // namespace loophole::cli
