#include "loophole/model/project_state.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace loophole;
using model::ProjectState;

namespace {

std::int64_t next_handle = 1;

parameter::Parameter make_parameter(const std::string& id, double value = 1.0) {
  return {
      .id = ParameterId{id}, .key = id, .name = id, .minimum = 0, .maximum = 100, .initial = 1, .value = value, .handle = next_handle++};
}

node::Node make_node(const std::string& id) {
  return {.id = NodeId{id},
          .kind = node::NodeKind::filter,
          .name = id,
          .bypassed = false,
          .status = NodeStatus::ready,
          .plugin = {},
          .state = {},
          .meter_handle = {},
          .parameters = {make_parameter(id + "-a"), make_parameter(id + "-b")}};
}

clip::Clip make_clip(const std::string& id) {
  return {.id = ClipId{id}, .name = id, .path = "/" + id, .length_frames = 10};
}

channel::Send make_send(const std::string& id, const std::string& bus) {
  return {.id = SendId{id}, .bus_id = BusId{bus}, .pre_fader = false, .level = make_parameter(id + "-level")};
}

// `id`-channel with `id`-gain and one node, `id`-n.
channel::Channel make_channel(const std::string& id) {
  return {.id = ChannelId{id + "-channel"},
          .nodes = {make_node(id + "-n")},
          .gain = make_parameter(id + "-gain"),
          .meter_handle = next_handle++,
          .sends = {},
          .output = {}};
}

track::Track make_track(const std::string& id) {
  return {.id = TrackId{id}, .name = id, .colour = {}, .clips = {make_clip(id + "-c")}, .channel = make_channel(id)};
}

routing::Bus make_bus(const std::string& id) {
  return {.id = BusId{id}, .name = id, .channel = make_channel(id)};
}

// Three tracks and two buses; "one" sends to the hall, "two" goes to the group.
project::Project make_project() {
  project::Project project{.id = ProjectId{"prj"},
                           .name = "Song",
                           .sample_rate_hz = 48000,
                           .tempo_bpm = 120,
                           .master = make_channel("master"),
                           .tracks = {make_track("one"), make_track("two"), make_track("three")},
                           .buses = {make_bus("hall"), make_bus("group")}};
  project.tracks[0].channel.sends = {make_send("one-s", "hall")};
  project.tracks[1].channel.output = BusId{"group"};
  return project;
}

void check_channel(const ProjectState& state, const channel::Channel& channel) {
  CHECK(state.channel(channel.id) == &channel);
  CHECK(state.parameter(channel.gain.id) == &channel.gain);
  for (const node::Node& node : channel.nodes) {
    ChannelId owner;
    CHECK(state.node(node.id, &owner) == &node);
    CHECK(owner == channel.id);
    for (const parameter::Parameter& parameter : node.parameters) CHECK(state.parameter(parameter.id) == &parameter);
  }
  for (const channel::Send& send : channel.sends) {
    ChannelId owner;
    CHECK(state.send(send.id, &owner) == &send);
    CHECK(owner == channel.id);
    CHECK(state.parameter(send.level.id) == &send.level);
  }
}

// What the index finds is what a walk over the project finds.
void check_index(const ProjectState& state) {
  const project::Project& project = state.project();
  check_channel(state, project.master);
  for (std::size_t t = 0; t < project.tracks.size(); ++t) {
    const track::Track& track = project.tracks[t];
    CHECK(state.track(track.id) == &track);
    CHECK(state.track_index(track.id) == t);
    for (const clip::Clip& clip : track.clips) {
      TrackId owner;
      CHECK(state.clip(clip.id, &owner) == &clip);
      CHECK(owner == track.id);
    }
    check_channel(state, track.channel);
  }
  for (std::size_t b = 0; b < project.buses.size(); ++b) {
    CHECK(state.bus(project.buses[b].id) == &project.buses[b]);
    CHECK(state.bus_index(project.buses[b].id) == b);
    check_channel(state, project.buses[b].channel);
  }
}

void apply(ProjectState& state, const project::Change& change) {
  const auto done = state.apply(change);
  CHECK(done.has_value());
  check_index(state);
}

// Refused with this code, and nothing changed.
void refuse(ProjectState& state, const project::Change& change, const errors::Code& code) {
  const project::Project before = state.project();
  const auto done = state.apply(change);
  REQUIRE_FALSE(done.has_value());
  CHECK(is(done.error(), code));
  CHECK(state.project() == before);
  check_index(state);
}

}  // namespace

