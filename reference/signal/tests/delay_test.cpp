// Delay: echoes at their time and level, over graphs and changes of the time.

#include <doctest/doctest.h>

#include "stage.hpp"
#include "wav.hpp"

namespace loophole::test {
namespace {

constexpr std::size_t kClick = 1'000;  // where the clip has its one sample

struct Echoes : Stage {
  Echoes() {
    REQUIRE(configure());
    Wav wav{.rate = 48'000, .channels = 2, .samples = std::vector<float>(4'800, 0.0F)};
    wav.samples[2 * kClick] = 0.5F;
    write_wav(path(), wav);
  }
  std::string path() const { return (folder.path() / "click.wav").string(); }
  graph::Graph graph(double time_ms, double feedback, double mix) const {
    return chain_of({player_of("player", {{.path = path(), .start_frames = 0, .length_frames = 2'400, .gain_db = 0}}),
                     delay_of("delay", 3, time_ms, feedback, mix), output_of()});
  }
  TempFolder folder;
};

TEST_CASE("echoes come at their time, each quieter by the feedback, on their own side") {
  Echoes stage;
  REQUIRE(stage.replace(stage.graph(10, 0.5, 0.25)));
  stage.play();
  const auto heard = stage.render(4'096);
  for (std::size_t i = 0; i < heard.size(); ++i) {
    const std::size_t since = i - kClick;
    double expected = i == kClick ? 0.375 : 0;
    if (i > kClick && since % 480 == 0) expected = 0.5 * 0.25 * std::pow(0.5, static_cast<double>(since / 480 - 1));
    REQUIRE(static_cast<double>(heard[i]) == doctest::Approx(expected));
    REQUIRE(stage.right[i] == 0);
  }
}

TEST_CASE("echoes go on over a graph, a stop, and a bypass that is over") {
  Echoes stage;
  REQUIRE(stage.replace(stage.graph(100, 0.5, 1)));
  stage.play();
  stage.render(2'048);
  stage.stop();
  graph::Graph next = stage.graph(100, 0.5, 1);
  next.nodes.push_back(gain_of("more", 9));
  next.connections.back().to = next.nodes.back().id;
  next.connections.push_back({.from = next.nodes.back().id, .to = GraphNodeId("out")});
  REQUIRE(stage.replace(next));
  const auto heard = stage.render(9'600);
  CHECK(heard[kClick + 4'800 - 2'048] == doctest::Approx(0.5));
  next.nodes[1].bypassed = true;
  REQUIRE(stage.replace(next));
  stage.render(2'048);
  next.nodes[1].bypassed = false;
  REQUIRE(stage.replace(next));
  CHECK(rms_of(stage.render(19'200)) == 0);  // what it remembered was of before the bypass
}

TEST_CASE("another time is reached without a click, and is exact") {
  Stage stage;
  REQUIRE(stage.configure());
  REQUIRE(stage.replace(chain_of({tone_of("tone", 1, 100, -6), delay_of("delay", 3, 20, 0.3, 1), output_of()})));
  stage.play();
  stage.render(9'600);
  const double alone = steepest(stage.render(4'800));
  stage.set(3, 123);
  CHECK(steepest(stage.render(24'000)) < alone * 1.3);
  CHECK(stage.held(3) == 123);
  // From here on the tone is heard 5904 frames later.
  stage.stop();
  const auto end = stage.render(12'288);
  CHECK(rms_of(std::span(end).subspan(5'000, 800)) > 0.1);
}

TEST_CASE("the highest feedback dies away all the same") {
  Stage stage;
  REQUIRE(stage.configure());
  REQUIRE(stage.replace(chain_of({tone_of("tone", 1, 400, -12), delay_of("delay", 3, 5, 1, 1), output_of()})));
  stage.play();
  const double before = rms_of(std::span<const float>(stage.render(48'000)).last(4'800));
  CHECK(before > 10);  // each echo falls onto the one before
  stage.stop();
  stage.render(48'000);
  CHECK(rms_of(stage.render(4'800)) < before / 2);
}

TEST_CASE("what is no number does not stay in the loop, and the node is named and counted") {
  Stage stage;
  REQUIRE(stage.configure());
  auto graph = chain_of({tone_of("tone", 1, 400, -12), gain_of("huge", 10), delay_of("delay", 3, 5, 1, 1), output_of()});
  graph.nodes[1].parameters[0].maximum = 1'000;
  graph.nodes[1].parameters[0].smoothing_ms = 0;
  REQUIRE(stage.replace(graph));
  stage.play();
  stage.render(4'800);
  stage.set(10, 765);  // a float holds 770 dB; the sum of the echoes does not
  for (const float sample : stage.render(9'600)) REQUIRE(std::isfinite(sample));
  REQUIRE(stage.engine.faults().size() == 1);
  CHECK(stage.engine.faults().at("delay") == stage.engine.renderer().faults());
  REQUIRE(std::isfinite(rms_of(stage.render(4'800))));
}

}  // namespace
}  // namespace loophole::test
