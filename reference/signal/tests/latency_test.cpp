// Delay compensation: parallel ways through the graph arrive together, whatever the nodes on them take.

#include <doctest/doctest.h>

#include "loophole/messages/engine.hpp"
#include "parallel.hpp"

namespace loophole::test {
namespace {

TEST_CASE("parallel ways arrive together, through buses, sends and returns") {
  Parallel stage;
  // Straight 0; through a 700; through a send into b 100, c 33 and a return: three times the clip, 833 frames late, with d before all.
  REQUIRE(stage.replace(Parallel::graph_of(
      {stage.player(), stage.plugin("d", 100), stage.plugin("a", 700),
       node_of("send", graph::GraphNodeKind::send, {parameter_of(5, "level", 0, -90, 24)}), stage.plugin("b", 100), stage.plugin("c", 33),
       node_of("return", graph::GraphNodeKind::return_), node_of("bus", graph::GraphNodeKind::bus_mixer), output_of()},
      {{"player", "d"},
       {"d", "a"},
       {"d", "bus"},
       {"d", "send"},
       {"send", "b"},
       {"b", "c"},
       {"c", "return"},
       {"return", "bus"},
       {"a", "bus"},
       {"bus", "out"}})));
  CHECK(stage.engine.latency_frames() == 800);
  stage.play();
  const auto heard = stage.render(8'192);
  for (std::size_t i = 0; i < 800; ++i) REQUIRE(heard[i] == 0);
  for (std::size_t i = 800 + 256; i < heard.size(); ++i)
    REQUIRE(heard[i] == doctest::Approx(3.0F * Parallel::sample(i - 800)).epsilon(1e-6));
}

TEST_CASE("a way that is not heard and a node that is bypassed take no time") {
  Parallel stage;
  graph::Graph graph = Parallel::graph_of({stage.player(), stage.plugin("a", 700), stage.plugin("b", 50), output_of()},
                                          {{"player", "a"}, {"player", "b"}, {"b", "out"}});
  REQUIRE(stage.replace(graph));
  CHECK(stage.engine.latency_frames() == 50);
  graph.nodes[2].bypassed = true;
  REQUIRE(stage.replace(graph));
  CHECK(stage.engine.latency_frames() == 0);
  stage.play();
  CHECK(stage.render(1'024)[1'000] == Parallel::sample(1'000));
}

TEST_CASE("a node that changes its latency while it plays is told, and the other ways follow without a click") {
  Parallel stage;
  std::optional<engine::LatencyChanged> told;
  stage.engine.on_event([&](const ReferenceEngine::Event& event) {
    if (const auto* changed = std::get_if<engine::LatencyChanged>(&event)) told = *changed;
  });
  REQUIRE(stage.replace(
      Parallel::graph_of({stage.player(), gain_of("straight", 3), stage.plugin("a", 100), gain_of("wet", 4, -90), output_of()},
                         {{"player", "straight"}, {"straight", "out"}, {"player", "a"}, {"a", "wet"}, {"wet", "out"}})));
  stage.play();
  stage.set(3, -6);  // stays in force when the graph is compiled again
  auto heard = stage.render(4'096);
  CHECK_FALSE(told);
  stage.ahead.at("a")->set(1'000);
  const auto after = stage.render(8'192);
  REQUIRE(told);
  CHECK(told->latency_frames == 1'000);
  CHECK(told->nodes == std::vector<engine::NodeLatency>{{.node_id = GraphNodeId("a"), .latency_frames = 1'000}});
  CHECK(stage.engine.latency_frames() == 1'000);
  CHECK(stage.held(3) == -6);
  heard.insert(heard.end(), after.begin(), after.end());
  const float half = static_cast<float>(std::pow(10.0, -6 / 20.0));
  CHECK(heard[4'000] == doctest::Approx(half * Parallel::sample(3'900)));
  CHECK(heard[12'000] == doctest::Approx(half * Parallel::sample(11'000)));
  // Going from 100 to 1000 frames ago takes 240 frames, a little of the ramp each.
  CHECK(steepest(std::span(heard).subspan(1'500)) < 900.0 / 65'536 / 240 + 2.0 / 65'536);
}

TEST_CASE("what waits for others keeps what it remembers over a new graph") {
  Parallel stage;
  auto graph = Parallel::graph_of({stage.player(), stage.plugin("a", 500), gain_of("wet", 4, -90), output_of()},
                                  {{"player", "out"}, {"player", "a"}, {"a", "wet"}, {"wet", "out"}});
  REQUIRE(stage.replace(graph));
  stage.play();
  auto heard = stage.render(4'096);
  graph.nodes.push_back(gain_of("unheard", 9));
  REQUIRE(stage.replace(graph));
  const auto after = stage.render(4'096);
  heard.insert(heard.end(), after.begin(), after.end());
  for (std::size_t i = 500 + 256; i < heard.size(); ++i) REQUIRE(heard[i] == Parallel::sample(i - 500));
}

}  // namespace
}  // namespace loophole::test
