// The graph that is derived from a project: one chain a track and a bus, sends beside them, all into the master.

#include "derive/derive_graph.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

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

TEST_CASE("buses, sends and outputs: the whole graph, in the order of the project") {
  HandleSource handles;
  project::Project project = make_project("Song", 48'000, 120, handles);
  project.buses = {make_bus("Reverb", handles), make_bus("Drums", handles)};
  project.buses[0].id = BusId("reverb");
  project.buses[1].id = BusId("drums");
  project.tracks = {make_track("Voice", handles), make_track("Empty", handles)};
  project.tracks[0].id = TrackId("voice");
  project.tracks[1].id = TrackId("empty");
  channel::Channel& voice = project.tracks[0].channel;
  channel::Channel& empty = project.tracks[1].channel;
  channel::Channel& drums = project.buses[1].channel;
  const auto send = [&](const char* id, const char* bus, bool pre_fader) {
    channel::Send made = make_send(BusId(bus), pre_fader, handles);
    made.id = SendId(id);
    return made;
  };
  voice.nodes.push_back(make_node(node::NodeKind::analyser, {}, handles).value());
  voice.nodes[0].id = NodeId("scope");
  voice.output = BusId("drums");
  voice.sends = {send("behind", "reverb", false), send("before", "reverb", true)};
  empty.sends = {send("nothing", "reverb", true)};  // there is nothing before the level of a track without a source
  drums.nodes.push_back(make_node(node::NodeKind::delay, {}, handles).value());
  drums.nodes[0].id = NodeId("echo");
  drums.sends = {send("room", "reverb", false)};
  drums.sends[0].level.value = -3;

  const graph::Graph graph = derive_graph(project);
  using Kind = graph::GraphNodeKind;
  using Nodes = std::vector<std::pair<std::string, Kind>>;
  Nodes nodes;
  for (const graph::GraphNode& node : graph.nodes) nodes.emplace_back(node.id.str(), node.kind);
  CHECK(nodes == Nodes{{"scope", Kind::analyser},      {"voice.gain", Kind::gain},  {"voice.meter", Kind::meter},
                       {"behind", Kind::send},         {"before", Kind::send},      {"empty.gain", Kind::gain},
                       {"empty.meter", Kind::meter},   {"nothing", Kind::send},     {"reverb.return", Kind::return_},
                       {"reverb.in", Kind::bus_mixer}, {"reverb.gain", Kind::gain}, {"reverb.meter", Kind::meter},
                       {"drums.in", Kind::bus_mixer},  {"echo", Kind::delay},       {"drums.gain", Kind::gain},
                       {"drums.meter", Kind::meter},   {"room", Kind::send},        {"master.gain", Kind::gain},
                       {"master.meter", Kind::meter},  {"output", Kind::output}});
  std::vector<Edge> connections;
  for (const graph::Connection& one : graph.connections) connections.emplace_back(one.from.str(), one.to.str());
  CHECK(connections == std::vector<Edge>{{"scope", "voice.gain"},
                                         {"voice.gain", "voice.meter"},
                                         {"voice.meter", "behind"},
                                         {"behind", "reverb.return"},
                                         {"scope", "before"},
                                         {"before", "reverb.return"},
                                         {"voice.meter", "drums.in"},
                                         {"empty.gain", "empty.meter"},
                                         {"nothing", "reverb.return"},
                                         {"empty.meter", "master.gain"},
                                         {"reverb.return", "reverb.in"},
                                         {"reverb.in", "reverb.gain"},
                                         {"reverb.gain", "reverb.meter"},
                                         {"reverb.meter", "master.gain"},
                                         {"drums.in", "echo"},
                                         {"echo", "drums.gain"},
                                         {"drums.gain", "drums.meter"},
                                         {"drums.meter", "room"},
                                         {"room", "reverb.return"},
                                         {"drums.meter", "master.gain"},
                                         {"master.gain", "master.meter"},
                                         {"master.meter", "output"}});
  CHECK(node_of(graph, "scope").meter_handle == voice.nodes[0].meter_handle);
  const graph::GraphParameter& level = node_of(graph, "room").parameters.at(0);
  CHECK(level.key == "level");
  CHECK(level.value == -3);
  CHECK(level.handle == drums.sends[0].level.handle);
}

TEST_CASE("automation reaches the graph; at a lower rate of two points on one frame the later one counts") {
  project::Project project = make_song();
  const automation::Lane lane{.mode = automation::Mode::read,
                              .points = {{.position_frames = 0, .value = 100, .shape = automation::Shape::linear},
                                         {.position_frames = 4, .value = 200, .shape = automation::Shape::hold},
                                         {.position_frames = 5, .value = 300, .shape = automation::Shape::linear},
                                         {.position_frames = 96'000, .value = 400, .shape = automation::Shape::hold}}};
  project.tracks[1].channel.nodes[1].parameters[0].automation = lane;
  const graph::Graph graph = derive_graph(project);
  CHECK(node_of(graph, "filter").parameters[0].automation == lane);
  const auto half = node_of(at_sample_rate(graph, 96'000, 24'000), "filter").parameters[0].automation.value().points;
  REQUIRE(half.size() == 3);
  CHECK(half[1] == automation::Point{.position_frames = 1, .value = 300, .shape = automation::Shape::linear});
  CHECK(half[2].position_frames == 24'000);
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