TEST_CASE("a full state is found by id") {
  ProjectState state(make_project());
  check_index(state);
  CHECK(state.track(TrackId{"moon"}) == nullptr);
  CHECK(state.clip(ClipId{"moon"}) == nullptr);
  CHECK(state.node(NodeId{"moon"}) == nullptr);
  CHECK(state.parameter(ParameterId{"moon"}) == nullptr);
  CHECK_FALSE(state.track_index(TrackId{"moon"}).has_value());
}

TEST_CASE("tracks are added at their place, moved, changed, and removed with what is on them") {
  ProjectState state(make_project());
  apply(state, project::TrackAdded{.index = 1, .track = make_track("new")});
  CHECK(state.track_index(TrackId{"new"}) == 1u);
  CHECK(state.track_index(TrackId{"three"}) == 3u);
  apply(state, project::TrackAdded{.index = 4, .track = make_track("last")});
  CHECK(state.track_index(TrackId{"last"}) == 4u);

  apply(state, project::TrackRemoved{.track_id = TrackId{"one"}});
  CHECK(state.track(TrackId{"one"}) == nullptr);
  CHECK(state.clip(ClipId{"one-c"}) == nullptr);
  CHECK(state.node(NodeId{"one-n"}) == nullptr);
  CHECK(state.parameter(ParameterId{"one-gain"}) == nullptr);
  CHECK(state.parameter(ParameterId{"one-n-a"}) == nullptr);

  CHECK(state.channel(ChannelId{"one-channel"}) == nullptr);
  CHECK(state.send(SendId{"one-s"}) == nullptr);
  CHECK(state.parameter(ParameterId{"one-s-level"}) == nullptr);

  apply(state, project::TrackChanged{.track_id = TrackId{"two"}, .name = "Drums", .colour = "#00ff00"});
  CHECK(state.track(TrackId{"two"})->name == "Drums");
  CHECK(state.track(TrackId{"two"})->colour == "#00ff00");

  apply(state, project::TrackMoved{.track_id = TrackId{"last"}, .index = 0});
  CHECK(state.track_index(TrackId{"last"}) == 0u);
  apply(state, project::TrackMoved{.track_id = TrackId{"last"}, .index = 3});
  CHECK(state.track_index(TrackId{"last"}) == 3u);
}

TEST_CASE("clips are added at their place and removed") {
  ProjectState state(make_project());
  apply(state, project::ClipAdded{.track_id = TrackId{"two"}, .index = 0, .clip = make_clip("first")});
  apply(state, project::ClipAdded{.track_id = TrackId{"two"}, .index = 2, .clip = make_clip("last")});
  CHECK(state.track(TrackId{"two"})->clips.front().id == ClipId{"first"});
  CHECK(state.track(TrackId{"two"})->clips.back().id == ClipId{"last"});
  apply(state, project::ClipRemoved{.track_id = TrackId{"two"}, .clip_id = ClipId{"two-c"}});
  CHECK(state.clip(ClipId{"two-c"}) == nullptr);
  CHECK(state.track(TrackId{"two"})->clips.size() == 2);
}

TEST_CASE("clips move, on their track and to another one, and change in their place") {
  ProjectState state(make_project());
  apply(state, project::ClipAdded{.track_id = TrackId{"two"}, .index = 1, .clip = make_clip("late")});
  apply(state, project::ClipMoved{.clip_id = ClipId{"late"}, .track_id = TrackId{"two"}, .index = 0, .start_frames = 7});
  CHECK(state.track(TrackId{"two"})->clips.front().id == ClipId{"late"});
  CHECK(state.clip(ClipId{"late"})->start_frames == 7);
  apply(state, project::ClipMoved{.clip_id = ClipId{"late"}, .track_id = TrackId{"one"}, .index = 1, .start_frames = 9});
  CHECK(state.track(TrackId{"two"})->clips.size() == 1);
  CHECK(state.track(TrackId{"one"})->clips.back().id == ClipId{"late"});

  clip::Clip shorter = make_clip("late");
  shorter.length_frames = 3;
  apply(state, project::ClipChanged{.track_id = TrackId{"one"}, .clip = shorter});
  CHECK(*state.clip(ClipId{"late"}) == shorter);
}

