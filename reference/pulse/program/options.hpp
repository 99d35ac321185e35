#pragma once
// What loophole-pulse is asked to do. Settings come from, the later ones winning: defaults, the configuration file, the environment, the
// command line.
//
//   --driver paced     driver = "paced" in pulse.toml     LOOPHOLE_PULSE_DRIVER=paced

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace loophole::pulse {

struct Options {
  std::string session = "default";  // empty: published nowhere, for a Pulse inside another program
  std::string listen;               // endpoint for Auras; empty: a socket in the session's folder
  std::string project;              // opened or made at the start; empty: none
  std::string signal;               // the program of the engine; empty: the one beside this program
  std::string attach;               // control endpoint of an engine that runs already; empty: one is started
  bool no_engine = false;           // then the settings of the engine say nothing
  std::string record;               // passed to the engine; empty: not
  std::string driver;               // passed to the engine; empty: not
  std::string log_level = "info";
  std::string log_format = "text";
};

// A setting in effect, and where it came from.
struct Setting {
  std::string name;    // as in the file: "log-level"
  std::string value;   // as in the file: "\"info\""
  std::string source;  // "default", the path of the file, the name of the variable, "command line"
};

enum class Task { serve, inspect, status, print_config };

// What the command line asks for, or the code to end with (help, version, a mistake; the text is printed).
struct CommandLine {
  std::optional<int> exit_code;
  Task task = Task::serve;
  Options options;
  std::vector<Setting> settings;
  std::filesystem::path file;  // to inspect
  bool json = false;           // of inspect and status
};
[[nodiscard]] CommandLine read_command_line(int argc, char** argv);

}  // namespace loophole::pulse
