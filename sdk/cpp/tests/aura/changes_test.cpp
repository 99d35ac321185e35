// Changes by the kind of thing, with old and new value and the cause.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "fake_pulse.hpp"

using namespace loophole;
using aura::ChangeKind;
using test::FakePulseScript;
using test::kWatchdog;

namespace {

project::Changed transaction(std::int64_t revision, std::vector<project::Change> changes,
                             project::TransactionOrigin origin = project::TransactionOrigin::edit) {
  return {.revision = revision,
          .cause = {.instance_id = InstanceId{"i-other"}, .command_id = MessageId{"c-7"}, .gesture_id = {}},
          .label = "Step " + std::to_string(revision),
          .origin = origin,
          .changes = std::move(changes)};
}

track::Track make_track(const std::string& id) {
  track::Track track;
  track.id = TrackId{id};
  track.name = id;
  track.channel.id = ChannelId{"chn-" + id};
  track.channel.gain.id = ParameterId{"gain-" + id};
  track.channel.gain.maximum = 100;
  return track;
}

node::Node make_node(const std::string& id) {
  node::Node node;
  node.id = NodeId{id};
  node.name = id;
  return node;
}

struct Rig {
  std::shared_ptr<FakePulseScript> script = std::make_shared<FakePulseScript>();
  aura::Client client = test::connect(script);
  std::int64_t revision = 4;

  // Sends a transaction and waits until it is told.
  void send(std::vector<project::Change> changes, project::TransactionOrigin origin = project::TransactionOrigin::edit) {
    script->send(transaction(++revision, std::move(changes), origin));
    REQUIRE(client.poll_until([&] { return client.revision() == revision; }, kWatchdog));
  }
};

}  // namespace

TEST_CASE("a parameter: old and new value, whose doing it was and how it came about") {
  Rig rig;
  int told = 0;
  rig.client.changes().on_parameter([&](const aura::ParameterChange& change) {
    ++told;
    CHECK(change.id == ParameterId{"gain"});
    CHECK(change.before == 0);
    CHECK(change.after == 42);
    CHECK(change.parameter.name == "Gain");
    CHECK(change.cause.revision == 5);
    CHECK(change.cause.label == "Step 5");
    CHECK(change.cause.origin == project::TransactionOrigin::undo);
    CHECK(change.cause.instance == InstanceId{"i-other"});
    CHECK(change.cause.command == MessageId{"c-7"});
    CHECK_FALSE(change.cause.own);
    CHECK(rig.client.revision() == 5);
  });
  // Twice in one transaction: told once, from before the first to after the last.
  rig.send({project::ParameterChanged{.parameter_id = ParameterId{"gain"}, .value = 20},
            project::ParameterChanged{.parameter_id = ParameterId{"gain"}, .value = 42}},
           project::TransactionOrigin::undo);
  CHECK(told == 1);
  rig.client.changes().on_parameter({});
  rig.send({project::ParameterChanged{.parameter_id = ParameterId{"gain"}, .value = 1}});
  CHECK(told == 1);
}

TEST_CASE("a change of this client's own says so") {
  Rig rig;
  std::vector<bool> own;
  rig.client.changes().on_parameter([&](const aura::ParameterChange& change) { own.push_back(change.cause.own); });
  project::Changed mine = transaction(5, {project::ParameterChanged{.parameter_id = ParameterId{"gain"}, .value = 3}});
  mine.cause.instance_id = rig.client.instance_id();
  rig.script->send(mine);
  REQUIRE(rig.client.poll_until([&] { return own.size() == 1; }, kWatchdog));
  CHECK(own.front());
}

TEST_CASE("tracks: added, changed, moved, removed, each with what it was and what it is") {
  Rig rig;
  std::vector<std::string> told;
  rig.client.changes().on_track([&](const aura::TrackChange& change) {
    const auto name = [](const track::Track* track) { return track == nullptr ? std::string("-") : track->name; };
    const char* kinds[] = {"added", "removed", "moved", "changed"};
    told.push_back(std::string(kinds[static_cast<int>(change.kind)]) + " " + change.id.str() + " " + name(change.before) + ">" +
                   name(change.after) + " " + std::to_string(change.index_before) + ">" + std::to_string(change.index_after));
  });
  rig.send({project::TrackAdded{.index = 0, .track = make_track("a")}, project::TrackAdded{.index = 1, .track = make_track("b")}});
  rig.send({project::TrackChanged{.track_id = TrackId{"a"}, .name = "Drums", .colour = {}}});
  rig.send({project::TrackMoved{.track_id = TrackId{"a"}, .index = 1}});
  rig.send({project::TrackRemoved{.track_id = TrackId{"b"}}});
  rig.send({project::TrackAdded{.index = 0, .track = make_track("c")}, project::TrackRemoved{.track_id = TrackId{"c"}}});
  CHECK(told == std::vector<std::string>{"added a ->a 0>0", "added b ->b 0>1", "changed a a>Drums 0>0", "moved a Drums>Drums 0>1",
                                         "removed b b>- 0>0"});
}

