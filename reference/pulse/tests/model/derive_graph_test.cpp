// The graph that is derived from a project: one chain a track, all into the master.

#include "derive/derive_graph.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "loophole/wire/graph_digest.hpp"
#include "model/catalogue.hpp"

using namespace loophole;
using namespace loophole::pulse;

namespace {

using Edge = std::pair<std::string, std::string>;

std::set<Edge> edges(const graph::Graph& graph) {
  std::set<Edge> result;
  for (const graph::Connection& connection : graph.connections) result.emplace(connection.from.str(), connection.to.str());
  return result;
}

const graph::GraphNode& node_of(const graph::Graph& graph, const std::string& id) {
  const auto found = std::find_if(graph.nodes.begin(), graph.nodes.end(), [&](const auto& node) { return node.id.str() == id; });
  REQUIRE(found != graph.nodes.end());
  return *found;
}

// "Voice" with a clip; "Synth" with a tone into a filter; "Empty".
project::Project make_song() {
  HandleSource handles;
  project::Project project = make_project("Song", 48'000, 120, handles);
  for (const char* name : {"Voice", "Synth", "Empty"}) project.tracks.push_back(make_track(name, handles));
  project.tracks[0].id = TrackId("voice");
  project.tracks[1].id = TrackId("synth");
  project.tracks[2].id = TrackId("empty");
  project.tracks[0].clips.push_back(
      {.id = ClipId("c"), .name = "c", .path = "/a.wav", .start_frames = 100, .offset_frames = 50, .length_frames = 48'000, .gain_db = -3});
  project.tracks[1].channel.nodes.push_back(make_node(node::NodeKind::test_tone, {}, handles).value());
  project.tracks[1].channel.nodes.push_back(make_node(node::NodeKind::filter, {}, handles).value());
  project.tracks[1].channel.nodes[0].id = NodeId("tone");
  project.tracks[1].channel.nodes[1].id = NodeId("filter");
  return project;
}

}  // namespace

TEST_CASE("an empty project: gain, meter and output of the master") {
  HandleSource handles;
  const project::Project project = make_project("Song", 48'000, 120, handles);
  const graph::Graph graph = derive_graph(project);
  CHECK(graph.nodes.size() == 3);
  CHECK(edges(graph) == std::set<Edge>{{"master.gain", "master.meter"}, {"master.meter", "output"}});
  CHECK(node_of(graph, "master.meter").meter_handle == project.master.meter_handle);
  CHECK(node_of(graph, "master.gain").parameters[0].handle == project.master.gain.handle);
}

TEST_CASE("tracks: clips, nodes in order, gain, meter, into the master") {
  const graph::Graph graph = derive_graph(make_song());
  CHECK(edges(graph) == std::set<Edge>{{"voice.clips", "voice.gain"},
                                       {"voice.gain", "voice.meter"},
                                       {"voice.meter", "master.gain"},
                                       {"tone", "filter"},
                                       {"filter", "synth.gain"},
                                       {"synth.gain", "synth.meter"},
                                       {"synth.meter", "master.gain"},
                                       {"empty.gain", "empty.meter"},
                                       {"empty.meter", "master.gain"},
                                       {"master.gain", "master.meter"},
                                       {"master.meter", "output"}});
}

TEST_CASE("values and clips reach the graph as they are in the project") {
  project::Project project = make_song();
  project.tracks[1].channel.nodes[1].parameters[0].value = 880;
  project.tracks[0].channel.gain.value = -6;
  const graph::Graph graph = derive_graph(project);
  const graph::GraphParameter& cutoff = node_of(graph, "filter").parameters[0];
  CHECK(cutoff.key == "cutoff");
  CHECK(cutoff.value == 880);
  CHECK(cutoff.minimum == 20);
  CHECK(cutoff.maximum == 20'000);
  CHECK(cutoff.handle == project.tracks[1].channel.nodes[1].parameters[0].handle);
  CHECK(node_of(graph, "voice.gain").parameters[0].value == -6);  // decibels, as the project has them
  const graph::GraphClip& clip = node_of(graph, "voice.clips").clips.at(0);
  CHECK(clip == graph::GraphClip{.path = "/a.wav", .start_frames = 100, .offset_frames = 50, .length_frames = 48'000, .gain_db = -3});
}

TEST_CASE("nodes of the master come before its gain, and bypass reaches the graph") {
  project::Project project = make_song();
  HandleSource handles(100);
  project.master.nodes.push_back(make_node(node::NodeKind::pan, {}, handles).value());
  project.master.nodes[0].id = NodeId("wide");
  project.master.nodes[0].bypassed = true;
  const graph::Graph graph = derive_graph(project);
  const auto connections = edges(graph);
  CHECK(connections.contains({"voice.meter", "wide"}));
  CHECK(connections.contains({"wide", "master.gain"}));
  CHECK_FALSE(connections.contains({"voice.meter", "master.gain"}));
  CHECK(node_of(graph, "wide").bypassed);
}

TEST_CASE("the same project has the same digest; a value makes another") {
  project::Project project = make_song();
  const Digest before = wire::graph_digest(derive_graph(project));
  CHECK(wire::graph_digest(derive_graph(project)) == before);
  project.tracks[2].channel.gain.value = 1;
  CHECK(wire::graph_digest(derive_graph(project)) != before);
}

TEST_CASE("the name of a track does not reach the engine") {
  project::Project project = make_song();
  const Digest before = wire::graph_digest(derive_graph(project));
  project.tracks[0].name = "Another";
  CHECK(wire::graph_digest(derive_graph(project)) == before);
}

TEST_CASE("frames at another sample rate") {
  CHECK(convert_frames(48'000, 48'000, 44'100) == 44'100);
  CHECK(convert_frames(1, 48'000, 44'100) == 1);
  CHECK(convert_frames(9'007'199'254'740'991, 48'000, 48'000) == 9'007'199'254'740'991);
  CHECK(convert_frames(4'800'000'000'000, 48'000, 96'000) == 9'600'000'000'000);
  const graph::Graph graph = at_sample_rate(derive_graph(make_song()), 48'000, 96'000);
  CHECK(node_of(graph, "voice.clips").clips[0].start_frames == 200);
  CHECK(node_of(graph, "voice.clips").clips[0].offset_frames == 100);
  CHECK(node_of(graph, "voice.clips").clips[0].length_frames == 96'000);
}
