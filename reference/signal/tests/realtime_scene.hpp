#pragma once
// For tests of the audio callback: an engine with clips, gestures, meters, recording and graphs under way, moved by two threads.

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "audio/tap.hpp"
#include "stage.hpp"
#include "wav.hpp"

namespace loophole::test {

class RealtimeScene {
 public:
  RealtimeScene() {
    Wav wav{.rate = 44'100, .channels = 1, .samples = std::vector<float>(44'100, 0.25F)};
    write_wav((folder_.path() / "clip.wav").string(), wav);
    stage.port.meters.set_wanted(true);
    stage.port.transport.set_wanted(true);
    stage.port.load.set_wanted(true);
    REQUIRE(stage.configure());
    disturb(0);
    stage.render(256);
  }

  // [io-thread] What a busy user does: edits, drags, jumps; and telemetry is read.
  void disturb(int round) {
    if (round % 4 == 0) REQUIRE(stage.replace(graph(round)));
    for (int i = 0; i < 16; ++i) stage.set(3, 200.0 + (round * 16 + i) % 10'000);
    stage.set(5, -(round % 60));
    if (round % 7 == 0) stage.play(round * 1'000 % 40'000);
    if (round % 7 == 5) stage.stop();
    signal::rt::TransportReading reading;
    while (stage.port.meters.take(batch_)) ++batches;
    while (stage.port.transport.take(reading)) ++readings;
    signal::rt::LoadReading load;
    while (stage.port.load.take(load)) ++loads;
    stage.engine.tick();
  }

  Stage stage;
  int batches = 0;
  int readings = 0;
  int loads = 0;

 private:
  graph::Graph graph(int round) const {
    const graph::GraphClip clip{
        .path = (folder_.path() / "clip.wav").string(), .start_frames = round % 1'000, .length_frames = 40'000, .gain_db = -3};
    graph::Graph graph = chain_of({player_of("player", {clip, clip}), tone_of("tone", 1), filter_of("filter", 3), gain_of("gain", 5),
                                   pan_of("pan", 6), meter_of("meter", 7), output_of()});
    // Every second graph has more nodes, so that nodes come and go.
    if (round % 8 == 0) {
      graph.nodes.push_back(tone_of("tone" + std::to_string(round), 8));
      graph.connections.push_back({.from = graph.nodes.back().id, .to = GraphNodeId("out")});
    }
    return graph;
  }

  TempFolder folder_;
  signal::rt::MeterBatch batch_;
};

}  // namespace loophole::test
