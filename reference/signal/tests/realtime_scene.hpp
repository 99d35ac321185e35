#pragma once
// For tests of the audio callback: an engine with every kind of node, clips, gestures, meters, spectra, recording and graphs under way,
// moved by two threads.

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "audio/tap.hpp"
#include "loophole/session/last_words.hpp"
#include "plugins/plugin_stage.hpp"
#include "plugins/plugin_words.hpp"
#include "wav.hpp"

namespace loophole::test {

class RealtimeScene {
 public:
  // `others`: plugins that are played beside the fixture, one after the other.
  explicit RealtimeScene(std::vector<graph::GraphNode> others = {}) : others_(std::move(others)) {
    Wav wav{.rate = 44'100, .channels = 1, .samples = std::vector<float>(44'100, 0.25F)};
    write_wav((folder.path() / "clip.wav").string(), wav);
    stage.port.meters.set_wanted(true);
    stage.port.transport.set_wanted(true);
    stage.port.load.set_wanted(true);
    stage.port.spectra.set_wanted(std::array{kAnalyser});
    REQUIRE(stage.configure());
    disturb(0);
    stage.render(256);
  }

  // [io-thread] What a busy user does: edits, drags, jumps; and telemetry is read.
  void disturb(int round) {
    if (round % 4 == 0) REQUIRE(stage.replace(graph(round)));
    for (int i = 0; i < 16; ++i) stage.set(3, 200.0 + (round * 16 + i) % 10'000);
    stage.set(5, -(round % 60));
    stage.set(5, -(round % 30), round % 3 == 0 ? Stage::Origin::gesture_end : Stage::Origin::gesture);
    if (round % 3 == 1) automate(round);
    if (round % 7 == 0) stage.play(round * 1'000 % 40'000);
    if (round % 7 == 3) loop(round);
    if (round % 7 == 5) stage.stop();
    signal::rt::TransportReading reading;
    while (stage.port.meters.take(batch_)) ++batches;
    while (stage.port.transport.take(reading)) ++readings;
    signal::rt::LoadReading load;
    while (stage.port.load.take(load)) ++loads;
    while (stage.port.spectra.take(run_)) ++runs;
    stage.engine.tick();
  }

  TempFolder folder;
  reference_signal::PluginWords words{words_in(folder.path() / "words")};
  PluginStage stage{std::chrono::seconds(60), folder.path() / "recording.wav", &words};
  int batches = 0;
  int readings = 0;
  int loads = 0;
  int runs = 0;  // of the analyser

 private:
  static constexpr std::uint32_t kAnalyser = 40;
  static session::LastWords words_in(const std::filesystem::path& file) {
    REQUIRE(session::make_last_words(file));
    auto mapped = session::LastWords::map(file);
    REQUIRE(mapped);
    return *std::move(mapped);
  }
  // A lane with a point every 100 frames for the pan, and none every other time.
  void automate(int round) {
    engine::AutomationLane lane{.handle = 6, .automation = {}};
    if (round % 2 == 0) {
      lane.automation.emplace();
      lane.automation->mode = automation::Mode::read;
      for (std::int64_t at = 0; at < 400; ++at)
        lane.automation->points.push_back({.position_frames = at * 100,
                                           .value = static_cast<double>(at % 3) - 1,
                                           .shape = at % 2 == 0 ? automation::Shape::linear : automation::Shape::hold});
    }
    REQUIRE(stage.engine.set_automation({&lane, 1}));
  }
  void loop(int round) {
    const transport::Loop loop{.enabled = round % 2 == 0, .start_frames = round % 500, .end_frames = round % 500 + 77 + round % 1'000};
    static_cast<void>(stage.engine.set_transport({.playing = true, .position_frames = loop.start_frames, .loop = loop, .tempo_bpm = 90}));
  }
  graph::Graph graph(int round) const {
    const graph::GraphClip clip{
        .path = (folder.path() / "clip.wav").string(), .start_frames = round % 1'000, .length_frames = 40'000, .gain_db = -3};
    graph::Graph graph = chain_of({player_of("player", {clip, clip}), tone_of("tone", 1), filter_of("filter", 3), gain_of("gain", 5),
                                   pan_of("pan", 6), plugin_of(fixture("choice")), delay_of("delay", 20),
                                   analyser_of("analyser", kAnalyser), meter_of("meter", 7), output_of()});
    // A send into a return on a bus, with a way beside it that takes longer every other time.
    graph.nodes.push_back(node_of("send", graph::GraphNodeKind::send, {parameter_of(30, "level", -6, -90, 24)}));
    graph.nodes.push_back(node_of("return", graph::GraphNodeKind::return_));
    graph.nodes.push_back(node_of("bus", graph::GraphNodeKind::bus_mixer));
    for (const auto& [from, to] : {std::pair("gain", "send"), {"send", "return"}, {"return", "bus"}, {"bus", "out"}})
      graph.connections.push_back({.from = GraphNodeId(from), .to = GraphNodeId(to)});
    graph.nodes[2].bypassed = round % 16 == 4;
    graph.nodes[6].bypassed = round % 24 == 8;
    if (round % 20 == 12) {  // filter and gain change places: old and new ways make a circle
      graph.connections[1].to = GraphNodeId("gain");
      graph.connections[2] = {.from = GraphNodeId("gain"), .to = GraphNodeId("filter")};
      graph.connections[3].from = GraphNodeId("filter");
    }
    for (const graph::GraphNode& other : others_) {
      for (graph::Connection& connection : graph.connections)
        if (connection.to == GraphNodeId("out") && connection.from != GraphNodeId("bus")) connection.to = other.id;
      graph.connections.push_back({.from = other.id, .to = GraphNodeId("out")});
      graph.nodes.push_back(other);
    }
    // Every second graph has more nodes, so that nodes come and go.
    if (round % 8 == 0) {
      graph.nodes.push_back(tone_of("tone" + std::to_string(round), 8));
      graph.connections.push_back({.from = graph.nodes.back().id, .to = GraphNodeId("out")});
    }
    return graph;
  }

  std::vector<graph::GraphNode> others_;
  signal::rt::MeterBatch batch_;
  signal::rt::AnalyserRun run_;
};

}  // namespace loophole::test
