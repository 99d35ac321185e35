// Automation on rendered samples: exact at its points, taken over smoothly, behind gestures and before committed values.

#include <doctest/doctest.h>

#include <cmath>

#include "stage.hpp"
#include "wav.hpp"

namespace loophole::test {
namespace {

using automation::Mode;
using automation::Shape;
using Points = std::vector<automation::Point>;

// A clip of ones through a gain (handle 3): what is heard is the gain.
struct GainStage : Stage {
  static constexpr std::size_t kSmoothing = 960;  // 20 ms

  explicit GainStage(std::optional<automation::Lane> lane = {}) {
    REQUIRE(configure());
    write_wav(path(), {.rate = 48'000, .channels = 1, .samples = std::vector<float>(96'000, 1.0F)});
    REQUIRE(replace(graph(std::move(lane))));
  }
  std::string path() const { return (folder.path() / "ones.wav").string(); }
  graph::Graph graph(std::optional<automation::Lane> lane = {}) const {
    graph::Graph graph = chain_of({player_of("player", {{.path = path(), .start_frames = 0, .length_frames = 96'000, .gain_db = 0}}),
                                   gain_of("gain", 3), output_of()});
    graph.nodes[1].parameters[0].automation = std::move(lane);
    return graph;
  }
  void automate(std::optional<automation::Lane> lane) {
    const engine::AutomationLane one{.handle = 3, .automation = std::move(lane)};
    const auto ticket = engine.set_automation({&one, 1});
    REQUIRE(ticket);
    tickets.push_back(*ticket);
  }

  TempFolder folder;
  std::vector<signal::Engine::Ticket> tickets;
};

automation::Lane lane_of(Points points, Mode mode = Mode::read) {
  return {.mode = mode, .points = std::move(points)};
}
double amplitude(double db) {
  return std::pow(10.0, db / 20);
}

TEST_CASE("points count from their own frame on: lines, holds, before the first and behind the last") {
  GainStage stage(lane_of({{.position_frames = 3'000, .value = -6, .shape = Shape::linear},
                           {.position_frames = 5'003, .value = -26, .shape = Shape::hold},
                           {.position_frames = 7'777, .value = 0, .shape = Shape::hold}}));
  stage.play();
  const auto heard = stage.render(9'600);
  const auto at = [&](std::size_t frame) { return static_cast<double>(heard[frame]); };
  CHECK(at(2'000) == doctest::Approx(amplitude(-6)));
  CHECK(at(3'000) == doctest::Approx(amplitude(-6)));
  for (const std::size_t frame : {3'100U, 3'777U, 4'444U, 4'999U})
    CHECK(at(frame) == doctest::Approx(amplitude(-6.0 - 20.0 * static_cast<double>(frame - 3'000) / 2'003)).epsilon(0.0005));
  CHECK(at(5'003) == doctest::Approx(amplitude(-26)));
  CHECK(heard[7'776] == heard[5'003]);
  CHECK(at(7'777) == 1.0);
  CHECK(at(9'000) == 1.0);
}

TEST_CASE("automation takes over from the committed value within the smoothing time, and gives back likewise") {
  GainStage stage;
  stage.play();
  stage.render(4'800);
  stage.automate(lane_of({{.position_frames = 0, .value = -20, .shape = Shape::hold}}));
  CHECK_FALSE(stage.engine.taken(stage.tickets.back()));
  auto heard = stage.render(1'280);
  CHECK(stage.engine.taken(stage.tickets.back()));
  CHECK(heard[0] == 1.0F);
  CHECK(heard[GainStage::kSmoothing / 2] == doctest::Approx(amplitude(-10)).epsilon(0.001));
  CHECK(heard[GainStage::kSmoothing] == doctest::Approx(amplitude(-20)));
  CHECK(heard[1'279] == heard[GainStage::kSmoothing]);
  CHECK(stage.held(3) == -20);
  CHECK(steepest(heard) < 0.01);
  stage.automate({});
  heard = stage.render(1'280);
  CHECK(steepest(heard) < 0.01);
  CHECK(heard[GainStage::kSmoothing] == 1.0F);
  CHECK(stage.held(3) == 0);
}

TEST_CASE("modes that play are read, touch and latch; points of others are kept and not heard") {
  for (const Mode mode : {Mode::off, Mode::read, Mode::touch, Mode::latch, Mode::write}) {
    GainStage stage(lane_of({{.position_frames = 0, .value = -20, .shape = Shape::hold}}, mode));
    stage.play();
    const bool plays = mode == Mode::read || mode == Mode::touch || mode == Mode::latch;
    CHECK(stage.render(4'800)[4'000] == doctest::Approx(plays ? amplitude(-20) : 1.0));
  }
}

TEST_CASE("a gesture goes before automation until it ends, then the points are heard again") {
  GainStage stage(lane_of(
      {{.position_frames = 0, .value = -20, .shape = Shape::linear}, {.position_frames = 96'000, .value = -40, .shape = Shape::hold}}));
  stage.play();
  stage.render(4'864);
  stage.set(3, -3, Stage::Origin::gesture);
  auto heard = stage.render(1'280);
  CHECK(heard[1'000] == doctest::Approx(amplitude(-3)));
  CHECK(stage.held(3) == -3);
  stage.set(3, -9);  // committed meanwhile
  heard = stage.render(1'280);
  CHECK(heard[1'200] == doctest::Approx(amplitude(-3)));
  stage.set(3, -12, Stage::Origin::gesture_end);
  heard = stage.render(1'280);
  CHECK(heard[1'200] == doctest::Approx(amplitude(-20 - 20 * (4'864 + 2'560 + 1'200) / 96'000.0)).epsilon(0.0005));
  CHECK(steepest(heard) < 0.01);
}

TEST_CASE("without a running transport the committed value holds") {
  GainStage stage(lane_of({{.position_frames = 0, .value = -20, .shape = Shape::hold}}));
  stage.render(512);
  CHECK(stage.held(3) == 0);
  stage.play();
  stage.render(512);
  CHECK(stage.held(3) == -20);
  stage.stop();
  stage.render(512);
  CHECK(stage.held(3) == 0);
}

TEST_CASE("automation that was set stays when the format changes, and so do committed values") {
  GainStage stage;
  stage.automate(lane_of({{.position_frames = 0, .value = -20, .shape = Shape::hold}}));
  stage.set(3, -6);
  stage.render(512);
  REQUIRE(stage.configure(96'000));
  stage.play();
  stage.render(512);
  CHECK(stage.held(3) == -20);
  stage.automate({});
  stage.render(512);
  CHECK(stage.held(3) == -6);
}

TEST_CASE("a graph replaces automation that was sent before it, live or not") {
  GainStage stage;
  stage.play();
  stage.render(2'560);
  stage.automate(lane_of({{.position_frames = 0, .value = -20, .shape = Shape::hold}}));
  const auto ticket = stage.replace(stage.graph());
  stage.render(512);
  CHECK(stage.engine.taken(*ticket));
  CHECK(stage.held(3) == 0);
  // Sent after it, two before a block: the newest of each parameter counts.
  REQUIRE(stage.replace(stage.graph()));
  stage.automate(lane_of({{.position_frames = 0, .value = -20, .shape = Shape::hold}}));
  stage.automate(lane_of({{.position_frames = 0, .value = -30, .shape = Shape::hold}}));
  stage.render(512);
  CHECK(stage.engine.taken(stage.tickets.back()));
  CHECK(stage.held(3) == -30);
}

}  // namespace
}  // namespace loophole::test