TEST_CASE("what comes and goes with its holder is told with the holder alone") {
  Rig rig;
  int tracks = 0;
  int others = 0;
  rig.client.changes().on_track([&](const aura::TrackChange& change) {
    ++tracks;
    CHECK((change.before != nullptr ? change.before : change.after)->clips.size() == 1);
  });
  rig.client.changes().on_clip([&](const aura::ClipChange&) { ++others; });
  rig.client.changes().on_parameter([&](const aura::ParameterChange&) { ++others; });
  rig.client.changes().on_channel([&](const aura::ChannelChange&) { ++others; });
  track::Track track = make_track("a");
  track.clips.emplace_back().id = ClipId{"clip"};
  rig.send({project::TrackAdded{.index = 0, .track = track}});
  rig.send({project::TrackRemoved{.track_id = TrackId{"a"}}});
  CHECK(tracks == 2);
  CHECK(others == 0);
}

TEST_CASE("clips and nodes tell who held them before and who does now") {
  Rig rig;
  std::vector<std::string> told;
  const auto note = [&](const auto& change) {
    told.push_back(change.id.str() + " " + change.holder_before.str() + ":" + std::to_string(change.index_before) + ">" +
                   change.holder_after.str() + ":" + std::to_string(change.index_after));
  };
  rig.client.changes().on_clip([&](const aura::ClipChange& change) {
    note(change);
    if (change.kind == ChangeKind::moved) CHECK(change.after->start_frames - change.before->start_frames == 500);
  });
  rig.client.changes().on_node([&](const aura::NodeChange& change) { note(change); });
  std::vector<std::string> channels;
  rig.client.changes().on_channel([&](const aura::ChannelChange& change) {
    channels.push_back(change.id.str() + " " + std::to_string(change.before->nodes.size()) + ">" +
                       std::to_string(change.after->nodes.size()));
  });
  clip::Clip clip;
  clip.id = ClipId{"clip"};
  rig.send({project::TrackAdded{.index = 0, .track = make_track("a")}, project::TrackAdded{.index = 1, .track = make_track("b")}});
  rig.send({project::ClipAdded{.track_id = TrackId{"a"}, .index = 0, .clip = clip},
            project::NodeAdded{.channel_id = ChannelId{"chn-a"}, .index = 0, .node = make_node("nod")}});
  rig.send({project::ClipMoved{.clip_id = ClipId{"clip"}, .track_id = TrackId{"b"}, .index = 0, .start_frames = 500},
            project::NodeMoved{.node_id = NodeId{"nod"}, .channel_id = ChannelId{"master"}, .index = 0}});
  CHECK(told == std::vector<std::string>{"clip :0>a:0", "nod :0>chn-a:0", "clip a:0>b:0", "nod chn-a:0>master:0"});
  CHECK(channels == std::vector<std::string>{"chn-a 0>1", "chn-a 1>0", "master 0>1"});
}

TEST_CASE("routing: buses, sends and outputs") {
  Rig rig;
  std::vector<std::string> told;
  rig.client.changes().on_bus([&](const aura::BusChange& change) { told.push_back("bus " + change.id.str()); });
  rig.client.changes().on_send([&](const aura::SendChange& change) { told.push_back("send to " + change.after->bus_id.str()); });
  rig.client.changes().on_output([&](const aura::OutputChange& change) {
    told.push_back("output " + change.before.value_or(BusId{"master"}).str() + ">" + change.after.value_or(BusId{"master"}).str());
  });
  routing::Bus bus;
  bus.id = BusId{"bus"};
  bus.channel.id = ChannelId{"chn-bus"};
  bus.channel.gain.id = ParameterId{"gain-bus"};
  channel::Send send;
  send.id = SendId{"snd"};
  send.bus_id = BusId{"bus"};
  send.level.id = ParameterId{"level"};
  rig.send({project::TrackAdded{.index = 0, .track = make_track("a")}, project::BusAdded{.index = 0, .bus = bus}});
  rig.send({project::SendAdded{.channel_id = ChannelId{"chn-a"}, .index = 0, .send = send}});
  rig.send({project::OutputChanged{.channel_id = ChannelId{"chn-a"}, .bus_id = BusId{"bus"}}});
  rig.send({project::OutputChanged{.channel_id = ChannelId{"chn-a"}, .bus_id = {}}});
  CHECK(told == std::vector<std::string>{"bus bus", "send to bus", "output master>bus", "output bus>master"});
}

