#include "loophole/aura/project_port.hpp"

#include <doctest/doctest.h>

using namespace loophole;
using aura::ProjectCommand;

// Checked when this file is compiled: what the topology does not allow from Aura to Pulse is no ProjectCommand.
static_assert(ProjectCommand<track::Add>);
static_assert(ProjectCommand<history::List>);
static_assert(ProjectCommand<session::Counters>);  // allowed on both edges
static_assert(!ProjectCommand<graph::Replace>);    // Pulse to Signal: Aura never sends an engine command
static_assert(!ProjectCommand<engine::Configure>);
static_assert(!ProjectCommand<stream::Open>);
static_assert(!ProjectCommand<project::Changed>);  // an event
static_assert(!ProjectCommand<project::Project>);  // no message

TEST_CASE("the commands of the topology's edge from Aura to Pulse are those that the port takes") {
  CHECK(wire::MessageOf<track::Add>::desc().allows(Role::aura, Role::pulse));
  CHECK_FALSE(wire::MessageOf<graph::Replace>::desc().allows(Role::aura, Role::pulse));
}
