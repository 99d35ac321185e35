// Plugins that do not work: audio passes them by, they are told by name, and nothing else stops.

#include "plugin_stage.hpp"

namespace loophole::test {
namespace {

constexpr double kHalf = 0.5;  // what a fixture that works makes of its input

void check_passes_by(PluginStage& stage, double dry, const std::string& name, NodeStatus status, const std::string& reason) {
  CHECK(stage.level() == doctest::Approx(dry).epsilon(0.01));
  REQUIRE(stage.failures.size() == 1);
  CHECK(stage.failures[0].node_id == GraphNodeId("plugin"));
  CHECK(stage.failures[0].plugin == fixture(name));
  CHECK(stage.failures[0].status == status);
  CHECK_MESSAGE(stage.failures[0].reason.find(reason) != std::string::npos, stage.failures[0].reason);
}

TEST_CASE("what cannot start passes audio by, and is told by name with the reason, once for each graph") {
  std::string name;
  std::string reason = "refused to start";
  NodeStatus status = NodeStatus::failed;
  SUBCASE("not installed") {
    name = "nowhere";
    status = NodeStatus::missing;
    reason = "not installed";
  }
  SUBCASE("refuses") {
    name = "refuse";
  }
  SUBCASE("needs what this engine does not have") {
    name = "demanding";
    reason = "urn:loophole:fixture:feature";
  }
  SUBCASE("has too many channels") {
    name = "eight";
    reason = "at most two";
  }
  PluginStage stage;
  const double dry = stage.dry();
  REQUIRE(stage.replace(tone_through(trigger_of(name))));
  check_passes_by(stage, dry, name, status, reason);
  REQUIRE(stage.replace(tone_through(trigger_of(name))));
  CHECK(stage.failures.size() == 2);
  CHECK(stage.failures[0] == stage.failures[1]);
}

TEST_CASE("a plugin that hangs at its start is given up: the graph goes live without it, and its neighbours work") {
  PluginStage stage(std::chrono::milliseconds(500));
  const double dry = stage.dry();
  auto other = trigger_of("nan");
  other.id = GraphNodeId("other");
  other.parameters.clear();
  REQUIRE(stage.replace(chain_of({tone_of("tone", 1), trigger_of("hang"), other, output_of()})));
  check_passes_by(stage, dry * kHalf, "hang", NodeStatus::failed, "did not start within 0.5 s");
  CHECK(stage.engine.plugin_host().left_behind() == 1);
  // It is not tried again with every graph, nor at another node, until a scan.
  auto second = trigger_of("hang");
  second.id = GraphNodeId("second");
  second.parameters.clear();
  const auto both = chain_of({tone_of("tone", 1), trigger_of("hang"), second, other, output_of()});
  REQUIRE(stage.replace(both));
  CHECK(stage.engine.plugin_host().left_behind() == 1);
  CHECK(stage.failures.size() == 3);
  REQUIRE(stage.wait_for<plugin::ScanReply>([&](auto done) { stage.engine.scan_plugins([](const auto&) {}, done); }));
  REQUIRE(stage.replace(both));
  CHECK(stage.engine.plugin_host().left_behind() == 2);
}

TEST_CASE("a plugin that gives out what is no number is stopped and told once, and the rest sounds") {
  std::string name;
  SUBCASE("not a number") {
    name = "nan";
  }
  SUBCASE("infinity") {
    name = "infinite";
  }
  PluginStage stage;
  const double dry = stage.dry();
  REQUIRE(stage.replace(tone_through(trigger_of(name))));
  CHECK(stage.level() == doctest::Approx(dry * kHalf).epsilon(0.01));
  stage.set(10, 1);
  check_passes_by(stage, dry, name, NodeStatus::failed, "not a number");
  for (const float sample : stage.render(4'800)) REQUIRE(std::isfinite(sample));
  CHECK(stage.engine.renderer().faults() == 0);
  stage.set(10, 0);
  CHECK(stage.level() == doctest::Approx(dry).epsilon(0.01));
  CHECK(stage.failures.size() == 1);

  // Switched off and on again, it gets another chance.
  auto bypassed = trigger_of(name);
  bypassed.bypassed = true;
  REQUIRE(stage.replace(tone_through(bypassed)));
  REQUIRE(stage.replace(tone_through(trigger_of(name))));
  CHECK(stage.level() == doctest::Approx(dry * kHalf).epsilon(0.01));
  CHECK(stage.failures.size() == 1);
}

TEST_CASE("denormal numbers of a plugin are played as zero") {
  PluginStage stage;
  REQUIRE(stage.replace(tone_through(trigger_of("denormal"))));
  stage.play();
  for (const float sample : stage.render(4'800)) REQUIRE(sample == 0);
  CHECK(stage.failures.empty());
}

TEST_CASE("after a scan, what failed is tried again") {
  PluginStage stage;
  REQUIRE(stage.replace(tone_through(trigger_of("nowhere"))));
  ::setenv("LV2_PATH", "/nowhere", 1);
  REQUIRE(stage.wait_for<plugin::ScanReply>([&](auto done) { stage.engine.scan_plugins([](const auto&) {}, done); }));
  REQUIRE(stage.replace(tone_through(trigger_of("nan"))));
  CHECK(stage.failures.back().status == NodeStatus::missing);
  const FixturesInPath back;
  REQUIRE(stage.replace(tone_through(trigger_of("nan"))));
  CHECK(stage.failures.size() == 3);  // nobody looked
  REQUIRE(stage.wait_for<plugin::ScanReply>([&](auto done) { stage.engine.scan_plugins([](const auto&) {}, done); }));
  REQUIRE(stage.replace(tone_through(trigger_of("nan"))));
  CHECK(stage.failures.size() == 3);
}

TEST_CASE("a key that a plugin does not have is refused, and the graph of before plays on") {
  PluginStage stage;
  const double dry = stage.dry();
  const auto refused = stage.replace(tone_through(plugin_of(fixture("nan"), {parameter_of(10, "nothing", 0, 0, 1)})));
  REQUIRE_FALSE(refused);
  CHECK(is(refused.error(), errors::kGraphInvalid));
  CHECK(refused.error().pointer == "/graph/nodes/1/parameters/0/key");
  CHECK(stage.level() == doctest::Approx(dry).epsilon(0.01));
}

}  // namespace
}  // namespace loophole::test
