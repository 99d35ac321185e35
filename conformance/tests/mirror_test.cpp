// What the suite makes of transactions, in the seat of an Aura, and of graphs, in the seat of a Signal.
#include "trial/mirror.hpp"

#include <doctest/doctest.h>

#include "loophole/messages/errors.hpp"
#include "loophole/wire/graph_digest.hpp"
#include "trial/live_graph.hpp"

using namespace loophole;
using namespace loophole::conformance;

namespace {

track::Track track_named(const std::string& id) {
  track::Track track{.id = TrackId(id), .name = id};
  track.channel.id = ChannelId("chn-" + id);
  track.channel.gain.id = ParameterId("prm-" + id);
  return track;
}

Mirror with_tracks(const std::vector<std::string>& ids) {
  project::Project project{.id = ProjectId("prj-1"), .name = "Song"};
  for (const std::string& id : ids) project.tracks.push_back(track_named(id));
  Mirror mirror;
  mirror.take(project::SnapshotReply{.revision = 7, .path = "/song", .project = project});
  return mirror;
}

project::Changed transaction(Revision revision, std::vector<project::Change> changes) {
  return {.revision = revision, .cause = {}, .label = "x", .origin = project::TransactionOrigin::edit, .changes = std::move(changes)};
}

std::vector<std::string> order(const Mirror& mirror) {
  std::vector<std::string> ids;
  for (const track::Track& track : mirror.project()->tracks) ids.push_back(track.id.value);
  return ids;
}

using Ids = std::vector<std::string>;

graph::Graph small_graph(double value) {
  graph::GraphNode gain{.id = GraphNodeId("gain"), .kind = graph::GraphNodeKind::gain};
  gain.parameters.push_back({.handle = 3, .key = "gain", .value = value, .minimum = -90, .maximum = 12, .smoothing_ms = 5});
  return {.nodes = {gain, {.id = GraphNodeId("out"), .kind = graph::GraphNodeKind::output}},
          .connections = {{.from = GraphNodeId("gain"), .to = GraphNodeId("out")}}};
}

}  // namespace

TEST_CASE("a mirror takes the transaction after its own, and no other") {
  Mirror mirror = with_tracks({"a"});
  CHECK_FALSE(mirror.take(transaction(8, {project::TempoChanged{.tempo_bpm = 99}})));
  CHECK(mirror.project()->tempo_bpm == 99);
  CHECK(mirror.revision() == 8);
  CHECK(mirror.take(transaction(10, {})));
  CHECK_FALSE(mirror.follows());
  CHECK_FALSE(mirror.take(transaction(11, {})));  // nothing is followed until the next snapshot
  CHECK(mirror.revision() == 8);
}

TEST_CASE("a mirror applies changes in their order, and says what does not fit") {
  Mirror mirror = with_tracks({"a", "b", "c"});
  CHECK_FALSE(mirror.take(
      transaction(8, {project::TrackMoved{.track_id = TrackId("a"), .index = 2}, project::TrackRemoved{.track_id = TrackId("b")},
                      project::TrackAdded{.index = 0, .track = track_named("d")}})));
  CHECK(order(mirror) == Ids{"d", "c", "a"});
  CHECK_FALSE(mirror.take(transaction(9, {project::ParameterChanged{.parameter_id = ParameterId("prm-c"), .value = -3}})));
  CHECK(mirror.parameter(ParameterId("prm-c"))->value == -3);
  CHECK(mirror.take(transaction(10, {project::TrackRemoved{.track_id = TrackId("b")}})));
  CHECK(with_tracks({"a"}).take(transaction(8, {project::TrackMoved{.track_id = TrackId("a"), .index = 1}})));
  CHECK(with_tracks({"a"}).take(transaction(8, {project::UnknownChanged{}})));
}

TEST_CASE("a bus to which something leads cannot go") {
  Mirror mirror = with_tracks({"a"});
  const routing::Bus bus{.id = BusId("bus-1"), .name = "Bus"};
  CHECK_FALSE(mirror.take(transaction(
      8, {project::BusAdded{.index = 0, .bus = bus}, project::OutputChanged{.channel_id = ChannelId("chn-a"), .bus_id = bus.id}})));
  Mirror other = mirror;
  CHECK(mirror.take(transaction(9, {project::BusRemoved{.bus_id = bus.id}})));
  CHECK_FALSE(other.take(
      transaction(9, {project::OutputChanged{.channel_id = ChannelId("chn-a"), .bus_id = {}}, project::BusRemoved{.bus_id = bus.id}})));
  CHECK(other.project()->buses.empty());
}

TEST_CASE("a graph is replaced, patched and set, or stays as it was") {
  LiveGraph live;
  CHECK(live.patch({.base_revision = 0, .revision = 1, .operations = {}}));
  REQUIRE_FALSE(live.replace({.revision = 4, .graph = small_graph(0)}));
  REQUIRE_FALSE(live.set(std::vector<engine::HandleValue>{{.handle = 3, .value = -6}}));
  CHECK(live.digest() == wire::graph_digest(small_graph(-6)));
  CHECK(
      is(*live.set(std::vector<engine::HandleValue>{{.handle = 3, .value = -7}, {.handle = 4, .value = 0}}), errors::kGraphUnknownHandle));
  CHECK(is(*live.set(std::vector<engine::HandleValue>{{.handle = 3, .value = 13}}), errors::kParameterOutOfRange));
  CHECK(is(*live.patch({.base_revision = 3, .revision = 5, .operations = {}}), errors::kGraphWrongBase));
  CHECK(is(*live.patch({.base_revision = 4, .revision = 5, .operations = {graph::RemoveNode{.node_id = GraphNodeId("out")}}}),
           errors::kGraphInvalid));
  CHECK(live.value(3) == -6);
  CHECK(live.revision() == 4);
  REQUIRE_FALSE(live.patch({.base_revision = 4, .revision = 5, .operations = {graph::RemoveNode{.node_id = GraphNodeId("gain")}}}));
  CHECK(live.graph().connections.empty());
  CHECK_FALSE(live.value(3));
}
