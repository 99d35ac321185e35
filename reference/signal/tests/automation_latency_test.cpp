// Automation of a node that hears audio later, because of latency before it: a point counts for the audio that was on its frame.

#include <doctest/doctest.h>

#include <cmath>

#include "parallel.hpp"

namespace loophole::test {
namespace {

constexpr std::size_t kSwitch = 5'003;

// A gain of -20 dB before kSwitch and of 0 dB from there on.
graph::GraphNode switched_gain(const char* id, Handle handle) {
  graph::GraphNode node = gain_of(id, handle);
  node.parameters[0].smoothing_ms = 0;
  node.parameters[0].automation =
      automation::Lane{.mode = automation::Mode::read,
                       .points = {{.position_frames = 0, .value = -20, .shape = automation::Shape::hold},
                                  {.position_frames = static_cast<std::int64_t>(kSwitch), .value = 0, .shape = automation::Shape::hold}}};
  return node;
}
double expected(std::size_t position) {
  return static_cast<double>(Parallel::sample(position)) * (position < kSwitch ? 0.1 : 1.0);
}

TEST_CASE("a point of automation counts for the audio that was on its frame, whatever the latency before the node") {
  for (const std::uint32_t latency : {0U, 1U, 255U, 700U, 7'001U}) {
    CAPTURE(latency);
    Parallel stage;
    REQUIRE(stage.replace(Parallel::graph_of({stage.player(), stage.plugin("a", latency), switched_gain("gain", 3), output_of()},
                                             {{"player", "a"}, {"a", "gain"}, {"gain", "out"}})));
    stage.play();
    const auto heard = stage.render(16'384);
    for (std::size_t i = latency + 256; i < heard.size(); ++i)
      REQUIRE(static_cast<double>(heard[i]) == doctest::Approx(expected(i - latency)).epsilon(1e-5));
  }
}

TEST_CASE("nodes before and behind latency each have their own place, also where parallel ways wait for each other") {
  Parallel stage;
  // -20 dB and -20 dB before the point on each of two ways, one of which is late; then both of them together.
  REQUIRE(stage.replace(Parallel::graph_of(
      {stage.player(), switched_gain("early", 3), stage.plugin("a", 700), switched_gain("late", 4), switched_gain("straight", 5),
       node_of("bus", graph::GraphNodeKind::bus_mixer), switched_gain("all", 6), output_of()},
      {{"player", "early"},
       {"early", "a"},
       {"a", "late"},
       {"late", "bus"},
       {"player", "straight"},
       {"straight", "bus"},
       {"bus", "all"},
       {"all", "out"}})));
  stage.play();
  const auto heard = stage.render(16'384);
  for (std::size_t i = 700 + 256; i < heard.size(); ++i) {
    const std::size_t position = i - 700;
    const double gain = position < kSwitch ? (0.01 + 0.1) * 0.1 : 2.0;
    REQUIRE(static_cast<double>(heard[i]) == doctest::Approx(gain * static_cast<double>(Parallel::sample(position))).epsilon(1e-5));
  }
}

TEST_CASE("a loop jumps for a node when its audio does") {
  Parallel stage;
  REQUIRE(stage.replace(Parallel::graph_of({stage.player(), stage.plugin("a", 700), switched_gain("gain", 3), output_of()},
                                           {{"player", "a"}, {"a", "gain"}, {"gain", "out"}})));
  constexpr std::size_t kStart = 4'000;
  constexpr std::size_t kEnd = 6'001;
  static_cast<void>(stage.engine.set_transport({.playing = true,
                                                .position_frames = static_cast<std::int64_t>(kStart),
                                                .loop = transport::Loop{.enabled = true, .start_frames = kStart, .end_frames = kEnd},
                                                .tempo_bpm = {}}));
  const auto heard = stage.render(16'384);
  for (std::size_t i = 700 + 256; i < heard.size(); ++i)
    REQUIRE(static_cast<double>(heard[i]) == doctest::Approx(expected(kStart + (i - 700) % (kEnd - kStart))).epsilon(1e-5));
}

TEST_CASE("automation goes on until the last audio of before a stop has passed the node") {
  Parallel stage;
  REQUIRE(stage.replace(Parallel::graph_of({stage.player(), stage.plugin("a", 7'000), switched_gain("gain", 3), output_of()},
                                           {{"player", "a"}, {"a", "gain"}, {"gain", "out"}})));
  stage.play();
  stage.render(5'120);
  stage.stop();
  // All that was played was before the point, but for what fades out behind 5120; 0 dB would be what is committed.
  const auto heard = stage.render(7'424);
  for (std::size_t i = 7'000 - 5'120 + 256; i < 7'000; ++i)
    REQUIRE(static_cast<double>(heard[i]) == doctest::Approx(expected(i + 5'120 - 7'000)).epsilon(1e-5));
}

}  // namespace
}  // namespace loophole::test
