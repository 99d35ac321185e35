// Graphs: compiled off the audio thread, taken at a block boundary, refused without touching the old one.

#include <doctest/doctest.h>

#include <limits>

#include "stage.hpp"

namespace loophole::test {
namespace {

TEST_CASE("a graph is live with the next block, not before") {
  Stage stage;
  REQUIRE(stage.configure());
  const auto ticket = stage.replace(synth_graph());
  REQUIRE(ticket);
  CHECK_FALSE(stage.engine.taken(*ticket));
  stage.render(256);
  CHECK(stage.engine.taken(*ticket));
}

TEST_CASE("without a driver the I/O thread takes over what the audio thread would") {
  Stage stage;
  const auto ticket = stage.replace(synth_graph());
  REQUIRE(ticket);
  stage.set(3, 555);
  stage.play(1'000);
  stage.engine.tick();
  stage.engine.tick();
  CHECK(stage.engine.taken(*ticket));
  CHECK(stage.held(3) == 555);
  CHECK(stage.engine.transport() == state_at(1'000, true));
}

TEST_CASE("a key that a node does not have is refused by name, and the old graph plays on") {
  Stage stage;
  REQUIRE(stage.configure());
  REQUIRE(stage.replace(synth_graph()));
  stage.play();
  stage.render(4'800);
  graph::Graph wrong = synth_graph();
  wrong.nodes[1].parameters[0].key = "cutof";
  const auto refused = stage.replace(wrong);
  REQUIRE_FALSE(refused);
  CHECK(is(refused.error(), errors::kGraphInvalid));
  CHECK(refused.error().message.find("'cutof'") != std::string::npos);
  CHECK(refused.error().message.find("cutoff, resonance") != std::string::npos);
  CHECK(refused.error().pointer == "/graph/nodes/1/parameters/0/key");
  CHECK(rms_of(stage.render(4'800)) > 0.05);
  CHECK(stage.held(3) == 1'000);
}

TEST_CASE("nodes of the same id and kind keep their state: a tone goes on without a step") {
  Stage stage;
  REQUIRE(stage.configure());
  const graph::Graph before = chain_of({tone_of("tone", 1, 440, -6), output_of()});
  REQUIRE(stage.replace(before));
  stage.play();
  auto heard = stage.render(9'600);
  REQUIRE(stage.replace(chain_of({tone_of("tone", 1, 440, -6), gain_of("new", 7), output_of()})));
  const auto after = stage.render(9'600);
  heard.insert(heard.end(), after.begin(), after.end());
  const std::span<const float> around(heard.data() + 4'800, 9'600);
  CHECK(steepest(around) < 0.5 * 2 * std::numbers::pi * 440 / 48'000 * 1.05);
}

TEST_CASE("values sent before a graph belong to the old one, values sent after to the new one") {
  Stage stage;
  REQUIRE(stage.configure());
  REQUIRE(stage.replace(synth_graph()));
  stage.render(256);
  stage.set(3, 300);
  graph::Graph next = synth_graph();
  next.nodes[1].parameters[0].value = 2'000;
  REQUIRE(stage.replace(next));
  stage.set(5, -12);
  stage.render(256);
  CHECK(stage.held(3) == 2'000);
  CHECK(stage.held(5) == -12);
}

TEST_CASE("inputs of a node are summed, and a source with two readers is heard on both ways") {
  Stage stage;
  REQUIRE(stage.configure());
  graph::Graph graph{.nodes = {tone_of("tone", 1, 1'000, -20), gain_of("a", 3), gain_of("b", 4), output_of()}, .connections = {}};
  for (const auto& [from, to] : std::vector<std::pair<const char*, const char*>>{{"tone", "a"}, {"tone", "b"}, {"a", "out"}, {"b", "out"}})
    graph.connections.push_back({.from = GraphNodeId(from), .to = GraphNodeId(to)});
  REQUIRE(stage.replace(graph));
  stage.play();
  stage.render(4'800);
  CHECK(db_of(rms_of(stage.render(48'000))) == doctest::Approx(-20 + db_of(2) - db_of(std::numbers::sqrt2)).epsilon(0.002));
}

TEST_CASE("a hundred graphs in a row, some never live, leave the last one") {
  Stage stage;
  REQUIRE(stage.configure());
  signal::Engine::Ticket last = 0;
  for (int i = 0; i < 100; ++i) {
    graph::Graph graph = synth_graph();
    graph.nodes[1].parameters[0].value = 500 + i;
    last = stage.replace(graph).value();
    if (i % 3 == 0) stage.render(256);
  }
  stage.render(256);
  CHECK(stage.engine.taken(last));
  CHECK(stage.held(3) == 599);
}

TEST_CASE("denormal numbers are zero while audio is rendered, and only then") {
  class Tiny final : public reference_signal::Processor {
   public:
    void process(const reference_signal::Stretch&, const reference_signal::NodeSetup&,
                 reference_signal::StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING override {
      product = smallest * half;
      audio.left[0] += denormal * 2.0F;
    }
    volatile float smallest = std::numeric_limits<float>::min();
    volatile float denormal = std::numeric_limits<float>::denorm_min() * 1'000;
    volatile float half = 0.5F;
    volatile float product = 1;
  };
  const auto tiny = std::make_shared<Tiny>();
  Stage stage({.driver = {}, .record = {}, .plugins = {}, .make_plugin = [&](const graph::GraphNode&) { return tiny; }});
  REQUIRE(stage.configure());
  graph::GraphNode plugin = node_of("plugin", graph::GraphNodeKind::plugin);
  plugin.plugin = PluginId("urn:test:tiny");
  REQUIRE(stage.replace(chain_of({plugin, output_of()})));
  CHECK(stage.render(256)[0] == 0);
  CHECK(tiny->product == 0);
  CHECK(tiny->smallest * tiny->half > 0);
}

TEST_CASE("a node that produces what is no number is silenced, counted, and recovers") {
  Stage stage;
  REQUIRE(stage.configure());
  graph::Graph graph = chain_of({tone_of("tone", 1, 440, -12), gain_of("huge", 3), gain_of("huger", 4), output_of()});
  for (std::size_t node : {1U, 2U}) {
    graph.nodes[node].parameters[0].maximum = 1e6;
    graph.nodes[node].parameters[0].smoothing_ms = 0;
  }
  graph.nodes[1].parameters[0].value = 700;
  graph.nodes[2].parameters[0].value = 700;
  REQUIRE(stage.replace(graph));
  stage.play();
  for (const float sample : stage.render(9'600)) REQUIRE(std::isfinite(sample));
  CHECK(stage.engine.renderer().faults() > 0);
  CHECK(stage.engine.faults().at("huger") == stage.engine.renderer().faults());
  stage.set(3, 0);
  stage.set(4, 0);
  stage.render(4'800);
  CHECK(db_of(rms_of(stage.render(48'000))) == doctest::Approx(-15).epsilon(0.01));
}

}  // namespace
}  // namespace loophole::test