TEST_CASE("nodes are added at their place, moved, changed, and removed with their parameters") {
  ProjectState state(make_project());
  apply(state, project::NodeAdded{.channel_id = ChannelId{"three-channel"}, .index = 0, .node = make_node("tone")});
  CHECK(state.track(TrackId{"three"})->channel.nodes.front().id == NodeId{"tone"});
  apply(state, project::NodeMoved{.node_id = NodeId{"tone"}, .channel_id = ChannelId{"three-channel"}, .index = 1});
  CHECK(state.track(TrackId{"three"})->channel.nodes.back().id == NodeId{"tone"});
  apply(state, project::NodeMoved{.node_id = NodeId{"tone"}, .channel_id = ChannelId{"hall-channel"}, .index = 0});
  CHECK(state.bus(BusId{"hall"})->channel.nodes.front().id == NodeId{"tone"});
  CHECK(state.track(TrackId{"three"})->channel.nodes.size() == 1);
  apply(state, project::NodeChanged{
                   .node_id = NodeId{"tone"}, .name = "A4", .bypassed = true, .status = NodeStatus::crashed, .state = PluginState{"AAEC"}});
  const node::Node& tone = *state.node(NodeId{"tone"});
  CHECK(tone.name == "A4");
  CHECK(tone.bypassed);
  CHECK(tone.status == NodeStatus::crashed);
  CHECK(tone.state == PluginState{"AAEC"});
  apply(state, project::NodeRemoved{.channel_id = ChannelId{"three-channel"}, .node_id = NodeId{"three-n"}});
  CHECK(state.node(NodeId{"three-n"}) == nullptr);
  CHECK(state.parameter(ParameterId{"three-n-a"}) == nullptr);
}

TEST_CASE("buses come and go, and so do sends and outputs that lead to them") {
  ProjectState state(make_project());
  apply(state, project::BusAdded{.index = 0, .bus = make_bus("echo")});
  CHECK(state.bus_index(BusId{"hall"}) == 1u);
  apply(state, project::BusChanged{.bus_id = BusId{"echo"}, .name = "Echo"});
  CHECK(state.bus(BusId{"echo"})->name == "Echo");
  apply(state, project::SendAdded{.channel_id = ChannelId{"one-channel"}, .index = 0, .send = make_send("new", "echo")});
  CHECK(state.track(TrackId{"one"})->channel.sends.front().id == SendId{"new"});
  apply(state, project::OutputChanged{.channel_id = ChannelId{"three-channel"}, .bus_id = BusId{"echo"}});
  CHECK(state.track(TrackId{"three"})->channel.output == BusId{"echo"});

  refuse(state, project::BusRemoved{.bus_id = BusId{"echo"}}, errors::kInternalFault);
  apply(state, project::OutputChanged{.channel_id = ChannelId{"three-channel"}, .bus_id = {}});
  refuse(state, project::BusRemoved{.bus_id = BusId{"echo"}}, errors::kInternalFault);
  apply(state, project::SendRemoved{.channel_id = ChannelId{"one-channel"}, .send_id = SendId{"new"}});
  CHECK(state.parameter(ParameterId{"new-level"}) == nullptr);
  apply(state, project::BusRemoved{.bus_id = BusId{"echo"}});
  CHECK(state.bus(BusId{"echo"}) == nullptr);
  CHECK(state.channel(ChannelId{"echo-channel"}) == nullptr);
  CHECK(state.parameter(ParameterId{"echo-gain"}) == nullptr);
}

TEST_CASE("automation and tempo change") {
  ProjectState state(make_project());
  const automation::Lane lane{.mode = automation::Mode::read,
                              .points = {{.position_frames = 1, .value = 2, .shape = automation::Shape::hold}}};
  apply(state, project::AutomationChanged{.parameter_id = ParameterId{"one-n-a"}, .automation = lane});
  CHECK(state.parameter(ParameterId{"one-n-a"})->automation == lane);
  apply(state, project::AutomationChanged{.parameter_id = ParameterId{"one-n-a"}, .automation = {}});
  CHECK_FALSE(state.parameter(ParameterId{"one-n-a"})->automation.has_value());
  apply(state, project::TempoChanged{.tempo_bpm = 97.5});
  CHECK(state.project().tempo_bpm == 97.5);
}

TEST_CASE("parameters of the master, of tracks, buses, nodes and sends change") {
  ProjectState state(make_project());
  for (const char* id : {"master-gain", "two-gain", "hall-gain", "three-n-b", "one-s-level"}) {
    CAPTURE(id);
    apply(state, project::ParameterChanged{.parameter_id = ParameterId{id}, .value = 42.5});
    CHECK(state.parameter(ParameterId{id})->value == 42.5);
  }
}

