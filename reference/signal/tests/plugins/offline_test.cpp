// Plugins offline: what they do beside is done within the block, so that the same graph makes the same file, byte by byte; they are told
// that nobody plays them live.

#include <fstream>

#include "../wav.hpp"
#include "loophole/wire/codec.hpp"
#include "plugin_stage.hpp"
#include "render/render.hpp"

namespace loophole::test {
namespace {

constexpr std::int64_t kBlock = 64;

struct Rendered {
  std::string bytes;
  Wav wav;
};

struct OfflineDesk : FixturesInPath {
  Rendered render(const graph::Graph& graph) const {
    const std::filesystem::path file = folder.path() / "graph.json";
    const std::filesystem::path out = folder.path() / "out.wav";
    std::ofstream(file) << wire::to_json(graph).value();
    reference_signal::RenderJob job{.graph = file, .out = out};
    job.block_frames = kBlock;
    job.seconds = 5.0;
    REQUIRE(reference_signal::render(job, [](std::uint64_t, std::uint64_t) { return true; }));
    std::ifstream in(out, std::ios::binary);
    return {.bytes = {std::istreambuf_iterator<char>(in), {}}, .wav = read_wav(out)};
  }
  TempFolder folder;
};

float loudest(const Wav& wav, std::size_t begin, std::size_t end) {
  float most = 0;
  for (std::size_t i = begin * 2; i < end * 2; ++i) most = std::max(most, std::fabs(wav.samples[i]));
  return most;
}

TEST_CASE("work that a plugin asks for is done in the block that asks, and the file is the same each time") {
  const OfflineDesk desk;
  auto node = trigger_of("worker", 0, 0.25);
  constexpr std::int64_t kAsked = 48'000;
  node.parameters[0].key = "learn";
  node.parameters[0].automation = automation::Lane{.mode = automation::Mode::read,
                                                   .points = {{.position_frames = 0, .value = 0, .shape = automation::Shape::hold},
                                                              {.position_frames = kAsked, .value = 1, .shape = automation::Shape::hold}}};
  const graph::Graph graph = tone_through(node);
  const Rendered first = desk.render(graph);
  const float before = loudest(first.wav, 24'000, kAsked);
  CHECK(before > 0.2F);
  CHECK(loudest(first.wav, kAsked + kBlock, 96'000) == doctest::Approx(before * 0.25F).epsilon(0.01));
  for (int i = 0; i < 4; ++i) CHECK(desk.render(graph).bytes == first.bytes);
}

TEST_CASE("a plugin is told whether it is played live") {
  const graph::Graph graph = tone_through(plugin_of(fixture("pace")));
  PluginStage live;
  const double dry = live.dry();
  REQUIRE(live.replace(graph));
  CHECK(live.level() == doctest::Approx(dry).epsilon(0.01));
  const Wav offline = OfflineDesk().render(graph).wav;
  CHECK(rms_of(std::span(offline.samples).subspan(48'000)) == doctest::Approx(dry * 0.25).epsilon(0.01));
}

TEST_CASE("a plugin goes on offline with its state, and one that can only be played live says so") {
  PluginStage stage;
  const double dry = stage.dry();
  graph::Graph graph = tone_through(memory_of(1, 0.5));
  graph.nodes.push_back(plugin_of(fixture("live"), {}, "live"));
  graph.connections.push_back({.from = GraphNodeId("tone"), .to = GraphNodeId("live")});
  REQUIRE(stage.replace(graph));
  CHECK(stage.level() == doctest::Approx(dry * 0.5).epsilon(0.01));
  stage.set(10, 0);  // from here on only its state knows
  CHECK(stage.level() == doctest::Approx(dry * 0.5).epsilon(0.01));
  CHECK(stage.failures.empty());

  const auto configured = stage.wait_for<engine::Effective>([&](auto done) {
    stage.engine.configure({.sample_rate_hz = 48'000, .block_frames = 256, .driver = engine::Driver::offline, .device_id = {}}, done);
  });
  REQUIRE(configured);
  CHECK(stage.level() == doctest::Approx(dry * 0.5).epsilon(0.01));
  REQUIRE(stage.failures.size() == 1);
  CHECK(stage.failures[0].node_id == GraphNodeId("live"));
  CHECK(stage.failures[0].reason.find("real time") != std::string::npos);
}

}  // namespace
}  // namespace loophole::test