TEST_CASE("automation, tempo and transport") {
  Rig rig;
  std::vector<std::string> told;
  rig.client.changes().on_automation([&](const aura::AutomationChange& change) {
    const auto points = [](const automation::Lane* lane) { return lane == nullptr ? "none" : std::to_string(lane->points.size()); };
    told.push_back(change.id.str() + " " + points(change.before) + ">" + points(change.after));
  });
  rig.client.changes().on_tempo([&](const aura::TempoChange& change) {
    told.push_back(std::to_string(static_cast<int>(change.before)) + ">" + std::to_string(static_cast<int>(change.after)));
  });
  rig.client.changes().on_transport([&](const aura::TransportChange& change) {
    told.push_back(std::string(change.before ? (change.before->playing ? "playing" : "stopped") : "unknown") + ">" +
                   (change.after.playing ? "playing" : "stopped"));
  });
  automation::Lane lane;
  lane.points.emplace_back();
  rig.send({project::AutomationChanged{.parameter_id = ParameterId{"gain"}, .automation = lane}});
  rig.send({project::AutomationChanged{.parameter_id = ParameterId{"gain"}, .automation = {}}});
  rig.send({project::TempoChanged{.tempo_bpm = 90}});
  rig.script->send(transport::Changed{.playing = true, .position_frames = 0, .position_beats = 0, .tempo_bpm = 90, .loop = {}});
  rig.script->send(transport::Changed{.playing = false, .position_frames = 0, .position_beats = 0, .tempo_bpm = 90, .loop = {}});
  REQUIRE(rig.client.poll_until([&] { return told.size() == 5; }, kWatchdog));
  CHECK(told == std::vector<std::string>{"gain none>1", "gain 1>none", "120>90", "unknown>playing", "playing>stopped"});
}

TEST_CASE("a reset is told as a reset and as nothing else; a transaction that does not fit tells nothing of itself") {
  Rig rig;
  int changes = 0;
  int resets = 0;
  rig.client.changes().on_parameter([&](const aura::ParameterChange&) { ++changes; });
  rig.client.on_reset([&] { ++resets; });
  rig.script->snapshot.revision = 5;
  rig.script->send(transaction(
      5, {project::ParameterChanged{.parameter_id = ParameterId{"gain"}, .value = 7}, project::TrackRemoved{.track_id = TrackId{"moon"}}}));
  REQUIRE(rig.client.poll_until([&] { return resets == 1; }, kWatchdog));
  CHECK(changes == 0);
  rig.revision = 5;
  rig.send({project::ParameterChanged{.parameter_id = ParameterId{"gain"}, .value = 8}});
  CHECK(changes == 1);
  CHECK(resets == 1);
}

TEST_CASE("a handler that waits while a transaction is told loses nothing of it") {
  Rig rig;
  rig.script->answer<history::List>(
      [](const history::List&) -> Result<history::ListReply> { return history::ListReply{.entries = {}, .position = 9}; });
  std::vector<std::string> told;
  rig.client.changes().on_track([&](const aura::TrackChange& change) {
    const std::string id = change.id.str();
    CHECK(rig.client.call(history::List{}).has_value());
    told.push_back(id);
  });
  rig.client.changes().on_parameter([&](const aura::ParameterChange& change) { told.push_back(std::to_string(change.after)); });
  rig.send({project::TrackAdded{.index = 0, .track = make_track("a")}, project::TrackAdded{.index = 1, .track = make_track("b")},
            project::ParameterChanged{.parameter_id = ParameterId{"gain"}, .value = 5}});
  CHECK(told == std::vector<std::string>{"a", "b", std::to_string(5.0)});
}
