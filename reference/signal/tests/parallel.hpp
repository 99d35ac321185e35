#pragma once
// For tests of latency: nodes that look ahead, and a clip whose samples say where they are from.

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "stage.hpp"
#include "wav.hpp"

namespace loophole::test {

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
  [[nodiscard]] std::uint32_t latency_frames() const noexcept LOOPHOLE_NONBLOCKING override { return latency_; }
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

}  // namespace loophole::test
