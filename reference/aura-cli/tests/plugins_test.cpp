// Plugins from end to end: a user interface, loophole-pulse, and loophole-signal with LV2 plugins in it.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "loophole/core/clock.hpp"
#include "rig.hpp"

using namespace loophole;
using namespace std::chrono_literals;
using test::kWatchdog;
using test::Rig;

namespace {

constexpr const char* kOverdrive = "http://drobilla.net/plugins/mda/Overdrive";

struct PluginRig : Rig {
  explicit PluginRig(const std::string& session) : Rig(session) {
    set_path(true);
    start();
  }
  static void set_path(bool fixtures) {
    const char* bundles = std::getenv("LOOPHOLE_FIXTURES");
    REQUIRE_MESSAGE(bundles != nullptr, "LOOPHOLE_FIXTURES is the folder of the fixture plugins; ctest sets it");
    ::setenv("LV2_PATH", ((fixtures ? std::string(bundles) + ":" : "") + "/usr/local/lib/lv2:/usr/lib/lv2").c_str(), 1);
  }
  void start() {
    start_pulse({"--driver", "paced"});
    client.emplace(connect());
    client->on_change([this](const project::Changed& changed) { labels.push_back(changed.label); });
  }
  void stop() {
    client.reset();
    stop_pulse();
  }

  template <class C>
  typename C::Reply ask_until(const C& command, const std::function<bool(const typename C::Reply&)>& wanted) {
    const auto end = Clock::now() + kWatchdog;
    for (;;) {
      auto reply = client->call(command).value();
      if (wanted(reply)) return reply;
      REQUIRE_MESSAGE(Clock::now() < end, "waited in vain for " << std::string(C::kName));
      bool again = false;
      client->after(20ms, [&again] { again = true; });
      REQUIRE(client->poll_until([&again] { return again; }, kWatchdog));
    }
  }
  void started() {
    ask_until(engine::Status{}, [](const engine::StatusReply& status) { return status.state == engine::EngineState::running; });
  }
  // With the graph that the project has.
  engine::StatusReply running() {
    return ask_until(engine::Status{}, [](const engine::StatusReply& status) {
      return status.state == engine::EngineState::running && status.engine_digest && status.engine_digest == status.model_digest;
    });
  }
  // A new project with a tone into a plugin; the plugin's node.
  NodeId make_song(const std::string& plugin) {
    started();
    REQUIRE(client->call(project::New{.path = file().string(), .name = {}}).has_value());
    const auto track = client->call(track::Add{.name = "Synth", .index = {}}).value();
    channel = track.channel_id;
    REQUIRE(client->call(node::Add{.channel_id = channel, .kind = node::NodeKind::test_tone, .plugin = {}, .name = {}, .index = {}}));
    return client
        ->call(node::Add{.channel_id = channel, .kind = node::NodeKind::plugin, .plugin = PluginId(plugin), .name = {}, .index = {}})
        .value()
        .node_id;
  }
  [[nodiscard]] const node::Node& node(const NodeId& id) { return *client->mirror().state()->node(id); }
  [[nodiscard]] const parameter::Parameter& parameter(const NodeId& id, const std::string& key) {
    const auto& all = node(id).parameters;
    const auto found = std::ranges::find(all, key, &parameter::Parameter::key);
    REQUIRE(found != all.end());
    return *found;
  }
  bool sounds() {
    aura::Telemetry& telemetry = client->telemetry();
    telemetry.subscribe(aura::Telemetry::Topic::meters);
    REQUIRE(client->call(transport::Play{}));
    const Handle meter = client->project()->tracks[0].channel.meter_handle;
    return client->poll_until(
        [&] {
          const auto* level = telemetry.meters().find(meter, 0);
          return level != nullptr && level->peak > 0.01F;
        },
        kWatchdog);
  }
  // The engine dies in the plugin as often as it is started with it, until Pulse leaves the plugin out.
  void check_left_out(const NodeId& id) {
    REQUIRE(client->poll_until([&] { return node(id).status == NodeStatus::crashed; }, kWatchdog));
    CHECK(node(id).bypassed);
    const auto status = running();
    CHECK(status.restarts == 3);
    CHECK(std::ranges::count(labels, "Plugin \"" + node(id).name + "\" crashed") == 1);
    CHECK(sounds());
  }
  [[nodiscard]] std::filesystem::path file() const { return folder() / "song.loophole"; }

