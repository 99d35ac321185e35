// Graphs are swapped without a click: what stays is bit-identical, what comes, goes or is connected otherwise is faded.

#include <doctest/doctest.h>

#include <functional>

#include "stage.hpp"
#include "wav.hpp"

namespace loophole::test {
namespace {

constexpr std::size_t kBefore = 4'864;  // a whole number of blocks

// What is heard of a graph that is followed by others, one after the other.
std::vector<float> heard_of(const std::vector<graph::Graph>& graphs) {
  Stage stage;
  REQUIRE(stage.configure());
  std::vector<float> heard;
  bool is_first = true;
  for (const graph::Graph& graph : graphs) {
    REQUIRE(stage.replace(graph));
    if (is_first) stage.play();
    is_first = false;
    const auto more = stage.render(kBefore);
    heard.insert(heard.end(), more.begin(), more.end());
  }
  return heard;
}

// The largest step from sample to sample around the swap, beside that of what was heard before it.
void check_no_click(const std::vector<float>& heard, double of_fade = 0.01) {
  const double before = steepest(std::span(heard).subspan(1'024, kBefore - 1'024));
  const double around = steepest(std::span(heard).subspan(kBefore - 256, 1'280));
  const double after = steepest(std::span(heard).last(1'024));
  CHECK(around < std::max(before, after) + of_fade);
}

graph::Graph joined(std::vector<graph::GraphNode> nodes, std::initializer_list<std::pair<const char*, const char*>> connections) {
  graph::Graph graph{.nodes = std::move(nodes), .connections = {}};
  for (const auto& [from, to] : connections) graph.connections.push_back({.from = GraphNodeId(from), .to = GraphNodeId(to)});
  return graph;
}

graph::Graph two_tracks() {
  return joined({tone_of("a", 1, 200, -12), filter_of("fa", 3, 900), tone_of("b", 5, 330, -12), gain_of("gb", 7, -3), output_of()},
                {{"a", "fa"}, {"fa", "out"}, {"b", "gb"}, {"gb", "out"}});
}

TEST_CASE("a graph that is the same again changes not one bit") {
  CHECK(heard_of({two_tracks(), two_tracks(), two_tracks()}) == heard_of({two_tracks(), two_tracks(), two_tracks()}));
  Stage once;
  REQUIRE(once.configure());
  REQUIRE(once.replace(two_tracks()));
  once.play();
  CHECK(heard_of({two_tracks(), two_tracks(), two_tracks()}) == once.render(3 * kBefore));
}

TEST_CASE("what stays is bit-identical while silent nodes come and go beside it") {
  graph::Graph more = two_tracks();
  more.nodes.push_back(tone_of("c", 8, 500, -90));
  more.nodes.push_back(filter_of("fc", 10));
  more.connections.push_back({.from = GraphNodeId("c"), .to = GraphNodeId("fc")});
  more.connections.push_back({.from = GraphNodeId("fc"), .to = GraphNodeId("out")});
  Stage once;
  REQUIRE(once.configure());
  REQUIRE(once.replace(two_tracks()));
  once.play();
  CHECK(heard_of({two_tracks(), more, two_tracks()}) == once.render(3 * kBefore));
}

TEST_CASE("a node that sounds comes and goes without a click, and takes 5 ms") {
  graph::Graph one = joined({tone_of("a", 1, 200, -12), output_of()}, {{"a", "out"}});
  graph::Graph two = joined({tone_of("a", 1, 200, -12), tone_of("b", 5, 330, 0), output_of()}, {{"a", "out"}, {"b", "out"}});
  check_no_click(heard_of({one, two}));
  const auto gone = heard_of({two, one});
  check_no_click(gone);
  Stage alone;
  REQUIRE(alone.configure());
  REQUIRE(alone.replace(one));
  alone.play();
  const auto expected = alone.render(2 * kBefore);
  for (std::size_t i = kBefore + 240; i < gone.size(); ++i) REQUIRE(gone[i] == expected[i]);
  CHECK(gone[kBefore + 100] != expected[kBefore + 100]);
}

TEST_CASE("a node is put into a chain that sounds, taken out, and moved, without a click") {
  const auto tone = tone_of("a", 1, 200, -6);
  const graph::Graph straight = chain_of({tone, output_of()});
  const graph::Graph filtered = chain_of({tone, filter_of("f", 3, 150), output_of()});
  const graph::Graph louder = chain_of({tone, filter_of("f", 3, 150), gain_of("g", 5, 6), output_of()});
  const graph::Graph turned = chain_of({tone, gain_of("g", 5, 6), filter_of("f", 3, 150), output_of()});
  check_no_click(heard_of({straight, filtered}));
  check_no_click(heard_of({filtered, straight}));
  check_no_click(heard_of({filtered, louder}));
  check_no_click(heard_of({louder, turned}));  // old and new ways make a circle
  check_no_click(heard_of({turned, louder}));
}

TEST_CASE("nodes of every other kind are put into a chain that sounds, bypassed and taken out without a click") {
  const auto tone = tone_of("a", 1, 200, -6);
  const graph::Graph straight = chain_of({tone, output_of()});
  for (const graph::GraphNode& node :
       {pan_of("n", 3, -1), delay_of("n", 3, 7, 0.5, 1), node_of("n", graph::GraphNodeKind::send, {parameter_of(3, "level", -9, -90, 24)}),
        node_of("n", graph::GraphNodeKind::return_), node_of("n", graph::GraphNodeKind::bus_mixer), meter_of("n", 3),
        analyser_of("n", 3)}) {
    CAPTURE(to_string(node.kind));
    const graph::Graph with = chain_of({tone, node, output_of()});
    graph::Graph bypassed = with;
    bypassed.nodes[1].bypassed = true;
    for (const auto& way : {std::pair(straight, with), {with, straight}, {with, bypassed}, {bypassed, with}}) {
      CAPTURE(way.first.nodes.size());
      CAPTURE(way.first == bypassed);
      check_no_click(heard_of({way.first, way.second}));
    }
  }
}

TEST_CASE("connections come and go, and a source is replaced, without a click") {
  const auto nodes = [] { return std::vector{tone_of("a", 1, 200, -6), gain_of("g", 5, -3), gain_of("h", 6, -9), output_of()}; };
  const graph::Graph one = joined(nodes(), {{"a", "g"}, {"g", "out"}});
  const graph::Graph other = joined(nodes(), {{"a", "h"}, {"h", "out"}});
  const graph::Graph none = joined(nodes(), {{"a", "g"}});
  check_no_click(heard_of({one, other}));
  check_no_click(heard_of({one, none}));
  check_no_click(heard_of({none, one}));
  check_no_click(heard_of({one, chain_of({tone_of("b", 11, 310, -6), gain_of("g", 5, -3), output_of()})}));
  // Another output is the same place.
  check_no_click(heard_of({one, joined({tone_of("a", 1, 200, -6), gain_of("g", 5, -3), output_of("end")}, {{"a", "g"}, {"g", "end"}})}));
}

TEST_CASE("a bypass goes on and off in a crossfade") {
  graph::Graph on = chain_of({tone_of("a", 1, 200, -6), filter_of("f", 3, 100), output_of()});
  graph::Graph off = on;
  off.nodes[1].bypassed = true;
  check_no_click(heard_of({on, off}));
  check_no_click(heard_of({off, on}));
  Stage straight;
  REQUIRE(straight.configure());
  REQUIRE(straight.replace(chain_of({tone_of("a", 1, 200, -6), output_of()})));
  straight.play();
  const auto plain = straight.render(2 * kBefore);
  const auto bypassed = heard_of({on, off});
  for (std::size_t i = kBefore + 256; i < bypassed.size(); ++i) REQUIRE(bypassed[i] == plain[i]);
}

TEST_CASE("clips come, go and move without a click; those that stay do not change") {
  TempFolder folder;
  const std::string file = (folder.path() / "flat.wav").string();
  write_wav(file, {.rate = 48'000, .channels = 1, .samples = std::vector<float>(48'000, 0.25F)});
  const auto clip = [&](std::int64_t start, double db = 0) {
    return graph::GraphClip{.path = file, .start_frames = start, .length_frames = 40'000, .gain_db = db};
  };
  const auto graph = [&](std::vector<graph::GraphClip> clips) { return chain_of({player_of("player", std::move(clips)), output_of()}); };
  const auto heard = heard_of({graph({clip(0)}), graph({clip(0), clip(100)})});
  check_no_click(heard);
  CHECK(heard[kBefore - 1] == 0.25F);
  CHECK(heard[kBefore + 120] == doctest::Approx(0.375).epsilon(0.01));
  CHECK(heard[kBefore + 240] == 0.5F);
  const auto less = heard_of({graph({clip(0), clip(100)}), graph({clip(100)})});
  check_no_click(less);
  CHECK(less.back() == 0.25F);
  const auto moved = heard_of({graph({clip(0)}), graph({clip(7)})});
  for (std::size_t i = 512; i < moved.size(); ++i) REQUIRE(moved[i] == doctest::Approx(0.25));
}

TEST_CASE("a node that left is destroyed when it has faded, without another graph, and clips are let go") {
  class Nothing final : public reference_signal::Processor {
    void process(const reference_signal::Stretch&, const reference_signal::NodeSetup&,
                 reference_signal::StereoBlock) noexcept LOOPHOLE_NONBLOCKING override {}
  };
  std::weak_ptr<Nothing> made;
  Stage stage({.driver = {}, .record = {}, .plugins = {}, .make_plugin = [&](const graph::GraphNode&) {
                 const auto node = std::make_shared<Nothing>();
                 made = node;
                 return node;
               }});
  REQUIRE(stage.configure());
  graph::GraphNode plugin = node_of("plugin", graph::GraphNodeKind::plugin);
  plugin.plugin = PluginId("urn:test:nothing");
  REQUIRE(stage.replace(chain_of({tone_of("tone", 1), plugin, output_of()})));
  stage.play();
  stage.render(1'024);
  REQUIRE(stage.replace(chain_of({tone_of("tone", 1), output_of()})));
  stage.set(1, 1'234);
  stage.render(256);
  CHECK_FALSE(made.expired());
  stage.render(1'024);
  CHECK(made.expired());
  CHECK(stage.held(1) == 1'234);
}

TEST_CASE("graphs that follow each other faster than a fade all fade, and the last one stays") {
  Stage stage;
  REQUIRE(stage.configure(48'000, 64));
  std::vector<float> heard;
  signal::Engine::Ticket last = 0;
  REQUIRE(stage.replace(chain_of({tone_of("a", 1, 200, -6), output_of()})));
  stage.play();
  stage.render(1'024, 64);
  for (int i = 0; i < 40; ++i) {
    std::vector<graph::GraphNode> nodes{tone_of("a", 1, 200, -6)};
    if (i % 2 == 0) nodes.push_back(gain_of("g", 5, -9));
    if (i % 3 == 0) nodes.push_back(filter_of("f", 3, 300));
    if (i % 5 == 0) std::swap(nodes.front(), nodes.back());
    nodes.push_back(output_of());
    last = stage.replace(chain_of(std::move(nodes))).value();
    stage.set(1, 200 + i);  // belongs to this graph, however long it waits
    const auto more = stage.render(i % 4 == 0 ? 64 : 128, 64);
    heard.insert(heard.end(), more.begin(), more.end());
  }
  const auto end = stage.render(2'048, 64);
  heard.insert(heard.end(), end.begin(), end.end());
  CHECK(stage.engine.taken(last));
  CHECK(stage.held(1) == 239);
  CHECK(steepest(heard) < 2 * std::numbers::pi * 240 / 48'000 / 2 + 0.015);
}

}  // namespace
}  // namespace loophole::test
