#include "program/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "loophole/transport/endpoint.hpp"
#include "program/exit_code.hpp"
#include "program_log.hpp"

namespace loophole::pulse {
namespace {

constexpr const char* kFlagPrefix = "--";
const std::vector<std::string> kSettings{"session",   "listen", "project", "signal",    "attach",
                                         "no-engine", "record", "driver",  "log-level", "log-format"};

std::string variable_of(const std::string& setting) {
  std::string name = "LOOPHOLE_PULSE_" + setting;
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c == '-' ? '_' : static_cast<char>(std::toupper(c)); });
  return name;
}

std::string about(const std::string& setting, const std::string& text) {
  return text + " [" + variable_of(setting) + "]";
}

// For CLI11: why this is no endpoint; empty when it is one.
std::string endpoint_fault(const std::string& endpoint) {
  const auto checked = net::check_endpoint(endpoint);
  return checked ? std::string() : checked.error().message;
}

// The options that are settings, each checked in the same way wherever it comes from.
void add_settings(CLI::App& app, Options& options) {
  app.add_option("--session", options.session, about("session", "Name of the session, 1 to 32 characters of A-Z a-z 0-9 _ -"))
      ->capture_default_str()
      ->type_name("NAME");
  app.add_option("--listen", options.listen,
                 about("listen",
                       "Endpoint for user interfaces: ipc://PATH, which takes in processes of the same user only, or tcp:// on this "
                       "machine (127.0.0.1, localhost, "
                       "[::1]), port 0 for any free one; session.json says which (default: a socket in the session's folder)"))
      ->type_name("ENDPOINT")
      ->check(endpoint_fault);
  app.add_option("--project", options.project, about("project", "Project to open at the start; made when there is no such file"))
      ->type_name("FILE");
  app.add_option("--signal", options.signal, about("signal", "Program of the engine (default: loophole-signal beside this program)"))
      ->type_name("PATH");
  app.add_option("--attach", options.attach, about("attach", "Control endpoint of an engine that somebody else runs; it may come and go"))
      ->type_name("ENDPOINT")
      ->check(endpoint_fault);
  app.add_flag("--no-engine", options.no_engine, about("no-engine", "Run without an engine: projects can be edited, nothing sounds"));
  app.add_option("--record", options.record, about("record", "The engine writes what it plays to this WAV file"))->type_name("FILE");
  app.add_option("--driver", options.driver, about("driver", "Audio driver of the engine; offline renders into the file of --record"))
      ->check(CLI::IsMember({"auto", "portaudio", "paced", "offline"}));
  app.add_option("--log-level", options.log_level, about("log-level", "Least important messages to show on standard error"))
      ->check(CLI::IsMember(program_log::levels()))
      ->capture_default_str();
  app.add_option("--log-format", options.log_format, about("log-format", "Form of these messages; json is one object a line"))
      ->check(CLI::IsMember(program_log::formats()))
      ->capture_default_str();
}

// The whole command line, over the settings.
struct Front {
  explicit Front(CommandLine& line)
      : app("Owns a Loophole project and keeps its audio engine running.\n"
            "User interfaces find it by the name of its session; `loophole-pulse status` asks how it is.") {
    app.name("loophole-pulse");
    app.set_version_flag("--version", std::string("loophole-pulse ") + LOOPHOLE_VERSION);
    add_settings(app, line.options);
    app.add_option("--config", config, "Configuration file [LOOPHOLE_PULSE_CONFIG]\n(default: $XDG_CONFIG_HOME/loophole/pulse.toml)")
        ->type_name("FILE");
    app.add_flag("--print-config", print_config, "Print all settings with where they come from, as a configuration file, and end");
    app.require_subcommand(0, 1);
    app.fallthrough();  // settings may stand behind the command
    inspect = app.add_subcommand("inspect", "Print what is in a project file; neither changes nor locks it");
    inspect->add_option("FILE", line.file, "The file")->required();
    status = app.add_subcommand("status", "Ask the Pulse of the session how it is");
    for (CLI::App* command : {inspect, status}) command->add_flag("--json", line.json, "Print one JSON object");
    app.footer(
        "Settings come from the command line, else from the variables in brackets, else from the configuration file,\n"
        "where they have the same names (log-level = \"debug\").\n"
        "Ends in order on Ctrl-C or SIGTERM: closes the project, stops the engine; a second one does not wait for the engine.\n"
        "Exit codes: 0 ended in order, 1 cannot run, 2 wrong usage, 3 the session is served by another process;\n"
        "inspect: 0 printed, 1 cannot be read or is damaged; status: 0 running, 1 does not answer, 3 no such session.\n"
        "Environment: LOOPHOLE_RUNTIME_DIR is the folder of the sessions (default: $XDG_RUNTIME_DIR/loophole).");
  }

  CLI::App app;
  CLI::App* inspect = nullptr;
  CLI::App* status = nullptr;
  std::string config;
  bool print_config = false;
};

class Layers {
 public:
  explicit Layers(Options& options) : options_(options) {
    for (const std::string& name : kSettings) sources_[name] = "default";
  }

