// Plugins as musicians have them: they change the sound, and what was saved sounds the same in another engine.

#include <algorithm>

#include "plugin_stage.hpp"

namespace loophole::test {
namespace {

struct Real {
  const char* uri;
  std::vector<std::pair<const char*, double>> values;  // other than it comes with
};

const std::vector<Real>& real_plugins() {
  static const std::vector<Real> all{
      {"http://drobilla.net/plugins/mda/Overdrive", {{"drive", 0.8}, {"muffle", 0.3}}},
      {"http://drobilla.net/plugins/mda/Delay", {{"fx_mix", 0.6}, {"feedback", 0.4}}},
      {"http://drobilla.net/plugins/mda/RezFilter", {{"freq", 0.2}}},
      {"http://calf.sourceforge.net/plugins/Reverb", {{"amount", 1.5}, {"decay_time", 4}}},
      {"http://calf.sourceforge.net/plugins/Filter", {{"freq", 300}}},
      {"http://calf.sourceforge.net/plugins/SidechainCompressor", {{"threshold", 0.01}, {"ratio", 8}}},
      {"http://gareus.org/oss/lv2/fil4#stereo", {{"LowPass", 1}, {"LPfreq", 500}}},
      {"http://gareus.org/oss/lv2/fil4#mono", {{"LowPass", 1}, {"LPfreq", 500}}},
      {"http://gareus.org/oss/lv2/dpl#stereo", {{"gain", 20}, {"threshold", -10}}},
      {"http://gareus.org/oss/lv2/phaserotate#stereo", {{"angleL", 90}, {"angleR", 45}}},
  };
  return all;
}

// A node with all parameters of a plugin, as Pulse makes it.
graph::GraphNode node_with(const plugin::InfoReply& info, const Real& real) {
  graph::GraphNode node = plugin_of(info.brief.plugin);
  Handle handle = 100;
  for (const plugin::PluginParameter& parameter : info.parameters)
    node.parameters.push_back(parameter_of(handle++, parameter.key, parameter.initial, parameter.minimum, parameter.maximum, 0));
  for (const auto& other : real.values) {
    const auto found = std::ranges::find(node.parameters, std::string(other.first), &graph::GraphParameter::key);
    REQUIRE_MESSAGE(found != node.parameters.end(), real.uri << " has no " << other.first);
    found->value = std::clamp(other.second, found->minimum, found->maximum);
  }
  return node;
}

graph::Graph graph_with(const graph::GraphNode& node) {
  return chain_of({tone_of("tone", 1, 2'000, -6), node, output_of()});
}

// From its first block on, both sides.
std::vector<float> sound_of(PluginStage& stage) {
  stage.play(0);
  std::vector<float> both = stage.render(24'064);
  both.insert(both.end(), stage.right.begin(), stage.right.end());
  return both;
}
std::vector<float> sound_of(PluginStage& stage, const graph::GraphNode& node) {
  REQUIRE(stage.replace(graph_with(node)));
  return sound_of(stage);
}

float farthest(const std::vector<float>& one, const std::vector<float>& other) {
  REQUIRE(one.size() == other.size());
  float most = 0;
  for (std::size_t i = 0; i < one.size(); ++i) most = std::max(most, std::fabs(one[i] - other[i]));
  return most;
}

TEST_CASE("real plugins change the sound, and their state brings it back in another engine") {
  for (const Real& real : real_plugins()) {
    CAPTURE(real.uri);
    PluginStage first;
    const auto info = first.info(PluginId(real.uri)).value();
    auto node = node_with(info, real);
    PluginStage plain;
    auto bypassed = node;
    bypassed.bypassed = true;
    const auto dry = sound_of(plain, bypassed);
    const auto wet = sound_of(first, node);
    CHECK(first.failures.empty());
    CHECK(farthest(dry, wet) > 0.001F);

    PluginStage second;
    node.state = first.state().value();
    const auto again = sound_of(second, node);
    CHECK(second.failures.empty());
    CHECK(farthest(wet, again) < 1e-5F);
  }
}

TEST_CASE("a state alone brings the values back") {
  for (const Real& real : real_plugins()) {
    CAPTURE(real.uri);
    PluginStage first;
    const auto info = first.info(PluginId(real.uri)).value();
    const auto node = node_with(info, real);
    static_cast<void>(sound_of(first, node));

    PluginStage second;
    auto as_it_comes = node_with(info, {.uri = real.uri, .values = {}});
    REQUIRE(second.replace(graph_with(as_it_comes)));
    const auto values = second.set_state(first.state().value()).value();
    CHECK(values.size() == node.parameters.size());
    for (const engine::HandleValue& value : values) {
      const auto wanted = std::ranges::find(node.parameters, value.handle, &graph::GraphParameter::handle);
      REQUIRE(wanted != node.parameters.end());
      CAPTURE(wanted->key);
      CHECK(value.value == doctest::Approx(wanted->value).epsilon(0.0001));
    }
  }
}

TEST_CASE("a plugin that is a source is added to what its node gets") {
  PluginStage stage;
  const double dry = stage.dry();
  REQUIRE(stage.replace(tone_through(plugin_of(PluginId("http://gareus.org/oss/lv2/testsignal")))));
  CHECK(stage.failures.empty());
  CHECK(stage.level() > dry * 0.9);
}

TEST_CASE("a limiter tells the latency that it has") {
  PluginStage stage;
  REQUIRE(stage.replace(tone_through(plugin_of(PluginId("http://gareus.org/oss/lv2/dpl#stereo")))));
  CHECK(stage.engine.latency_frames() > 0);
}

// But Calf's, some of which read memory that they never wrote; those that are played by name above do not.
TEST_CASE("every plugin of the system that a scan calls usable starts and plays") {
  PluginStage stage(std::chrono::seconds(20));
  const auto list = stage.wait_for<plugin::ListReply>([&](auto done) { stage.engine.list_plugins(done); }).value().plugins;
  graph::Graph graph = chain_of({tone_of("tone", 1), output_of()});
  int others = 0;
  for (const plugin::PluginBrief& brief : list) {
    if (brief.plugin.str().starts_with("urn:loophole:fixture:") || brief.plugin.str().starts_with("http://calf.sourceforge.net/")) continue;
    graph.nodes.push_back(plugin_of(brief.plugin, {}, "plugin" + std::to_string(++others)));
    graph.connections.push_back({.from = GraphNodeId("tone"), .to = graph.nodes.back().id});
    graph.connections.push_back({.from = graph.nodes.back().id, .to = GraphNodeId("out")});
  }
  CHECK(others > 50);
  REQUIRE(stage.replace(graph));
  stage.play();
  for (const float sample : stage.render(4'800)) REQUIRE(std::isfinite(sample));
  for (const engine::PluginFailed& failed : stage.failures) MESSAGE(failed.plugin.str() << ": " << failed.reason);
  CHECK(stage.failures.size() < 3);
}

}  // namespace
}  // namespace loophole::test
