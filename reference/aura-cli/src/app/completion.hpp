#pragma once
// Completion: what the word under the cursor may become. By the tree of commands, and for names and ids by asking the session.

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/command.hpp"
#include "app/line_words.hpp"

namespace loophole::cli {

struct Completions {
  std::string word;                     // that is under the cursor, as far as it is typed, without quotes
  std::vector<std::string> candidates;  // whole words
  bool files = false;                   // names of files belong here
};

// Names for a place that wants a TRACK, PARAMETER, PLUGIN, …; none where it does not know.
using Asker = std::function<std::vector<std::string>(std::string_view what)>;

// [owner-thread] `line` ends at the cursor and begins with the first word behind the name of the program.
[[nodiscard]] Completions complete(const CLI::App& tree, const LineWords& line, const Asker& ask);

// [any-thread] The names of a thing (TRACK, BUS, CHANNEL, NODE, CLIP, SEND, PARAMETER) in a project, and their ids.
[[nodiscard]] std::vector<std::string> names_in(const project::Project& project, std::string_view what);

// [owner-thread] An Asker that asks a client, and this machine for sessions. The client may be nullptr.
[[nodiscard]] Asker ask_client(aura::Client* client, const Options& options);

}  // namespace loophole::cli
