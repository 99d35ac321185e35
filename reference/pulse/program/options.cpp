#include "program/options.hpp"

#include <CLI/CLI.hpp>

#include "loophole/transport/endpoint.hpp"

namespace loophole::pulse {

CommandLine read_command_line(int argc, char** argv) {
  CommandLine result;
  Options& options = result.options;
  CLI::App app{
      "Owns a Loophole project and keeps its audio engine running.\n"
      "User interfaces find it by the name of its session; `aura-cli --session NAME status` asks how it is."};
  app.name("loophole-pulse");
  app.set_version_flag("--version", std::string("loophole-pulse ") + LOOPHOLE_VERSION);
  app.add_option("--session", options.session, "Name of the session, 1 to 32 characters of A-Z a-z 0-9 _ -")
      ->capture_default_str()
      ->type_name("NAME");
  app.add_option(
         "--listen", options.listen,
         "Endpoint for user interfaces: ipc://PATH in a private directory, or tcp:// on this machine (127.0.0.1, localhost, [::1]), port 0 "
         "for any free one; session.json says which (default: a socket in the session's folder)")
      ->type_name("ENDPOINT")
      ->check([](const std::string& endpoint) {
        const auto checked = net::check_endpoint(endpoint);
        return checked ? std::string() : checked.error().message;
      });
  app.add_option("--project", options.project, "Project to open at the start; made when there is no such file")->type_name("FILE");
  auto* signal =
      app.add_option("--signal", options.signal, "Program of the engine (default: loophole-signal beside this program)")->type_name("PATH");
  auto* no_engine = app.add_flag("--no-engine", options.no_engine, "Run without an engine: projects can be edited, nothing sounds");
  signal->excludes(no_engine);
  app.add_option("--record", options.record, "The engine writes what it plays to this WAV file")->type_name("FILE")->excludes(no_engine);
  app.add_option("--driver", options.driver, "Audio driver of the engine")
      ->check(CLI::IsMember({"auto", "portaudio", "paced"}))
      ->excludes(no_engine);
  app.add_option("--log-level", options.log_level, "Least important messages to show on standard error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}))
      ->capture_default_str();
  app.footer(
      "Ends in order on Ctrl-C or SIGTERM: closes the project, stops the engine.\n"
      "Exit codes: 0 ended in order, 1 cannot run, 2 wrong command line, 3 the session is served by another process.\n"
      "Environment: LOOPHOLE_RUNTIME_DIR is the folder of the sessions (default: $XDG_RUNTIME_DIR/loophole).");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    result.exit_code = app.exit(stop) == 0 ? 0 : 2;
  }
  return result;
}

}  // namespace loophole::pulse
