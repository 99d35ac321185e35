#pragma once
// The subcommands of aura-cli, by domain. Each adds itself to the command line and binds what it does.

#include "app/command.hpp"

namespace loophole::cli {

void add_session_commands(CLI::App& app, Actions& actions);    // status, engine, counters
void add_project_commands(CLI::App& app, Actions& actions);    // project …
void add_track_commands(CLI::App& app, Actions& actions);      // track …, clip …, node …
void add_parameter_commands(CLI::App& app, Actions& actions);  // parameter …, gesture
void add_transport_commands(CLI::App& app, Actions& actions);  // transport …
void add_history_commands(CLI::App& app, Actions& actions);    // history …
void add_meters_command(CLI::App& app, Actions& actions);      // meters

// A subcommand group that needs one of its own subcommands.
CLI::App* add_group(CLI::App& app, const std::string& name, const std::string& about);

}  // namespace loophole::cli
