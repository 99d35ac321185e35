#pragma once
// PluginStage: an engine that finds the fixture plugins, and those of the system.

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "../stage.hpp"

namespace loophole::test {

// Before the engine first looks.
struct FixturesInPath {
  FixturesInPath() { ::setenv("LV2_PATH", LOOPHOLE_FIXTURE_PATH ":/usr/local/lib/lv2:/usr/lib/lv2", 1); }
};

inline PluginId fixture(const std::string& name) {
  return PluginId("urn:loophole:fixture:" + name);
}

struct PluginStage : FixturesInPath, Stage {
  explicit PluginStage(std::chrono::milliseconds patience = std::chrono::seconds(60), std::optional<std::filesystem::path> record = {},
                       reference_signal::PluginWords* words = nullptr)
      : Stage({.driver = {}, .record = std::move(record), .plugins = {.patience = patience, .words = words}}) {
    engine.on_event([this](const ReferenceEngine::Event& event) {
      if (const auto* failed = std::get_if<engine::PluginFailed>(&event)) failures.push_back(*failed);
      if (const auto* changed = std::get_if<engine::LatencyChanged>(&event)) latencies.push_back(*changed);
    });
    REQUIRE(configure());
  }

  // Calls a function that ends in `done`, and waits for what it says.
  template <class T, class Call>
  Result<T> wait_for(Call&& call) {
    std::optional<Result<T>> answer;
    call([&](Result<T> result) { answer.emplace(std::move(result)); });
    REQUIRE_SOON(loop, answer.has_value());
    return *std::move(answer);
  }
  Result<plugin::InfoReply> info(const PluginId& plugin) {
    return wait_for<plugin::InfoReply>([&](auto done) { engine.plugin_info(plugin, done); });
  }
  Result<PluginState> state(const std::string& node = "plugin") {
    return wait_for<PluginState>([&](auto done) { engine.plugin_state(GraphNodeId(node), done); });
  }
  Result<std::vector<engine::HandleValue>> set_state(const PluginState& state, const std::string& node = "plugin") {
    return wait_for<std::vector<engine::HandleValue>>([&](auto done) { engine.set_plugin_state(GraphNodeId(node), state, done); });
  }

  // Level of the left side after the last graph and values came into force.
  double level() {
    render(2'048);
    return rms_of(render(9'600));
  }
  // Level of a chain without any plugin.
  double dry() {
    REQUIRE(replace(chain_of({tone_of("tone", 1), output_of()})));
    play();
    return level();
  }

  std::vector<engine::PluginFailed> failures;
  std::vector<engine::LatencyChanged> latencies;
};

inline graph::GraphNode plugin_of(PluginId plugin, std::vector<graph::GraphParameter> parameters = {}, std::string id = "plugin") {
  graph::GraphNode node = node_of(std::move(id), graph::GraphNodeKind::plugin, std::move(parameters));
  node.plugin = std::move(plugin);
  return node;
}
// Parameter 10 is the fixtures' first control, 11 their second.
inline graph::GraphNode trigger_of(const std::string& name, double trigger = 0, double amount = 1) {
  return plugin_of(fixture(name), {parameter_of(10, "trigger", trigger, 0, 1, 0), parameter_of(11, "amount", amount, 0, 20, 0)});
}
inline graph::GraphNode memory_of(double learn, double amount) {
  return plugin_of(fixture("memory"), {parameter_of(10, "learn", learn, 0, 1, 0), parameter_of(11, "amount", amount, 0, 20, 0)});
}
// A tone through a node.
inline graph::Graph tone_through(graph::GraphNode node) {
  return chain_of({tone_of("tone", 1), std::move(node), output_of()});
}

}  // namespace loophole::test