  std::optional<aura::Client> client;
  ChannelId channel;
  std::vector<std::string> labels;
};

}  // namespace

TEST_CASE("a real plugin: listed, added with its parameters, moved by a gesture, and the same after opening the project again") {
  PluginRig rig("plugins");
  rig.started();
  const auto list = rig.client->call(plugin::List{}).value().plugins;
  CHECK(std::ranges::find(list, PluginId(kOverdrive), &plugin::PluginBrief::plugin) != list.end());
  CHECK(rig.client->call(plugin::Scan{}).value().found == static_cast<std::int64_t>(list.size()));

  const NodeId id = rig.make_song(kOverdrive);
  CHECK(rig.node(id).status == NodeStatus::ready);
  REQUIRE(rig.node(id).parameters.size() == 3);
  CHECK(rig.node(id).parameters[0].key == "drive");
  rig.running();
  CHECK(rig.sounds());

  const ParameterId drive = rig.parameter(id, "drive").id;
  {
    auto gesture = rig.client->begin_gesture(drive).value();
    for (const double value : {0.2, 0.5, 0.75}) gesture.set(value);
    const auto ended = gesture.finish().value();
    CHECK(ended.stream.samples_lost == 0);
    CHECK(ended.values[0].value == 0.75);
  }
  rig.ask_until(parameter::Get{.parameter_id = drive}, [](const parameter::GetReply& reply) { return reply.engine_value == 0.75; });
  const ParameterId output = rig.parameter(id, "output").id;
  REQUIRE(rig.client->call(parameter::Set{.parameter_id = output, .value = 0.25}));
  rig.ask_until(parameter::Get{.parameter_id = output}, [](const parameter::GetReply& reply) { return reply.engine_value == 0.25; });

  // A state is a step of the history, with the values that came with it.
  const auto state = rig.client->call(plugin::StateGet{.node_id = id}).value().state;
  REQUIRE(rig.client->call(parameter::Set{.parameter_id = drive, .value = 0.1}));
  REQUIRE(rig.client->call(plugin::StateSet{.node_id = id, .state = state}));
  CHECK(rig.parameter(id, "drive").value == doctest::Approx(0.75));
  CHECK(rig.node(id).state == state);
  const double restored = rig.parameter(id, "drive").value;
  REQUIRE(rig.client->call(history::Undo{}));
  CHECK(rig.parameter(id, "drive").value == 0.1);
  CHECK_FALSE(rig.node(id).state.has_value());
  REQUIRE(rig.client->call(history::Redo{}));
  rig.running();

  REQUIRE(rig.client->call(transport::Stop{}));
  REQUIRE(rig.client->call(project::Save{}));
  const auto before = rig.client->call(project::Snapshot{}).value();
  REQUIRE(rig.client->call(project::Close{}));
  rig.stop();
  rig.start();
  rig.started();
  REQUIRE(rig.client->call(project::Open{.path = rig.file().string()}));
  CHECK(rig.client->call(project::Snapshot{}).value() == before);
  rig.running();
  rig.ask_until(parameter::Get{.parameter_id = drive}, [&](const parameter::GetReply& reply) { return reply.engine_value == restored; });
  CHECK(rig.node(id).status == NodeStatus::ready);
  CHECK(rig.sounds());
}

TEST_CASE("a plugin that crashes while it runs takes the engine down twice; the third time it comes back bypassed, and no edit is lost") {
  PluginRig rig("crash");
  const NodeId id = rig.make_song("urn:loophole:fixture:crash");
  rig.running();
  const TrackId track = rig.client->project()->tracks[0].id;
  REQUIRE(rig.client->call(parameter::Set{.parameter_id = rig.parameter(id, "trigger").id, .value = 1}));
  REQUIRE(rig.client->call(track::Rename{.track_id = track, .name = "Named while it died"}));
  rig.check_left_out(id);
  CHECK(rig.client->project()->tracks[0].name == "Named while it died");
  CHECK(rig.parameter(id, "trigger").value == 1);

  // Put right and switched on again, it works.
  REQUIRE(rig.client->call(parameter::Set{.parameter_id = rig.parameter(id, "trigger").id, .value = 0}));
  REQUIRE(rig.client->call(node::SetBypass{.node_id = id, .bypassed = false}));
  rig.running();
  CHECK(rig.node(id).status == NodeStatus::ready);
  CHECK(rig.sounds());
  CHECK(rig.client->call(engine::Status{}).value().restarts == 3);
}