TEST_CASE("a change of something that is not there is refused and changes nothing") {
  ProjectState state(make_project());
  refuse(state, project::TrackRemoved{.track_id = TrackId{"moon"}}, errors::kTrackNotFound);
  refuse(state, project::TrackChanged{.track_id = TrackId{"moon"}, .name = "x", .colour = {}}, errors::kTrackNotFound);
  refuse(state, project::TrackMoved{.track_id = TrackId{"moon"}, .index = 0}, errors::kTrackNotFound);
  refuse(state, project::ClipMoved{.clip_id = ClipId{"one-c"}, .track_id = TrackId{"moon"}, .index = 0, .start_frames = 0},
         errors::kTrackNotFound);
  refuse(state, project::ClipChanged{.track_id = TrackId{"one"}, .clip = make_clip("two-c")}, errors::kClipNotFound);
  refuse(state, project::NodeMoved{.node_id = NodeId{"one-n"}, .channel_id = ChannelId{"moon"}, .index = 0}, errors::kChannelNotFound);
  refuse(state, project::BusRemoved{.bus_id = BusId{"moon"}}, errors::kBusNotFound);
  refuse(state, project::SendAdded{.channel_id = ChannelId{"one-channel"}, .index = 0, .send = make_send("s", "moon")},
         errors::kBusNotFound);
  refuse(state, project::SendRemoved{.channel_id = ChannelId{"two-channel"}, .send_id = SendId{"one-s"}}, errors::kSendNotFound);
  refuse(state, project::OutputChanged{.channel_id = ChannelId{"one-channel"}, .bus_id = BusId{"moon"}}, errors::kBusNotFound);
  refuse(state, project::UnknownChanged{}, errors::kProtocolNewer);
  refuse(state, project::ClipAdded{.track_id = TrackId{"moon"}, .index = 0, .clip = make_clip("c")}, errors::kTrackNotFound);
  refuse(state, project::ClipRemoved{.track_id = TrackId{"one"}, .clip_id = ClipId{"two-c"}}, errors::kClipNotFound);
  refuse(state, project::NodeAdded{.channel_id = ChannelId{"moon"}, .index = 0, .node = make_node("n")}, errors::kChannelNotFound);
  refuse(state, project::NodeRemoved{.channel_id = ChannelId{"one-channel"}, .node_id = NodeId{"two-n"}}, errors::kNodeNotFound);
  refuse(state, project::ParameterChanged{.parameter_id = ParameterId{"moon"}, .value = 1}, errors::kParameterNotFound);
}

TEST_CASE("a change that does not fit is refused and changes nothing") {
  ProjectState state(make_project());
  refuse(state, project::TrackMoved{.track_id = TrackId{"one"}, .index = 3}, errors::kInternalFault);
  refuse(state, project::ClipMoved{.clip_id = ClipId{"one-c"}, .track_id = TrackId{"one"}, .index = 1, .start_frames = 0},
         errors::kInternalFault);
  refuse(state, project::NodeMoved{.node_id = NodeId{"one-n"}, .channel_id = ChannelId{"two-channel"}, .index = 2}, errors::kInternalFault);
  refuse(state, project::TrackAdded{.index = 4, .track = make_track("new")}, errors::kInternalFault);
  refuse(state, project::TrackAdded{.index = 0, .track = make_track("two")}, errors::kInternalFault);
  refuse(state, project::ClipAdded{.track_id = TrackId{"one"}, .index = 2, .clip = make_clip("c")}, errors::kInternalFault);
  refuse(state, project::ClipAdded{.track_id = TrackId{"one"}, .index = 0, .clip = make_clip("two-c")}, errors::kInternalFault);
  refuse(state, project::NodeAdded{.channel_id = ChannelId{"one-channel"}, .index = 2, .node = make_node("n")}, errors::kInternalFault);
  refuse(state, project::NodeAdded{.channel_id = ChannelId{"one-channel"}, .index = 0, .node = make_node("two-n")}, errors::kInternalFault);

  track::Track twice = make_track("twice");
  twice.clips.push_back(twice.clips.front());
  refuse(state, project::TrackAdded{.index = 0, .track = twice}, errors::kInternalFault);
  node::Node same = make_node("same");
  same.parameters.push_back(same.parameters.front());
  refuse(state, project::NodeAdded{.channel_id = ChannelId{"one-channel"}, .index = 0, .node = same}, errors::kInternalFault);
}

TEST_CASE("a full state with an identifier twice can be read and changed") {
  project::Project project = make_project();
  project.tracks.push_back(project.tracks.front());
  project.tracks[1].channel.nodes.push_back(project.tracks[1].channel.nodes.front());
  ProjectState state(project);
  CHECK(state.track(TrackId{"one"}) == &state.project().tracks.front());
  CHECK(state.apply(project::TrackRemoved{.track_id = TrackId{"one"}}).has_value());
  CHECK(state.apply(project::NodeRemoved{.channel_id = ChannelId{"two-channel"}, .node_id = NodeId{"two-n"}}).has_value());
  CHECK(state.apply(project::TrackRemoved{.track_id = TrackId{"one"}}).has_value());
  static_cast<void>(state.parameter(ParameterId{"two-n-a"}));
  static_cast<void>(state.clip(ClipId{"one-c"}));
}
