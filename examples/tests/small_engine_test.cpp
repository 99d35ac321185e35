// The small engine of the guide, with a real Pulse and a real user interface.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>

#include "loophole/aura.hpp"
#include "loophole/transport/endpoint.hpp"
#include "support/running_program.hpp"
#include "support/scratch_folder.hpp"

using namespace loophole;
using namespace loophole::pulse::test;

namespace {

constexpr std::chrono::seconds kPatience{30};

std::string program(const char* variable) {
  const char* path = std::getenv(variable);
  REQUIRE(path != nullptr);
  return path;
}

}  // namespace

TEST_CASE("the engine of the guide plays a tone that a user added, follows a gesture, and shows its level") {
  const RuntimeFolder folder;
  const auto at = [&](const char* name) { return net::ipc_endpoint(folder / name); };
  Running engine(program("LOOPHOLE_SMALL_ENGINE"), {"--control", at("control"), "--stream", at("stream"), "--telemetry", at("telemetry")});
  Running pulse(program("LOOPHOLE_PULSE"),
                {"--session", "guide", "--project", (folder / "song.loophole").string(), "--attach", at("control")});
  aura::Client client = aura::Client::connect({.session = "guide", .client_id = "test", .deadline = kPatience}).value();
  REQUIRE(client.poll_until([&] { return client.project() != nullptr; }, kPatience));

  const auto track = client.call(track::Add{.name = "Tone", .index = {}}).value();
  const channel::Channel& channel = client.mirror().state()->track(track.track_id)->channel;
  const auto node = client.call(node::Add{.channel_id = channel.id, .kind = node::NodeKind::test_tone}).value();
  const auto parameter = [&](std::string_view key) {
    const auto& parameters = client.mirror().state()->node(node.node_id)->parameters;
    return std::ranges::find(parameters, key, &parameter::Parameter::key)->id;
  };
  (void)client.call(parameter::Set{.parameter_id = parameter("level"), .value = -6}).value();
  (void)client.call(transport::Play{}).value();

  const auto meter = client.mirror().state()->track(track.track_id)->channel.meter_handle;
  client.telemetry().subscribe(aura::Telemetry::Topic::meters);
  const auto shows = [&](double db) {
    return client.poll_until(
        [&] {
          for (const auto& reading : client.telemetry().meters().levels)
            if (reading.handle == meter && std::abs(20 * std::log10(static_cast<double>(reading.peak)) - db) < 0.1) return true;
          return false;
        },
        kPatience);
  };
  CHECK(shows(-6));
  auto gesture = client.begin_gesture({parameter("level")}).value();
  gesture.set(-20);
  CHECK(shows(-20));
  CHECK(gesture.finish());
  CHECK(shows(-20));
  const auto status = client.call(engine::Status{}).value();
  CHECK(status.engine_digest == status.model_digest);
}
