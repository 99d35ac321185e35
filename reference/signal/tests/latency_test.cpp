// Delay compensation: parallel ways through the graph arrive together, whatever the nodes on them take.

#include <doctest/doctest.h>

#include "loophole/messages/engine.hpp"
#include "stage.hpp"
#include "wav.hpp"

namespace loophole::test {
namespace {

// Passes audio on so many frames later, and says so. Stands for a plugin that looks ahead.
class LookAhead final : public reference_signal::Processor {
 public:
  explicit LookAhead(std::uint32_t frames) : ring_(1 << 14), latency_(frames) {}
  void process(const reference_signal::Stretch&, const reference_signal::NodeSetup&,
               reference_signal::StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING override {
    const std::uint32_t latency = latency_;
    for (std::uint32_t i = 0; i < audio.frames; ++i) {
      ring_.write(audio.left[i], audio.right[i]);
      audio.left[i] = ring_.left(latency);
      audio.right[i] = ring_.right(latency);
    }
  }
  [[nodiscard]] std::uint32_t latency_frames() const noexcept override { return latency_; }
  void set(std::uint32_t frames) { latency_ = frames; }

 private:
  reference_signal::DelayRing ring_;
  std::atomic<std::uint32_t> latency_;
};

// A clip that counts its frames (handle-less), and nodes of kind plugin that look ahead.
struct Parallel : Stage {
  static constexpr std::size_t kFrames = 40'000;
  static float sample(std::size_t frame) { return static_cast<float>(frame + 1) / 65'536.0F; }

  Parallel()
      : Stage({.driver = {},
               .record = {},
               .plugins = {},
               .make_plugin = [this](const graph::GraphNode& node) -> std::shared_ptr<reference_signal::Processor> {
                 if (node.kind != graph::GraphNodeKind::plugin) return nullptr;
                 return ahead[node.id.str()] = std::make_shared<LookAhead>(frames.at(node.id.str()));
               }}) {
    REQUIRE(configure());
    Wav wav{.rate = 48'000, .channels = 1, .samples = {}};
    for (std::size_t i = 0; i < kFrames; ++i) wav.samples.push_back(sample(i));
    write_wav(path(), wav);
  }
  std::string path() const { return (folder.path() / "counting.wav").string(); }
  graph::GraphNode player() const {
    return player_of("player", {{.path = path(), .start_frames = 0, .length_frames = static_cast<std::int64_t>(kFrames), .gain_db = 0}});
  }
  graph::GraphNode plugin(const std::string& id, std::uint32_t latency) {
    frames[id] = latency;
    graph::GraphNode node = node_of(id, graph::GraphNodeKind::plugin);
    node.plugin = PluginId("urn:test:" + id);
    return node;
  }
  static graph::Graph graph_of(std::vector<graph::GraphNode> nodes,
                               std::initializer_list<std::pair<const char*, const char*>> connections) {
    graph::Graph graph{.nodes = std::move(nodes), .connections = {}};
    for (const auto& [from, to] : connections) graph.connections.push_back({.from = GraphNodeId(from), .to = GraphNodeId(to)});
    return graph;
  }

  TempFolder folder;
  std::map<std::string, std::uint32_t> frames;
  std::map<std::string, std::shared_ptr<LookAhead>> ahead;
};

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
