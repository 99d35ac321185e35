#pragma once
// What a Pulse is started with, and the command line that says it.

#include <filesystem>
#include <optional>
#include <string>

namespace loophole::pulse {

struct Options {
  std::string session = "default";              // empty: published nowhere, for a Pulse inside another program
  std::string listen;                           // endpoint for Auras; empty: a socket in the session's folder
  std::optional<std::filesystem::path> signal;  // the program of the engine; beside this program when left out
  bool no_engine = false;
  std::string record;   // passed to the engine; empty: not
  std::string driver;   // passed to the engine; empty: not
  std::string project;  // opened or made at the start; empty: none
  std::string log_level = "info";
};

// What the command line asks for: to run with options, or to end with a code (help, version, a mistake; the text is printed).
struct CommandLine {
  std::optional<int> exit_code;
  Options options;
};
[[nodiscard]] CommandLine read_command_line(int argc, char** argv);

}  // namespace loophole::pulse
