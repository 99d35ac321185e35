#pragma once
// The log of a program: what spdlog is told goes to standard error, in one of two forms.
//
//   text    12:03:00.250 loophole-pulse info: session 'default' is served at ipc:///…
//   json    {"ts":"2026-01-31T12:03:00.250Z","level":"info","process":"loophole-pulse","event":"session 'default' …","fields":{"pid":4242}}
//
// A line is one JSON object; `fields` are what the program said about itself at the start, and its process id.

#include <string>
#include <utility>
#include <vector>

namespace loophole::program_log {

struct Options {
  std::string process;          // name of the program
  std::string level = "info";   // one of levels(); what is less important is not said
  std::string format = "text";  // one of formats()
  std::vector<std::pair<std::string, std::string>> fields{};
};

// From the least important to none.
[[nodiscard]] const std::vector<std::string>& levels();
[[nodiscard]] const std::vector<std::string>& formats();

// [owner-thread] From now on; before any thread is started. Messages of all threads are written one after another.
void start(const Options& options);

}  // namespace loophole::program_log
