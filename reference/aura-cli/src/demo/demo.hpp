#pragma once
// aura-cli demo: the whole system in one story, played with three real processes and checked at every step.

#include "app/command.hpp"

namespace loophole::cli {

void add_demo_command(CLI::App& app, Actions& actions);

}  // namespace loophole::cli
