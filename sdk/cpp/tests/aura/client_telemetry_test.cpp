#include <doctest/doctest.h>

#include <array>

#include "fake_pulse.hpp"
#include "loophole/frames/meters.hpp"
#include "loophole/frames/transport_position.hpp"
#include "loophole/wire/topic.hpp"

using namespace loophole;
using namespace std::chrono_literals;
using aura::Telemetry;
using test::FakePulseScript;
using test::kWatchdog;

namespace {

// The engine's end of the telemetry plane.
struct Engine {
  Engine(net::Context& context, const std::string& endpoint, std::uint64_t own_epoch)
      : publisher(net::TelemetryPublisher::bind(context, endpoint).value()), epoch(own_epoch) {}

  void publish(float peak) {
    publisher->read_subscriptions();
    ++sequence;
    const std::array readings{frames::MeterReading{.handle = 4, .peak = peak, .rms = peak / 2}};
    if (publisher->subscriptions().contains(wire::topic::kMeters))
      publisher->send(wire::topic::kMeters, frames::make_meters({.epoch = epoch, .sequence = sequence}, readings));
    if (publisher->subscriptions().contains(wire::topic::kTransport))
      publisher->send(wire::topic::kTransport,
                      frames::make_transport_position({.epoch = epoch, .sequence = sequence, .sample_rate_hz = 48000, .playing = true}));
  }

  std::unique_ptr<net::TelemetryPublisher> publisher;
  std::uint64_t epoch;
  std::uint64_t sequence = 0;
};

session::EngineLink link_of(std::int64_t epoch, const std::string& telemetry) {
  return {.epoch = epoch, .stream_endpoint = "inproc://none", .telemetry_endpoint = telemetry};
}

}  // namespace

TEST_CASE("telemetry follows the engine from epoch to epoch") {
  auto script = std::make_shared<FakePulseScript>();
  net::Context* context = nullptr;
  aura::Client client = test::connect(script, &context);
  Engine engine(*context, "inproc://telemetry-1", 17);
  Telemetry& telemetry = client.telemetry();
  int calls = 0;
  telemetry.on_meters([&](const aura::MetersView& view) {
    ++calls;
    CHECK(view.levels.size() == 1);
  });
  script->send(engine::Changed{
      .state = engine::EngineState::running, .reason = "started", .restarts = 0, .link = link_of(17, "inproc://telemetry-1")});
  REQUIRE(client.poll_until([&] { return client.engine_link().has_value(); }, kWatchdog));

  const auto ticking = client.every(2ms, [&] { engine.publish(0.5F); });
  REQUIRE(client.poll_until([&] { return calls >= 3; }, kWatchdog));
  CHECK(telemetry.meters().epoch == 17);
  CHECK(telemetry.meters().find(4, 0)->peak == 0.5F);
  CHECK_FALSE(telemetry.transport().has_value());  // nobody asked for it
  CHECK(telemetry.counters().transport_frames == 0);
  client.cancel(ticking);

  Engine next(*context, "inproc://telemetry-2", 18);
  script->send(engine::Changed{.state = engine::EngineState::lost, .reason = "killed", .restarts = 0, .link = {}});
  REQUIRE(client.poll_until([&] { return !client.engine_link().has_value(); }, kWatchdog));
  CHECK(telemetry.meters().epoch == 0);
  telemetry.subscribe(Telemetry::Topic::transport);
  script->send(engine::Changed{
      .state = engine::EngineState::running, .reason = "restarted", .restarts = 1, .link = link_of(18, "inproc://telemetry-2")});
  client.every(2ms, [&] {
    engine.publish(0.5F);  // nobody listens to the old engine any more
    next.publish(0.25F);
  });
  const int before = calls;
  REQUIRE(client.poll_until([&] { return calls >= before + 3 && telemetry.transport().has_value(); }, kWatchdog));
  CHECK(telemetry.meters().epoch == 18);
  CHECK(telemetry.meters().find(4, 0)->peak == 0.25F);
  CHECK(telemetry.transport()->playing);
  CHECK(telemetry.counters().gaps == 0);
  CHECK(telemetry.counters().malformed == 0);
}

TEST_CASE("frames of another epoch on the endpoint of the engine are dropped and counted") {
  auto script = std::make_shared<FakePulseScript>();
  net::Context* context = nullptr;
  aura::Client client = test::connect(script, &context);
  Engine old(*context, "inproc://telemetry-3", 16);
  script->send(engine::Changed{
      .state = engine::EngineState::running, .reason = "started", .restarts = 0, .link = link_of(17, "inproc://telemetry-3")});
  client.telemetry().subscribe(Telemetry::Topic::meters);
  client.every(2ms, [&] { old.publish(0.5F); });
  REQUIRE(client.poll_until([&] { return client.telemetry().counters().stale_epoch >= 2; }, kWatchdog));
  CHECK(client.telemetry().counters().meters_frames == 0);
  CHECK(client.telemetry().meters().levels.empty());
}