  // Throws CLI::ParseError with the source in its message.
  void set(const std::string& name, const std::string& value, const std::string& source) {
    CLI::App app;
    add_settings(app, options_);
    std::vector<std::string> words{kFlagPrefix + name + "=" + value};
    try {
      app.parse(words);
    } catch (const CLI::ParseError& fault) {
      throw CLI::ValidationError(source, fault.what());
    }
    sources_[name] = source;
  }

  void read_file(const std::string& path) {
    for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_file(path)) {
      if (item.name == "++" || item.name == "--")  // begin and end of a section
        throw CLI::ConfigError(path + ": settings are in no sections; take out [" + item.fullname().substr(0, item.fullname().rfind('.')) +
                               "]");
      if (!item.parents.empty() || std::find(kSettings.begin(), kSettings.end(), item.name) == kSettings.end())
        throw CLI::ConfigError(path + ": there is no setting '" + item.fullname() + "'; --help lists them");
      if (item.inputs.size() > 1) throw CLI::ValidationError(path, item.name + " has one value");
      if (item.inputs.empty() || item.inputs.front().empty()) continue;  // as if it were not there
      set(item.name, item.inputs.front(), path);
    }
  }

  void read_environment() {
    for (const std::string& name : kSettings)
      if (const char* value = std::getenv(variable_of(name).c_str()); value != nullptr && *value != '\0')
        set(name, value, variable_of(name));
  }

  void read_command_line(const CLI::App& app) {
    for (const std::string& name : kSettings)
      if (app.count(kFlagPrefix + name) > 0) sources_[name] = "command line";
  }

  // Throws CLI::ParseError for two that cannot both be, wherever they come from.
  void check() const {
    const auto conflict = [&](const char* one, const char* other) {
      throw CLI::ValidationError(std::string(one) + " (" + sources_.at(one) + ") and " + other + " (" + sources_.at(other) +
                                 ") exclude each other; leave one out");
    };
    const std::pair<const char*, bool> of_our_engine[] = {
        {"signal", !options_.signal.empty()}, {"record", !options_.record.empty()}, {"driver", !options_.driver.empty()}};
    for (const auto& [name, given] : of_our_engine) {
      if (given && options_.no_engine) conflict(name, "no-engine");
      if (given && !options_.attach.empty()) conflict(name, "attach");
    }
    if (!options_.attach.empty() && options_.no_engine) conflict("attach", "no-engine");
  }

  [[nodiscard]] std::vector<Setting> settings() const {
    const auto text = [](const std::string& value) {
      const char quote = value.find_first_of("\"\\") == std::string::npos ? '"' : '\'';  // between these nothing is an escape
      return quote + value + quote;
    };
    std::vector<Setting> all{{"session", text(options_.session), {}},     {"listen", text(options_.listen), {}},
                             {"project", text(options_.project), {}},     {"signal", text(options_.signal), {}},
                             {"attach", text(options_.attach), {}},       {"no-engine", options_.no_engine ? "true" : "false", {}},
                             {"record", text(options_.record), {}},       {"driver", text(options_.driver), {}},
                             {"log-level", text(options_.log_level), {}}, {"log-format", text(options_.log_format), {}}};
    for (Setting& setting : all) setting.source = sources_.at(setting.name);
    return all;
  }

 private:
  Options& options_;
  std::map<std::string, std::string> sources_;
};

// The file that there need not be.
std::string default_config() {
  std::filesystem::path folder;
  if (const char* config = std::getenv("XDG_CONFIG_HOME"); config != nullptr && *config == '/')
    folder = config;
  else if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    folder = std::filesystem::path(home) / ".config";
  else
    return {};
  const auto path = folder / "loophole" / "pulse.toml";
  std::error_code unreadable;
  return std::filesystem::exists(path, unreadable) ? path.string() : std::string();
}

std::string config_path(const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  if (const char* variable = std::getenv("LOOPHOLE_PULSE_CONFIG"); variable != nullptr && *variable != '\0') return variable;
  return default_config();
}

}  // namespace

CommandLine read_command_line(int argc, char** argv) {
  CommandLine line;
  // Once for help, mistakes and the path of the file, then again over what file and environment say.
  CommandLine only;
  Front first(only);
  try {
    first.app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    line.exit_code = first.app.exit(stop) == 0 ? 0 : kWrongUsage;
    return line;
  }
  Layers layers(line.options);
  try {
    // A file is read without its session or settings being looked at.
    if (const std::string path = config_path(first.config); !path.empty() && !*first.inspect) layers.read_file(path);
    if (!*first.inspect) layers.read_environment();
  } catch (const CLI::ParseError& fault) {
    std::fprintf(stderr, "loophole-pulse: %s\n", fault.what());
    line.exit_code = kWrongUsage;
    return line;
  }
  Front front(line);
  front.app.parse(argc, argv);
  layers.read_command_line(front.app);
  try {
    layers.check();
  } catch (const CLI::ParseError& fault) {
    std::fprintf(stderr, "loophole-pulse: %s\n", fault.what());
    line.exit_code = kWrongUsage;
    return line;
  }
  line.settings = layers.settings();
  if (*front.inspect)
    line.task = Task::inspect;
  else if (*front.status)
    line.task = Task::status;
  else if (front.print_config)
    line.task = Task::print_config;
  return line;
}

}  // namespace loophole::pulse
