// Nodes: do what their names say, measured on the output.

#include <doctest/doctest.h>

#include "stage.hpp"

namespace loophole::test {
namespace {

double level_of(Stage& stage, const graph::Graph& graph) {
  REQUIRE(stage.replace(graph));
  stage.play();
  stage.render(9'600);
  return db_of(rms_of(stage.render(48'000)));
}

TEST_CASE("the test tone has its level and its frequency, and plays only while the transport does") {
  Stage stage;
  REQUIRE(stage.configure());
  const double level = level_of(stage, chain_of({tone_of("tone", 1, 1'000, -12), output_of()}));
  CHECK(level == doctest::Approx(-12 - db_of(std::numbers::sqrt2)).epsilon(0.001));
  const auto second = stage.render(48'000);
  int upwards = 0;
  for (std::size_t i = 1; i < 48'000; ++i) upwards += second[i - 1] < 0 && second[i] >= 0 ? 1 : 0;
  CHECK(std::abs(upwards - 1'000) <= 1);
  stage.stop();
  stage.render(512);
  CHECK(rms_of(stage.render(4'800)) == 0);
}

TEST_CASE("the filter passes below its cutoff and falls by 12 dB an octave above") {
  Stage stage;
  REQUIRE(stage.configure());
  const auto at = [&](double frequency, double resonance = 0) {
    return level_of(stage, chain_of({tone_of("tone", 1, frequency, 0), filter_of("filter", 3, 1'000, resonance), output_of()})) +
           db_of(std::numbers::sqrt2);
  };
  CHECK(std::fabs(at(100)) < 0.1);
  CHECK(at(1'000) == doctest::Approx(-3.01).epsilon(0.02));
  CHECK(at(4'000) < -23);
  CHECK(at(4'000) - at(8'000) > 11.5);
  CHECK(at(1'000, 1) == doctest::Approx(db_of(20)).epsilon(0.02));
}

TEST_CASE("an analyser hands on what passes it while somebody watches, every frame once and with the time that it has") {
  Stage stage;
  stage.clock = [](std::uint64_t frames) { return 1'000'000'000 + frames * 1'000'000'000 / 48'000; };
  REQUIRE(stage.configure());
  REQUIRE(stage.replace(chain_of({tone_of("tone", 1), analyser_of("analyser", 9), output_of()})));
  stage.play();
  stage.render(4'800);
  signal::rt::AnalyserRun run;
  CHECK_FALSE(stage.port.spectra.take(run));
  stage.port.spectra.set_wanted(std::array{std::uint32_t{9}});
  const std::uint64_t begin = stage.rendered;
  const auto heard = stage.render(9'600);
  std::vector<float> seen;
  while (stage.port.spectra.take(run)) {
    REQUIRE(run.handle == 9);
    seen.insert(seen.end(), run.samples.begin(), run.samples.begin() + run.frames);
    REQUIRE(run.engine_frames == begin + seen.size());
    REQUIRE(std::llabs(static_cast<long long>(run.time_ns - stage.clock(run.engine_frames))) <= 2);
  }
  CHECK(seen == heard);
}

TEST_CASE("frames and time lie on one line in all that the engine tells, over jumps and loops as well") {
  Stage stage;
  stage.clock = [](std::uint64_t frames) { return 1'000'000'000 + frames * 1'000'000'000 / 48'000; };
  REQUIRE(stage.configure());
  stage.port.meters.set_wanted(true);
  stage.port.transport.set_wanted(true);
  stage.port.load.set_wanted(true);
  REQUIRE(stage.replace(chain_of({tone_of("tone", 1), meter_of("meter", 7), output_of()})));
  static_cast<void>(stage.engine.set_transport({.playing = true,
                                                .position_frames = 100,
                                                .loop = transport::Loop{.enabled = true, .start_frames = 77, .end_frames = 1'077},
                                                .tempo_bpm = {}}));
  stage.render(48'000);
  const auto on_the_line = [&](std::uint64_t frames, std::uint64_t time_ns) {
    return std::llabs(static_cast<long long>(time_ns - stage.clock(frames))) <= 2;
  };
  int meters = 0;
  int readings = 0;
  signal::rt::MeterBatch batch;
  while (stage.port.meters.take(batch)) {
    REQUIRE(on_the_line(batch.engine_frames, batch.time_ns));
    ++meters;
  }
  signal::rt::TransportReading reading;
  while (stage.port.transport.take(reading)) {
    REQUIRE(on_the_line(reading.engine_frames, reading.time_ns));
    ++readings;
  }
  CHECK(meters > 10);
  CHECK(readings > 10);
}

TEST_CASE("gain is in dB, and its lowest value is silence") {
  Stage stage;
  REQUIRE(stage.configure());
  const auto at = [&](double db) {
    return level_of(stage, chain_of({tone_of("tone", 1, 1'000, -20), gain_of("gain", 3, db), output_of()}));
  };
  const double unity = at(0);
  CHECK(at(6) - unity == doctest::Approx(6).epsilon(0.001));
  CHECK(at(-30) - unity == doctest::Approx(-30).epsilon(0.001));
  CHECK(std::isinf(at(-90)));
}

TEST_CASE("a bus sums what leads to it, and a send adds its copy at a level of its own") {
  Stage stage;
  REQUIRE(stage.configure());
  // Two equal tones into a bus, and one of them again through a send and its return.
  const auto at = [&](double send_db) {
    graph::Graph graph;
    graph.nodes = {tone_of("a", 1, 1'000, -20),
                   tone_of("b", 3, 1'000, -20),
                   node_of("bus.in", graph::GraphNodeKind::bus_mixer),
                   node_of("send", graph::GraphNodeKind::send, {parameter_of(5, "level", send_db, -90, 24)}),
                   node_of("bus.return", graph::GraphNodeKind::return_),
                   output_of()};
    for (const auto& [from, to] :
         {std::pair("a", "bus.in"), {"b", "bus.in"}, {"a", "send"}, {"send", "bus.return"}, {"bus.return", "bus.in"}, {"bus.in", "out"}})
      graph.connections.push_back({.from = GraphNodeId(from), .to = GraphNodeId(to)});
    return level_of(stage, graph);
  };
  const double two = -20 - db_of(std::numbers::sqrt2) + db_of(2);
  CHECK(at(-90) == doctest::Approx(two).epsilon(0.001));
  CHECK(at(0) == doctest::Approx(two - db_of(2) + db_of(3)).epsilon(0.001));
  CHECK(at(db_of(2)) == doctest::Approx(two + db_of(2)).epsilon(0.001));
}

TEST_CASE("pan leaves the middle alone and empties the other side at its ends") {
  Stage stage;
  REQUIRE(stage.configure());
  const auto at = [&](double position) {
    REQUIRE(stage.replace(chain_of({tone_of("tone", 1, 1'000, 0), pan_of("pan", 3, position), output_of()})));
    stage.play();
    stage.render(9'600);
    const auto left = stage.render(9'600);
    return std::pair(rms_of(left), rms_of(stage.right));
  };
  const auto middle = at(0);
  CHECK(middle.first == doctest::Approx(1 / std::numbers::sqrt2).epsilon(0.001));
  CHECK(middle.second == doctest::Approx(middle.first));
  CHECK(at(-1).second == 0);
  CHECK(at(-1).first == doctest::Approx(middle.first).epsilon(0.001));
  CHECK(at(1).first == 0);
}

TEST_CASE("a parameter moves smoothly, arrives exactly, and jumps nowhere") {
  Stage stage;
  REQUIRE(stage.configure());
  REQUIRE(stage.replace(chain_of({tone_of("tone", 1, 100, 0), gain_of("gain", 3, -60), output_of()})));
  stage.play();
  stage.render(9'600);
  stage.set(3, 0);
  const auto moving = stage.render(4'800);
  CHECK(stage.held(3) == 0);
  CHECK(steepest(moving) < 0.05);  // a sine of 100 Hz alone has 0.013
  CHECK(db_of(rms_of(stage.render(48'000))) == doctest::Approx(-db_of(std::numbers::sqrt2)).epsilon(0.005));
}

TEST_CASE("after a gesture and its commit the engine holds exactly the committed value") {
  Stage stage;
  REQUIRE(stage.configure());
  REQUIRE(stage.replace(synth_graph()));
  stage.play();
  double hz = 200;
  for (int i = 0; i < 720; ++i) {
    stage.set(3, hz *= 1.005);
    if (i % 3 == 0) stage.render(256);
  }
  const double committed = 3'333.333'333'333'3;
  stage.set(3, committed);
  stage.render(256);
  CHECK(stage.held(3) == committed);
}

TEST_CASE("meters are right within 0.1 dB, and rest while nobody watches") {
  Stage stage;
  REQUIRE(stage.configure());
  REQUIRE(stage.replace(chain_of({tone_of("tone", 1, 997, -6), meter_of("meter", 3), output_of()})));
  stage.play();
  stage.render(9'600);
  signal::rt::MeterBatch batch;
  CHECK_FALSE(stage.port.meters.take(batch));
  stage.port.meters.set_wanted(true);
  stage.render(9'600);
  int batches = 0;
  while (stage.port.meters.take(batch)) {
    ++batches;
    REQUIRE(batch.readings.size() == 2);
    CHECK(batch.readings[0].handle == 3);
    CHECK(std::fabs(db_of(static_cast<double>(batch.readings[0].peak)) + 6) < 0.1);
    CHECK(std::fabs(db_of(static_cast<double>(batch.readings[1].rms)) + 6 + db_of(std::numbers::sqrt2)) < 0.1);
  }
  CHECK(batches >= 9);
}

}  // namespace
}  // namespace loophole::test
