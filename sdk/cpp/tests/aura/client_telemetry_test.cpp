#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "fake_pulse.hpp"
#include "loophole/frames/engine_stats.hpp"
#include "loophole/frames/meters.hpp"
#include "loophole/frames/spectrum.hpp"
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

TEST_CASE("spectra and statistics are followed by source and rate; what nobody asks for is not sent") {
  auto script = std::make_shared<FakePulseScript>();
  net::Context* context = nullptr;
  aura::Client client = test::connect(script, &context);
  Telemetry& telemetry = client.telemetry();
  auto publisher = net::TelemetryPublisher::bind(*context, "inproc://telemetry-4").value();
  script->send(engine::Changed{
      .state = engine::EngineState::running, .reason = "started", .restarts = 0, .link = link_of(17, "inproc://telemetry-4")});
  int spectra = 0;
  int stats = 0;
  telemetry.on_spectrum(9, [&](const aura::SpectrumView& view) {
    ++spectra;
    CHECK(view.handle == 9);
    CHECK(view.magnitudes_db.size() == 2);
  });
  CHECK(telemetry.subscribe(Telemetry::Topic::spectrum(10), 15));
  telemetry.on_stats([&](const aura::StatsView& view) {
    ++stats;
    CHECK(view.nodes == 5);
  });
  std::uint64_t sequence = 0;
  const auto wants = [&](std::string_view text) { return publisher->subscriptions().contains(text); };
  client.every(2ms, [&] {
    publisher->read_subscriptions();
    ++sequence;
    for (const std::uint32_t handle : {9U, 10U})
      for (const std::string_view suffix : {"", "@015"}) {
        const std::string text = "spectrum/" + std::to_string(handle) + std::string(suffix);
        if (wants(text))
          publisher->send(text, frames::make_spectrum({.epoch = 17, .sequence = sequence, .handle = handle}, std::array{-1.0F, -2.0F}));
      }
    if (wants("stats")) publisher->send("stats", frames::make_engine_stats({.epoch = 17, .sequence = sequence, .nodes = 5}));
  });
  REQUIRE(client.poll_until([&] { return spectra >= 2 && stats >= 2 && telemetry.spectrum(10).epoch == 17; }, kWatchdog));
  CHECK(wants("spectrum/10@015"));
  CHECK_FALSE(wants("spectrum/10"));
  CHECK(telemetry.spectrum(9).magnitudes_db.size() == 2);
  CHECK(telemetry.stats().nodes == 5);
  CHECK_FALSE(telemetry.subscribe(Telemetry::Topic::stats, 1'000));

  telemetry.on_spectrum(9, {});
  telemetry.unsubscribe(Telemetry::Topic::spectrum(9));
  CHECK(telemetry.spectrum(9).epoch == 0);
  REQUIRE(client.poll_until([&] { return !wants("spectrum/9"); }, kWatchdog));
  CHECK(telemetry.subscribe(Telemetry::Topic::spectrum(10), 60));  // the newer rate holds
  REQUIRE(client.poll_until([&] { return wants("spectrum/10@060") && !wants("spectrum/10@015"); }, kWatchdog));
}

TEST_CASE("the latency that the clock map needs is asked for where nobody told it, and taken from what Pulse tells") {
  auto script = std::make_shared<FakePulseScript>();
  net::Context* context = nullptr;
  script->engine = link_of(17, "inproc://telemetry-5");
  const engine::Effective effective{
      .driver = engine::Driver::paced, .device = {}, .sample_rate_hz = 48'000, .block_frames = 256, .output_latency_frames = 480};
  script->answer<engine::Status>([&](const engine::Status&) -> Result<engine::StatusReply> {
    return engine::StatusReply{.state = engine::EngineState::running, .effective = effective, .latency_frames = 48, .link = script->engine};
  });
  aura::Client client = test::connect(script, &context);
  CHECK(script->received == std::vector<std::string>{"project.snapshot"});  // who has no clock map does not ask
  Engine engine(*context, "inproc://telemetry-5", 17);
  client.telemetry().subscribe(Telemetry::Topic::transport);
  REQUIRE(client.poll_until([&] { return std::ranges::count(script->received, "engine.status") == 1; }, kWatchdog));
  client.every(2ms, [&] { engine.publish(0); });
  // The frames say: frame 0 was begun at 0 ns.
  REQUIRE(client.poll_until([&] { return client.telemetry().heard_at_ns(0) == 10'000'000; }, kWatchdog));
  CHECK_FALSE(client.telemetry().playhead(10'500'000).has_value());  // nothing of the graph's sources yet
  CHECK(client.telemetry().playhead(11'000'000)->position_frames == doctest::Approx(0));
  CHECK(client.telemetry().playhead(12'000'000)->position_frames == doctest::Approx(48));

  engine::Effective other = effective;
  other.output_latency_frames = 960;
  script->send(engine::Changed{.state = engine::EngineState::running,
                               .reason = "another device",
                               .restarts = 0,
                               .effective = other,
                               .latency_frames = 0,
                               .link = script->engine});
  REQUIRE(client.poll_until([&] { return client.telemetry().heard_at_ns(0) == 20'000'000; }, kWatchdog));
  CHECK(std::ranges::count(script->received, "engine.status") == 1);
}

TEST_CASE("what an engine that hangs showed last is not shown as live, and its silence is told once") {
  auto script = std::make_shared<FakePulseScript>();
  net::Context* context = nullptr;
  aura::Client client = test::connect(script, &context);
  Engine engine(*context, "inproc://telemetry-6", 17);
  Telemetry& telemetry = client.telemetry();
  script->send(engine::Changed{
      .state = engine::EngineState::running, .reason = "started", .restarts = 0, .link = link_of(17, "inproc://telemetry-6")});
  telemetry.subscribe(Telemetry::Topic::meters);
  telemetry.subscribe(Telemetry::Topic::transport);
  std::vector<Telemetry::Topic> silent;
  telemetry.on_silent([&](Telemetry::Topic topic) { silent.push_back(topic); });

  const auto play = [&] {
    const auto ticking = client.every(2ms, [&] { engine.publish(0.5F); });
    CHECK(client.poll_until([&] { return telemetry.meters().find(4, 0) != nullptr && telemetry.playhead(0).has_value(); }, kWatchdog));
    client.cancel(ticking);
  };
  play();
  CHECK(silent.empty());
  CHECK(telemetry.age(Telemetry::Topic::meters).has_value());

  REQUIRE(client.poll_until([&] { return silent.size() == 2; }, kWatchdog));  // it stopped, and nobody says that it is gone
  CHECK(client.engine_link().has_value());
  CHECK(telemetry.meters().epoch == 0);
  CHECK(telemetry.meters().find(4, 0) == nullptr);
  CHECK_FALSE(telemetry.transport().has_value());
  CHECK_FALSE(telemetry.playhead(0).has_value());
  const aura::MetersView held = telemetry.meters(1h);  // as old as it is
  REQUIRE(held.find(4, 0) != nullptr);
  CHECK(held.find(4, 0)->peak == 0.5F);
  CHECK(held.age >= telemetry.live_for(Telemetry::Topic::meters));
  CHECK(telemetry.transport(1h)->age >= telemetry.live_for(Telemetry::Topic::transport));

  play();  // it goes on
  CHECK(silent.size() == 2);
  script->send(engine::Changed{.state = engine::EngineState::lost, .reason = "killed", .restarts = 0, .link = {}});
  REQUIRE(client.poll_until([&] { return silent.size() == 4; }, kWatchdog));
  CHECK_FALSE(client.engine_link().has_value());
  CHECK(telemetry.meters(1h).epoch == 0);
}
