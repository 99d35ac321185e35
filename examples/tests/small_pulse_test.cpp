// The small Pulse of the guide, with a real engine and a real user interface.
#include <doctest/doctest.h>

#include <cstdlib>

#include "loophole/aura.hpp"
#include "loophole/transport/endpoint.hpp"
#include "support/running_program.hpp"
#include "support/scratch_folder.hpp"

using namespace loophole;
using namespace loophole::pulse::test;

namespace {

std::string program(const char* variable) {
  const char* path = std::getenv(variable);
  REQUIRE(path != nullptr);
  return path;
}

}  // namespace

TEST_CASE("the Pulse of the guide serves a project, and its engine follows with equal digests") {
  const RuntimeFolder folder;
  const auto at = [&](const char* name) { return net::ipc_endpoint(folder / name); };
  Running signal(program("LOOPHOLE_SIGNAL"),
                 {"--control", at("control"), "--stream", at("stream"), "--telemetry", at("telemetry"), "--driver", "paced"});
  signal.wait_for("waiting for a Pulse");
  Running pulse(program("LOOPHOLE_SMALL_PULSE"), {"guide", at("control")});
  pulse.wait_for("session 'guide' is served");
  pulse.wait_for("engine runs revision 0, digests equal");

  aura::Client client = aura::Client::connect({.session = "guide", .client_id = "test", .deadline = std::chrono::seconds(30)}).value();
  aura::Client other = aura::Client::connect({.session = "guide", .client_id = "other", .deadline = std::chrono::seconds(30)}).value();
  const auto added = client.call(track::Add{.name = "Voice", .index = {}}).value();
  CHECK(added.revision == 1);
  pulse.wait_for("engine runs revision 1, digests equal");
  const ParameterId gain = client.mirror().state()->track(added.track_id)->channel.gain.id;
  CHECK(client.call(parameter::Set{.parameter_id = gain, .value = -6}).value().revision == 2);
  pulse.wait_for("engine runs revision 2, digests equal");
  CHECK(is(client.call(parameter::Set{.parameter_id = gain, .value = 99}).error(), errors::kParameterOutOfRange));
  REQUIRE(other.poll_until([&] { return other.revision() == 2; }, std::chrono::seconds(30)));
  CHECK(*other.project() == *client.project());
  // What it does not serve it says by name.
  CHECK(is(client.call(history::Undo{}).error(), errors::kEnvelopeUnknownName));
}
