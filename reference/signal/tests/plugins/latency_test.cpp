// Latency: told by the plugin, part of the graph's, and told when it changes; a bypassed plugin has none.

#include "plugin_stage.hpp"

namespace loophole::test {
namespace {

graph::GraphNode delay_of(double frames, std::string id = "plugin", Handle handle = 10) {
  return plugin_of(fixture("latency"), {parameter_of(handle, "frames", frames, 0, 20'000, 0)}, std::move(id));
}

TEST_CASE("latencies of plugins in a row add up, before the first block") {
  PluginStage stage;
  REQUIRE(stage.replace(chain_of({tone_of("tone", 1), delay_of(300), delay_of(500, "second", 11), output_of()})));
  CHECK(stage.engine.latency_frames() == 800);
  CHECK(stage.latencies.empty());
}

TEST_CASE("a plugin that changes its latency changes the graph's: it is told, and values that were set meanwhile stay") {
  PluginStage stage;
  REQUIRE(stage.replace(chain_of({tone_of("tone", 1), delay_of(300), gain_of("gain", 20), output_of()})));
  stage.render(2'048);
  stage.set(20, -6);
  stage.set(10, 1'000);
  stage.render(2'048);
  REQUIRE(stage.latencies.size() == 1);
  CHECK(stage.latencies[0].latency_frames == 1'000);
  REQUIRE(stage.latencies[0].nodes.size() == 1);
  CHECK(stage.latencies[0].nodes[0] == engine::NodeLatency{.node_id = GraphNodeId("plugin"), .latency_frames = 1'000});
  CHECK(stage.engine.latency_frames() == 1'000);
  CHECK(stage.held(20) == -6);
  CHECK(stage.held(10) == 1'000);
}

TEST_CASE("a bypassed plugin passes its input on unchanged, has no latency, and goes on as it was") {
  PluginStage stage;
  REQUIRE(stage.replace(chain_of({tone_of("tone", 1), output_of()})));
  stage.play(0);
  stage.render(4'800);
  const auto plain = stage.render(4'800);

  PluginStage other;
  auto node = memory_of(1, 0.25);
  REQUIRE(other.replace(tone_through(node)));
  other.render(2'048);
  node = memory_of(0, 1);
  node.bypassed = true;
  REQUIRE(other.replace(tone_through(node)));
  other.render(2'048);
  other.play(0);
  other.render(4'800);
  CHECK(other.engine.latency_frames() == 0);
  CHECK(rms_of(other.render(4'800)) == doctest::Approx(rms_of(plain)).epsilon(0.01));
  node.bypassed = false;
  REQUIRE(other.replace(tone_through(node)));
  CHECK(other.level() == doctest::Approx(rms_of(plain) * 0.25).epsilon(0.01));
}

TEST_CASE("plugins are put into a chain that sounds, bypassed, switched on and taken out without a click") {
  const auto tone = tone_of("tone", 1, 200, -6);
  const graph::Graph straight = chain_of({tone, output_of()});
  for (const auto& node : {memory_of(0, 1), trigger_of("nan"), delay_of(333)}) {
    CAPTURE(node.plugin->str());
    const graph::Graph with = chain_of({tone, node, output_of()});
    graph::Graph bypassed = with;
    bypassed.nodes[1].bypassed = true;
    PluginStage stage;
    REQUIRE(stage.replace(straight));
    stage.play();
    std::vector<float> heard = stage.render(4'864);
    const double plain = steepest(std::span(heard).subspan(1'024));
    heard.clear();
    for (const graph::Graph& next : {with, bypassed, with, straight, with}) {
      REQUIRE(stage.replace(next));
      const auto more = stage.render(4'864);
      heard.insert(heard.end(), more.begin(), more.end());
    }
    CHECK(steepest(heard) < plain + 0.01);
    CHECK(stage.failures.empty());
  }
}

TEST_CASE("a plugin that is bypassed from the start is not even loaded") {
  PluginStage stage;
  auto node = trigger_of("dead");  // would end the process
  node.bypassed = true;
  REQUIRE(stage.replace(tone_through(node)));
  stage.play();
  CHECK(stage.level() > 0.05);
  CHECK(stage.failures.empty());
}

}  // namespace
}  // namespace loophole::test
