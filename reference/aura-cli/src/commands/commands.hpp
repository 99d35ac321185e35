#pragma once
// The subcommands of aura-cli, by domain. Each adds itself to the command line and binds what it does.

#include <nlohmann/json.hpp>
#include <string>

#include "app/errand.hpp"
#include "view/table.hpp"

namespace loophole::cli {

void add_session_commands(CLI::App& app, Actions& actions);      // status, counters, capabilities
void add_engine_commands(CLI::App& app, Actions& actions);       // engine …, device …
void add_plugin_commands(CLI::App& app, Actions& actions);       // plugin …
void add_project_commands(CLI::App& app, Actions& actions);      // project …
void add_track_commands(CLI::App& app, Actions& actions);        // track …
void add_clip_commands(CLI::App& app, Actions& actions);         // clip …
void add_node_commands(CLI::App& app, Actions& actions);         // node …
void add_routing_commands(CLI::App& app, Actions& actions);      // bus …, send …, output
void add_automation_commands(CLI::App& app, Actions& actions);   // automation …
void add_parameter_commands(CLI::App& app, Actions& actions);    // parameter …
void add_gesture_command(CLI::App& app, Actions& actions);       // gesture
void add_transport_commands(CLI::App& app, Actions& actions);    // transport …
void add_history_commands(CLI::App& app, Actions& actions);      // history …
void add_call_command(CLI::App& app, Actions& actions);          // call
void add_describe_command(CLI::App& app, Actions& actions);      // describe
void add_watch_command(CLI::App& app, Actions& actions);         // watch
void add_attend_command(CLI::App& app, Actions& actions);        // attend
void add_meters_command(CLI::App& app, Actions& actions);        // meters
void add_spectrum_command(CLI::App& app, Actions& actions);      // spectrum
void add_run_command(CLI::App& app, Actions& actions);           // run
void add_shell_command(CLI::App& app, Actions& actions);         // shell
void add_completion_commands(CLI::App& app, Actions& actions);   // completion, complete
void add_up_and_down_commands(CLI::App& app, Actions& actions);  // up, down

// A subcommand group that needs one of its own subcommands.
CLI::App* add_group(CLI::App& app, const std::string& name, const std::string& about);

[[nodiscard]] std::string at_revision(Revision revision);
// "440 Hz".
[[nodiscard]] std::string with_unit(double value, const std::string& unit);
// How the engine is, in lines for people.
[[nodiscard]] std::string describe_engine(const engine::StatusReply& status);
// A path as Pulse can take it, which may run in another folder.
[[nodiscard]] std::string absolute_path(const std::string& path);

// Adds --like to a command that lists things.
void add_like_option(CLI::App* command, std::string& pattern);
// What a command lists: with --json {"revision": …, NAME: [each as the schema has it]}.
void print_list(const Options& options, const aura::Client& client, const char* name, nlohmann::ordered_json things, const Table& table,
                const std::string& when_empty);
template <class T>
[[nodiscard]] nlohmann::ordered_json json_of(const T& value) {
  return nlohmann::ordered_json::parse(wire::to_json(value).value());
}

// Binds a command of one message without a payload.
template <class C>
void bind_plain(Actions& actions, CLI::App* command, std::function<std::string(const typename C::Reply&)> describe) {
  actions.bind(command, [describe = std::move(describe)](const Options& options) { return run_errand(options, C{}, describe); });
}

// Binds a command of one message that is made from the open project.
template <class C>
void bind_edit(Actions& actions, CLI::App* command, std::function<Result<C>(const project::Project&)> make,
               std::function<std::string(const typename C::Reply&)> describe) {
  actions.bind(command, [make = std::move(make), describe = std::move(describe)](const Options& options) {
    return run<C>(
        options,
        [&make](const aura::Client& client) -> Result<C> {
          auto project = open_project(client);
          if (!project) return std::move(project).error();
          return make(**project);
        },
        describe);
  });
}

// The same, for messages that are answered with their revision alone; prints `done` with it.
template <class C>
void bind_edit(Actions& actions, CLI::App* command, const std::string& done, std::function<Result<C>(const project::Project&)> make) {
  bind_edit<C>(actions, command, std::move(make), [done](const Edited& reply) { return done + " " + at_revision(reply.revision); });
}

}  // namespace loophole::cli
