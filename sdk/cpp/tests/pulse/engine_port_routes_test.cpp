// What an EnginePort takes is decided when the program is compiled: the commands that the topology routes from Pulse to Signal.

#include <doctest/doctest.h>

#include "loophole/pulse.hpp"

using namespace loophole;
using pulse::EngineCommand;

static_assert(EngineCommand<engine::Configure> && EngineCommand<graph::Replace> && EngineCommand<graph::Query>);
static_assert(EngineCommand<engine::ParameterSet> && EngineCommand<engine::TransportSet>);
static_assert(EngineCommand<stream::Open> && EngineCommand<stream::Close> && EngineCommand<session::Counters>);
static_assert(!EngineCommand<track::Add> && !EngineCommand<parameter::GestureBegin>, "Aura's commands are for Pulse");
static_assert(!EngineCommand<engine::Status>, "the engine's state is asked of Pulse");
static_assert(!EngineCommand<stream::Expired> && !EngineCommand<project::Changed>, "events are no commands");
static_assert(!EngineCommand<track::Track> && !EngineCommand<int>, "and neither is anything else");

template <class Port>
concept HasUntypedCall = requires(Port& port) {
  &Port::call_payload;
};
static_assert(!HasUntypedCall<pulse::EnginePort>, "an untyped call could carry any command");

TEST_CASE("the rules above are checked by the compiler") {
  CHECK(EngineCommand<graph::Replace>);
}
