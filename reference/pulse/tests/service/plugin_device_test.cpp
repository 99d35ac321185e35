// Plugins and devices: what the engine knows reaches the clients, and what it changes reaches the project.

#include <doctest/doctest.h>

#include <algorithm>

#include "support/studio.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

namespace {

plugin::InfoReply reverb() {
  const auto parameter = [](std::string key, double minimum, double maximum, double initial) {
    return plugin::PluginParameter{.key = std::move(key),
                                   .name = "Room",
                                   .kind = parameter::ParameterKind::float_,
                                   .minimum = minimum,
                                   .maximum = maximum,
                                   .initial = initial,
                                   .step = 0,
                                   .unit = "m",
                                   .curve = parameter::Curve::linear,
                                   .labels = {},
                                   .automatable = true,
                                   .hidden = false};
  };
  return {.brief = {.plugin = PluginId("urn:test:reverb"), .format = plugin::Format::lv2, .name = "Reverb", .vendor = "", .category = ""},
          .parameters = {parameter("room", 1, 100, 12), parameter("wet", 0, 1, 0.5)},
          .audio_inputs = 2,
          .audio_outputs = 2,
          .latency_frames = 64};
}

struct Stage : Studio {
  Stage() {
    start_engine([](ScriptedEngine& engine) { engine.reverb = reverb(); });
  }
  static node::Add add(const ChannelId& channel, const char* plugin = "urn:test:reverb") {
    return {.channel_id = channel, .kind = node::NodeKind::plugin, .plugin = PluginId(plugin), .name = {}, .index = 0};
  }
};

}  // namespace

TEST_CASE("a plugin becomes a node with the parameters that the engine told of, and goes into the graph") {
  Stage stage;
  StudioClient user = stage.client();
  (void)stage.make_song(user);
  const auto& channel = stage.hub->project()->tracks[0].channel;
  const auto added = user.call(Stage::add(channel.id)).value();
  const node::Node& node = stage.hub->project()->tracks[0].channel.nodes[0];
  CHECK(node.id == added.node_id);
  CHECK(node.name == "Reverb");
  CHECK(node.plugin == PluginId("urn:test:reverb"));
  REQUIRE(node.parameters.size() == 2);
  CHECK(node.parameters[0].key == "room");
  CHECK(node.parameters[0].value == 12);
  CHECK(node.parameters[0].maximum == 100);
  CHECK(node.parameters[0].unit == "m");
  CHECK(node.parameters[0].handle != node.parameters[1].handle);
  CHECK(user.of<project::Changed>().back().label == "Add Reverb");
  stage.settle();
  const auto& nodes = stage.signal->graph.nodes;
  CHECK(std::any_of(nodes.begin(), nodes.end(), [](const graph::GraphNode& one) { return one.plugin == PluginId("urn:test:reverb"); }));
  CHECK(user.call(history::Undo{}));
  CHECK(user.call(history::Redo{}));
  CHECK(stage.hub->project()->tracks[0].channel.nodes[0].id == added.node_id);
}

TEST_CASE("a plugin that cannot be had: unknown to the engine, no engine, not named") {
  Stage stage;
  StudioClient user = stage.client();
  (void)stage.make_song(user);
  const ChannelId channel = stage.hub->project()->tracks[0].channel.id;
  const Revision before = stage.hub->revision();
  const Error unknown = user.call(Stage::add(channel, "urn:test:other")).error();
  CHECK(is(unknown, errors::kPluginNotFound));
  CHECK(unknown.pointer == "/payload/plugin");
  node::Add nameless = Stage::add(channel);
  nameless.plugin = {};
  const Error missing = user.call(nameless).error();
  CHECK(is(missing, errors::kPayloadInvalid));
  CHECK(missing.pointer == "/payload/plugin");
  stage.hub->engine_state(engine::EngineState::absent, "gone");
  CHECK(is(user.call(Stage::add(channel)).error(), errors::kEngineUnavailable));
  CHECK(stage.hub->revision() == before);
}

