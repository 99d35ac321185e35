// Plugins are told where the transport is: at the frame where it starts, jumps, loops, stops or changes its tempo, and only then.

#include <doctest/doctest.h>

#include "plugin_stage.hpp"

namespace loophole::test {
namespace {

// The fixture puts the frame on the left (-1 while it stands still), the tempo and a thousand for each time that it was told on the right.
struct TimeStage : PluginStage {
  void transport(engine::TransportSet change) { static_cast<void>(engine.set_transport(change)); }
  [[nodiscard]] int told() const { return static_cast<int>(right.back()) / 1'000; }
  [[nodiscard]] int tempo() const { return static_cast<int>(right.back()) % 1'000; }
};

TEST_CASE("a plugin follows the transport to the frame, over starts, loops, jumps, stops and changes of tempo") {
  TimeStage stage;
  REQUIRE(stage.replace(chain_of({plugin_of(fixture("time")), output_of()})));
  auto heard = stage.render(1'024);
  CHECK(heard.front() == -1);
  CHECK(heard.back() == -1);
  CHECK(stage.told() == 1);
  CHECK(stage.tempo() == 120);

  constexpr std::int64_t kStart = 1'000;
  constexpr std::int64_t kEnd = 3'001;  // within a block
  stage.transport({.playing = true,
                   .position_frames = kStart,
                   .loop = transport::Loop{.enabled = true, .start_frames = kStart, .end_frames = kEnd},
                   .tempo_bpm = {}});
  heard = stage.render(5'120);
  for (std::size_t i = 0; i < heard.size(); ++i)
    REQUIRE(heard[i] == static_cast<float>(kStart + static_cast<std::int64_t>(i) % (kEnd - kStart)));
  CHECK(stage.told() == 4);  // the start, two loops

  stage.transport({.playing = {}, .position_frames = {}, .loop = {}, .tempo_bpm = 90});
  const float last = heard.back();
  heard = stage.render(512);
  CHECK(heard.front() == last + 1);
  CHECK(stage.told() == 5);
  CHECK(stage.tempo() == 90);

  stage.transport({.playing = {}, .position_frames = 100'000, .loop = {}, .tempo_bpm = {}});
  heard = stage.render(1'024);
  CHECK(heard[255] == last + 512 + 256);  // fades out
  CHECK(heard[256] == 100'000);
  CHECK(heard.back() == 100'000 + 767);
  CHECK(stage.told() == 6);

  stage.stop();
  heard = stage.render(1'024);
  CHECK(heard[255] == 100'000 + 767 + 256);
  CHECK(heard[256] == -1);
  CHECK(heard.back() == -1);
  CHECK(stage.told() == 7);
  stage.render(4'096);
  CHECK(stage.told() == 7);
}

TEST_CASE("a plugin behind latency is told where its audio was") {
  TimeStage stage;
  constexpr std::size_t kLatency = 700;
  constexpr std::size_t kEnd = 2'001;
  REQUIRE(stage.replace(
      chain_of({plugin_of(fixture("latency"), {parameter_of(10, "frames", static_cast<double>(kLatency), 0, 20'000, 0)}, "before"),
                plugin_of(fixture("time")), output_of()})));
  stage.render(1'024);
  stage.transport({.playing = true,
                   .position_frames = 0,
                   .loop = transport::Loop{.enabled = true, .start_frames = 0, .end_frames = kEnd},
                   .tempo_bpm = {}});
  const auto heard = stage.render(8'192);
  for (std::size_t i = 0; i < kLatency; ++i) REQUIRE(heard[i] == -1);
  for (std::size_t i = kLatency; i < heard.size(); ++i) REQUIRE(heard[i] == static_cast<float>((i - kLatency) % kEnd));
}

TEST_CASE("a plugin that was bypassed is told anew") {
  TimeStage stage;
  graph::Graph graph = chain_of({plugin_of(fixture("time")), output_of()});
  REQUIRE(stage.replace(graph));
  stage.play(0);
  stage.render(1'024);
  graph.nodes[0].bypassed = true;
  REQUIRE(stage.replace(graph));
  stage.render(4'096);
  graph.nodes[0].bypassed = false;
  REQUIRE(stage.replace(graph));
  const auto heard = stage.render(1'024);
  CHECK(heard.back() == 1'024 + 4'096 + 1'023);
}

}  // namespace
}  // namespace loophole::test
