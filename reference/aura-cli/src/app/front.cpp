#include "app/front.hpp"

#include <cstdio>
#include <utility>

#include "app/argument_names.hpp"
#include "app/exit_code.hpp"
#include "commands/commands.hpp"
#include "demo/demo.hpp"

namespace loophole::cli {

Front::Front(Place place, Options options)
    : place_(place), app_("aura-cli: the scriptable user interface of a Loophole session", "aura-cli"), options_(std::move(options)) {
  if (place == Place::program) add_session_options();
  app_.add_flag("--json", options_.json, "Print one JSON object: the reply as it is in the schema, or the error");
  app_.add_option("--timeout", options_.timeout_s, "Seconds to wait for the session, and for each answer")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  app_.fallthrough();  // global options may stand behind the command
  app_.require_subcommand(1);
  app_.footer(kExitCodeHelp);
  app_.failure_message([](const CLI::App* app, const CLI::Error& error) {
    std::string words = "aura-cli";
    for (auto at = app->get_subcommands(); !at.empty(); at = at.front()->get_subcommands()) words += " " + at.front()->get_name();
    return std::string("aura-cli: ") + error.what() + "; `" + words + " --help` has what belongs here\n";
  });
  add_commands();
}

void Front::add_session_options() {
  app_.set_version_flag("--version", std::string("aura-cli ") + LOOPHOLE_VERSION);
  CLI::Option* session = app_.add_option("-s,--session", options_.session, "Name of the session")
                             ->envname("LOOPHOLE_SESSION")
                             ->capture_default_str()
                             ->type_name("SESSION");
  endpoint_ = app_.add_option("--connect", options_.endpoint,
                              "Endpoint of the Pulse, where its session is not to be looked up: ipc://PATH or tcp://127.0.0.1:PORT")
                  ->type_name("ENDPOINT");
  embedding_.emplace(app_, session, endpoint_);
}

void Front::add_commands() {
  add_session_commands(app_, actions_);
  add_engine_commands(app_, actions_);
  add_plugin_commands(app_, actions_);
  add_project_commands(app_, actions_);
  add_track_commands(app_, actions_);
  add_clip_commands(app_, actions_);
  add_node_commands(app_, actions_);
  add_routing_commands(app_, actions_);
  add_automation_commands(app_, actions_);
  add_parameter_commands(app_, actions_);
  add_gesture_command(app_, actions_);
  add_transport_commands(app_, actions_);
  add_history_commands(app_, actions_);
  add_call_command(app_, actions_);
  add_describe_command(app_, actions_);
  add_watch_command(app_, actions_);
  add_attend_command(app_, actions_);
  add_meters_command(app_, actions_);
  add_spectrum_command(app_, actions_);
  if (place_ != Place::program) return;
  add_run_command(app_, actions_);
  add_shell_command(app_, actions_);
  add_completion_commands(app_, actions_);
  add_up_and_down_commands(app_, actions_);
  add_demo_command(app_, actions_);
}

std::optional<int> Front::read(const std::vector<std::string>& words) {
  std::vector<std::string> backwards(words.rbegin(), words.rend());
  try {
    app_.parse(backwards);
  } catch (const CLI::RequiredError& error) {
    const std::vector<std::string> unknown = app_.remaining(true);
    if (unknown.empty()) return app_.exit(error) == 0 ? kSuccess : kUsage;
    std::fprintf(stderr, "aura-cli: there is no command '%s'; aura-cli --help lists them\n", unknown.front().c_str());
    return kUsage;
  } catch (const CLI::ParseError& error) {
    return app_.exit(error) == 0 ? kSuccess : kUsage;
  }
  for (const char* own : {"demo", "up", "down"}) {  // these have a Pulse of their own, or are about another one
    if (place_ != Place::program || !app_.got_subcommand(own) || (!embedding_->wanted() && endpoint_->count() == 0)) continue;
    std::fprintf(stderr, "aura-cli: --embed-pulse and --connect say nothing to '%s'; leave them out\n", own);
    return kUsage;
  }
  return {};
}

Result<int> Front::act() {
  if (embedding_) {
    if (auto begun = embedding_->begin(options_); !begun) return std::move(begun).error();
  }
  auto done = actions_.chosen()(options_);
  if (!done && !options_.json && done.error().pointer) {  // for people: what they typed, not where that was in the message
    const CLI::App* command = &app_;
    while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
    Error error = std::move(done).error();
    if (auto argument = argument_of(*command, *error.pointer)) error.pointer = std::move(argument);
    return error;
  }
  return done;
}

}  // namespace loophole::cli