TEST_CASE("the state of a plugin is asked of the engine, and set as one step with the values that come with it") {
  Stage stage;
  StudioClient user = stage.client();
  const node::Node filter = stage.make_song(user);
  const NodeId id = user.call(Stage::add(stage.hub->project()->tracks[0].channel.id)).value().node_id;
  CHECK(user.call(plugin::StateGet{.node_id = id}).value().state == PluginState("AAAA"));
  const Handle room = stage.hub->project()->tracks[0].channel.nodes[0].parameters[0].handle;
  stage.settle();
  stage.signal->state_values = {{.handle = room, .value = 77}};
  const Revision revision = user.call(plugin::StateSet{.node_id = id, .state = PluginState("AAEC")}).value().revision;
  const node::Node* node = stage.hub->document()->state().node(id);
  CHECK(node->state == PluginState("AAEC"));
  CHECK(node->parameters[0].value == 77);
  CHECK(revision == stage.hub->revision());
  CHECK(user.of<project::Changed>().back().changes.size() == 2);
  (void)user.call(history::Undo{}).value();
  CHECK(stage.hub->document()->state().node(id)->parameters[0].value == 12);
  CHECK(stage.hub->document()->state().node(id)->state == std::nullopt);

  const Error faulty = user.call(plugin::StateSet{.node_id = id, .state = PluginState("bad0")}).error();
  CHECK(is(faulty, errors::kPluginFaulty));
  const Error none = user.call(plugin::StateGet{.node_id = filter.id}).error();
  CHECK(is(none, errors::kNodeNoPlugin));
  CHECK(none.pointer == "/payload/nodeId");
  CHECK(is(user.call(plugin::StateGet{.node_id = NodeId("nod-x")}).error(), errors::kNodeNotFound));

  // Without an engine the project keeps it for the next one.
  stage.hub->engine_state(engine::EngineState::absent, "gone");
  CHECK(user.call(plugin::StateSet{.node_id = id, .state = PluginState("AAED")}));
  CHECK(stage.hub->document()->state().node(id)->state == PluginState("AAED"));
  CHECK(is(user.call(plugin::StateGet{.node_id = id}).error(), errors::kEngineUnavailable));
}

TEST_CASE("what the engine knows of plugins and devices is passed on, and so is what happens to devices") {
  Stage stage;
  StudioClient user = stage.client();
  CHECK(user.call(plugin::Scan{}).value().found == 1);
  CHECK(user.call(plugin::List{}).value().plugins.size() == 1);
  CHECK(user.call(plugin::Info{.plugin = PluginId("urn:test:reverb")}).value() == reverb());
  const Error unknown = user.call(plugin::Info{.plugin = PluginId("urn:test:other")}).error();
  CHECK(is(unknown, errors::kPluginNotFound));
  CHECK(unknown.pointer == "/payload/plugin");
  CHECK(user.call(device::List{}).value().devices.empty());
  stage.hub->engine_event(wire::make_event(MessageId("e1"), Role::signal, Role::pulse,
                                           device::Lost{.device_id = DeviceId("usb"), .name = "USB Audio", .reason = "unplugged"}));
  CHECK(user.wait_for<device::Lost>().name == "USB Audio");
  stage.hub->engine_event(
      wire::make_event(MessageId("e2"), Role::signal, Role::pulse, engine::LatencyChanged{.latency_frames = 512, .nodes = {}}));
  while (user.of<engine::Changed>().empty() || user.of<engine::Changed>().back().latency_frames != 512) stage.wait();
  CHECK(user.call(engine::Status{}).value().latency_frames == 512);
}

TEST_CASE("a device that is selected is in effect, and again after a restart; one that is not there changes nothing") {
  Stage stage;
  StudioClient user = stage.client();
  (void)stage.make_song(user);
  const device::Select usb{.device_id = DeviceId("usb"), .sample_rate_hz = 96'000, .block_frames = 64};
  const auto effective = user.call(usb).value().effective;
  CHECK(effective.device == "usb");
  CHECK(effective.sample_rate_hz == 96'000);
  stage.settle();
  const Error gone = user.call(device::Select{.device_id = DeviceId("gone"), .sample_rate_hz = {}, .block_frames = {}}).error();
  CHECK(is(gone, errors::kDeviceNotFound));
  CHECK(gone.pointer == "/payload/deviceId");
  stage.lose_engine();
  stage.start_engine();
  REQUIRE_FALSE(stage.signal->configured.empty());
  CHECK(stage.signal->configured[0].device_id == DeviceId("usb"));
  CHECK(stage.signal->configured[0].sample_rate_hz == 96'000);
  CHECK(stage.signal->configured[0].block_frames == 64);
}
