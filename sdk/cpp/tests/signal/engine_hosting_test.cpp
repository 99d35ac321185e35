// What an engine without plugins and devices says when it is asked for them, and audio on and off.
#include <doctest/doctest.h>

#include "engine_seat.hpp"

namespace loophole::test {
namespace {

graph::Graph with_plugin() {
  graph::Graph graph = synth_graph();
  graph::GraphNode node = node_of("nod-plugin", graph::GraphNodeKind::plugin);
  node.plugin = PluginId("urn:test:reverb");
  node.state = PluginState("AAEC");
  graph.nodes.push_back(std::move(node));
  return graph;
}

}  // namespace

TEST_CASE("an engine that hosts no plugins lists none and knows none") {
  EngineSeat seat;
  const auto scanned = seat.pulse->call(plugin::Scan{});
  REQUIRE(scanned);
  CHECK(scanned->found == 0);
  const auto listed = seat.pulse->call(plugin::List{});
  REQUIRE(listed);
  CHECK(listed->plugins.empty());
  const auto info = seat.pulse->call(plugin::Info{.plugin = PluginId("urn:test:reverb")});
  REQUIRE_FALSE(info);
  CHECK(is(info.error(), errors::kPluginNotFound));
  CHECK(info.error().pointer == "/payload/plugin");
  const auto devices = seat.pulse->call(device::List{});
  REQUIRE(devices);
  CHECK(devices->devices.empty());
}

TEST_CASE("state is refused for nodes that are not there, are no plugins, or whose plugin cannot be used") {
  EngineSeat seat;
  seat.load(with_plugin());
  const auto ask = [&](const char* node) {
    const auto state = seat.pulse->call(engine::PluginStateGet{.node_id = GraphNodeId(node)});
    REQUIRE_FALSE(state);
    return state.error();
  };
  CHECK(is(ask("nod-unknown"), errors::kGraphUnknownNode));
  CHECK(ask("nod-unknown").pointer == "/payload/nodeId");
  CHECK(is(ask("out"), errors::kNodeNoPlugin));
  CHECK(is(ask("nod-plugin"), errors::kPluginFaulty));
}

TEST_CASE("a state that the plugin took is in the digest, with the values that it brought") {
  EngineSeat seat;
  seat.load(with_plugin());
  const auto before = seat.pulse->call(graph::Query{});
  REQUIRE(before);
  seat.engine.state_values = {{.handle = 1, .value = 330}};
  const auto set = seat.pulse->call(engine::PluginStateSet{.node_id = GraphNodeId("nod-plugin"), .state = PluginState("AAED")});
  REQUIRE(set);
  CHECK(set->values.size() == 1);
  CHECK(set->digest != before->digest);
  CHECK(seat.engine.held.at(1) == 330);
  const auto after = seat.pulse->call(graph::Query{});
  REQUIRE(after);
  CHECK(after->digest == set->digest);
}

TEST_CASE("audio is stopped and started, and each change is told once") {
  EngineSeat seat;
  REQUIRE(seat.pulse->call(engine::Start{}));
  REQUIRE_SOON(seat.loop, seat.pulse->event<engine::StateChanged>() != nullptr);
  CHECK(seat.pulse->event<engine::StateChanged>()->state == engine::AudioState::running);
  const auto stopped = seat.pulse->call(engine::Stop{});
  REQUIRE(stopped);
  CHECK(stopped->state == engine::AudioState::stopped);
  const auto told = seat.pulse->count<engine::StateChanged>();
  REQUIRE(seat.pulse->call(engine::Stop{}));
  CHECK(seat.pulse->call(engine::State{}).value().state == engine::AudioState::stopped);
  CHECK(seat.pulse->count<engine::StateChanged>() == told);
}

TEST_CASE("audio that begins with the configuration is told, and the same configuration again tells nothing") {
  EngineSeat seat;
  seat.engine.stop();
  const auto before = seat.pulse->count<engine::StateChanged>();
  const engine::Configure wanted{.sample_rate_hz = 48'000, .block_frames = 256, .driver = {}, .device_id = {}};
  REQUIRE(seat.pulse->call(wanted));
  CHECK(seat.pulse->count<engine::StateChanged>() == before + 1);
  REQUIRE(seat.pulse->call(wanted));
  CHECK(seat.pulse->count<engine::StateChanged>() == before + 1);
}

TEST_CASE("after a change of the sample rate without a command the graph is told to be live again, with its digest") {
  EngineSeat seat;
  REQUIRE(seat.pulse->call(engine::Configure{.sample_rate_hz = 48'000, .block_frames = 256, .driver = {}, .device_id = {}}));
  seat.load(synth_graph(), 4);
  const auto digest = seat.pulse->call(graph::Query{}).value().digest;
  const auto applied = seat.pulse->count<graph::Applied>();
  engine::DriverChanged changed{.effective = {.driver = engine::Driver::paced,
                                              .device = "",
                                              .sample_rate_hz = 48'000,
                                              .block_frames = 256,
                                              .output_latency_frames = 0},
                                .reason = "the device is gone"};
  seat.server->tell(changed);
  REQUIRE_SOON(seat.loop, seat.pulse->count<engine::DriverChanged>() == 1);
  REQUIRE(seat.pulse->call(engine::State{}));
  CHECK(seat.pulse->count<graph::Applied>() == applied);  // the rate is the same
  changed.effective.sample_rate_hz = 44'100;
  seat.server->tell(changed);
  REQUIRE_SOON(seat.loop, seat.pulse->count<graph::Applied>() == applied + 1);
  const graph::Applied* last = nullptr;
  for (const wire::Message& event : seat.pulse->events)
    if (const auto* found = event.as<graph::Applied>()) last = found;
  CHECK(last->revision == 4);
  CHECK(last->digest == digest);
}

}  // namespace loophole::test