TEST_CASE("a plugin that hangs while it runs is found out too: the engine ends by itself") {
  PluginRig rig("stuck");
  const NodeId id = rig.make_song("urn:loophole:fixture:stuck");
  rig.running();
  REQUIRE(rig.client->call(parameter::Set{.parameter_id = rig.parameter(id, "trigger").id, .value = 1}));
  rig.check_left_out(id);
}

void check_found_at_its_start(const std::string& fixture) {
  PluginRig rig(fixture);
  // Beside one that runs all the time.
  const NodeId other = rig.make_song(kOverdrive);
  const NodeId id = rig.client
                        ->call(node::Add{.channel_id = rig.channel,
                                         .kind = node::NodeKind::plugin,
                                         .plugin = PluginId("urn:loophole:fixture:" + fixture),
                                         .name = {},
                                         .index = {}})
                        .value()
                        .node_id;
  rig.check_left_out(id);
  CHECK(rig.node(other).status == NodeStatus::ready);
  CHECK_FALSE(rig.node(other).bypassed);
}

TEST_CASE("a plugin that crashes at its start, apart from the audio thread, is found out too") {
  check_found_at_its_start("dead");
}

TEST_CASE("so is one whose start ends the process without a signal that could be handled") {
  check_found_at_its_start("killed");
}

TEST_CASE("a plugin that is no longer installed is marked, keeps its state, and the rest of the project sounds") {
  PluginRig rig("missing");
  const NodeId id = rig.make_song("urn:loophole:fixture:memory");
  rig.running();
  const auto state = rig.client->call(plugin::StateGet{.node_id = id}).value().state;
  REQUIRE(rig.client->call(plugin::StateSet{.node_id = id, .state = state}));
  REQUIRE(rig.client->call(project::Save{}));
  rig.stop();
  PluginRig::set_path(false);
  rig.start();
  REQUIRE(rig.client->call(project::Open{.path = rig.file().string()}));
  REQUIRE(rig.client->poll_until([&] { return rig.node(id).status == NodeStatus::missing; }, kWatchdog));
  CHECK(rig.node(id).state == state);
  rig.running();
  CHECK(rig.client->call(plugin::StateGet{.node_id = id}).value().state == state);
  CHECK(rig.sounds());
}

TEST_CASE("the same from the command line") {
  PluginRig rig("pluginWords");
  rig.started();
  const auto done = [](const std::string& words) {
    const auto ran = test::aura_cli(words);
    INFO(words, ": ", ran.out);
    CHECK(ran.exit_code == 0);
    return ran.out;
  };
  const auto has = [](const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; };
  done("project new '" + rig.file().string() + "'");
  CHECK(has(done("plugin scan"), "plugins found"));
  CHECK(has(done("plugin list"), kOverdrive));
  CHECK(has(done(std::string("plugin info ") + kOverdrive), "Muffle"));
  CHECK(test::aura_cli("plugin info urn:nowhere").exit_code == 10);
  done("track add Synth");
  done(std::string("node add Synth --name Drive --plugin ") + kOverdrive);
  CHECK(test::aura_cli("node add Synth").exit_code == 10);
  done("parameter set Synth/Drive/Drive 0.75");
  rig.running();
  const std::string state = (rig.folder() / "state.txt").string();
  done("plugin state get Synth/Drive '" + state + "'");
  done("parameter set Synth/Drive/Drive 0.1");
  done("plugin state set Synth/Drive '" + state + "'");
  const NodeId id = rig.client->project()->tracks.at(0).channel.nodes.at(0).id;
  REQUIRE(rig.client->poll_until([&] { return rig.parameter(id, "drive").value == doctest::Approx(0.75); }, kWatchdog));
  done("node replace Synth/Drive filter");
  CHECK(test::aura_cli("plugin state get Synth/Filter").exit_code == 10);
}
