// aura-cli: the scriptable user interface of a Loophole session.
#include <cstdio>

#include "app/command.hpp"
#include "app/embed.hpp"
#include "app/exit_code.hpp"
#include "commands/commands.hpp"
#include "demo/demo.hpp"

int main(int argc, char** argv) {
  using namespace loophole::cli;
  CLI::App app("aura-cli: the scriptable user interface of a Loophole session", "aura-cli");
  Options options;
  Actions actions;
  app.set_version_flag("--version", std::string("aura-cli ") + LOOPHOLE_VERSION);
  CLI::Option* session =
      app.add_option("-s,--session", options.session, "Name of the session")->envname("LOOPHOLE_SESSION")->capture_default_str();
  CLI::Option* endpoint =
      app.add_option("--connect", options.endpoint,
                     "Endpoint of the Pulse, where its session is not to be looked up: ipc://PATH or tcp://127.0.0.1:PORT")
          ->type_name("ENDPOINT");
  Embedding embedding(app, session, endpoint);
  app.add_flag("--json", options.json, "Print one JSON object: the reply as it is in the schema, or the error");
  app.add_option("--timeout", options.timeout_s, "Seconds to wait for the session, and for each answer")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  app.fallthrough();  // global options may stand behind the command
  app.require_subcommand(1);
  app.footer(kExitCodeHelp);

  add_session_commands(app, actions);
  add_project_commands(app, actions);
  add_track_commands(app, actions);
  add_clip_commands(app, actions);
  add_node_commands(app, actions);
  add_routing_commands(app, actions);
  add_automation_commands(app, actions);
  add_parameter_commands(app, actions);
  add_transport_commands(app, actions);
  add_history_commands(app, actions);
  add_meters_command(app, actions);
  add_demo_command(app, actions);

  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    const std::vector<std::string> unknown = app.remaining(true);
    if (unknown.empty()) return app.exit(error) == 0 ? kSuccess : kUsage;
    std::fprintf(stderr, "aura-cli: there is no command '%s'; aura-cli --help lists them\n", unknown.front().c_str());
    return kUsage;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kSuccess : kUsage;
  }
  if (app.got_subcommand("demo") && (embedding.wanted() || endpoint->count() > 0)) {
    std::fputs("aura-cli: the demo starts a Pulse of its own; leave --embed-pulse and --connect out\n", stderr);
    return kUsage;
  }
  if (auto begun = embedding.begin(options); !begun) return report(options, begun.error());
  const auto done = actions.chosen()(options);
  return done ? *done : report(options, done.error());
}
