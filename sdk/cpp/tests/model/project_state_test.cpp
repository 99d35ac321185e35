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
  return {
      .id = NodeId{id}, .kind = node::NodeKind::filter, .name = id, .parameters = {make_parameter(id + "-a"), make_parameter(id + "-b")}};
}

clip::Clip make_clip(const std::string& id) {
  return {.id = ClipId{id}, .name = id, .path = "/" + id, .length_frames = 10};
}

track::Track make_track(const std::string& id) {
  return {.id = TrackId{id},
          .name = id,
          .clips = {make_clip(id + "-c")},
          .nodes = {make_node(id + "-n")},
          .gain = make_parameter(id + "-gain"),
          .meter_handle = next_handle++};
}

project::Project make_project() {
  return {.id = ProjectId{"prj"},
          .name = "Song",
          .sample_rate_hz = 48000,
          .tempo_bpm = 120,
          .gain = make_parameter("gain"),
          .meter_handle = next_handle++,
          .tracks = {make_track("one"), make_track("two"), make_track("three")}};
}

// What the index finds is what a walk over the project finds.
void check_index(const ProjectState& state) {
  const project::Project& project = state.project();
  CHECK(state.parameter(project.gain.id) == &project.gain);
  for (std::size_t t = 0; t < project.tracks.size(); ++t) {
    const track::Track& track = project.tracks[t];
    CHECK(state.track(track.id) == &track);
    CHECK(state.track_index(track.id) == t);
    CHECK(state.parameter(track.gain.id) == &track.gain);
    for (const clip::Clip& clip : track.clips) {
      TrackId owner;
      CHECK(state.clip(clip.id, &owner) == &clip);
      CHECK(owner == track.id);
    }
    for (const node::Node& node : track.nodes) {
      TrackId owner;
      CHECK(state.node(node.id, &owner) == &node);
      CHECK(owner == track.id);
      for (const parameter::Parameter& parameter : node.parameters) CHECK(state.parameter(parameter.id) == &parameter);
    }
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

TEST_CASE("tracks are added at their place, removed with what is on them, and renamed") {
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

  apply(state, project::TrackRenamed{.track_id = TrackId{"two"}, .name = "Drums"});
  CHECK(state.track(TrackId{"two"})->name == "Drums");
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

TEST_CASE("nodes are added at their place and removed with their parameters") {
  ProjectState state(make_project());
  apply(state, project::NodeAdded{.track_id = TrackId{"three"}, .index = 0, .node = make_node("tone")});
  CHECK(state.track(TrackId{"three"})->nodes.front().id == NodeId{"tone"});
  apply(state, project::NodeRemoved{.track_id = TrackId{"three"}, .node_id = NodeId{"three-n"}});
  CHECK(state.node(NodeId{"three-n"}) == nullptr);
  CHECK(state.parameter(ParameterId{"three-n-a"}) == nullptr);
}

TEST_CASE("parameters of the project, of tracks and of nodes change") {
  ProjectState state(make_project());
  for (const char* id : {"gain", "two-gain", "three-n-b"}) {
    CAPTURE(id);
    apply(state, project::ParameterChanged{.parameter_id = ParameterId{id}, .value = 42.5});
    CHECK(state.parameter(ParameterId{id})->value == 42.5);
  }
}

TEST_CASE("a change of something that is not there is refused and changes nothing") {
  ProjectState state(make_project());
  refuse(state, project::TrackRemoved{.track_id = TrackId{"moon"}}, errors::kTrackNotFound);
  refuse(state, project::TrackRenamed{.track_id = TrackId{"moon"}, .name = "x"}, errors::kTrackNotFound);
  refuse(state, project::ClipAdded{.track_id = TrackId{"moon"}, .index = 0, .clip = make_clip("c")}, errors::kTrackNotFound);
  refuse(state, project::ClipRemoved{.track_id = TrackId{"one"}, .clip_id = ClipId{"two-c"}}, errors::kClipNotFound);
  refuse(state, project::NodeAdded{.track_id = TrackId{"moon"}, .index = 0, .node = make_node("n")}, errors::kTrackNotFound);
  refuse(state, project::NodeRemoved{.track_id = TrackId{"one"}, .node_id = NodeId{"two-n"}}, errors::kNodeNotFound);
  refuse(state, project::ParameterChanged{.parameter_id = ParameterId{"moon"}, .value = 1}, errors::kParameterNotFound);
}

TEST_CASE("a change that does not fit is refused and changes nothing") {
  ProjectState state(make_project());
  refuse(state, project::TrackAdded{.index = 4, .track = make_track("new")}, errors::kInternalFault);
  refuse(state, project::TrackAdded{.index = 0, .track = make_track("two")}, errors::kInternalFault);
  refuse(state, project::ClipAdded{.track_id = TrackId{"one"}, .index = 2, .clip = make_clip("c")}, errors::kInternalFault);
  refuse(state, project::ClipAdded{.track_id = TrackId{"one"}, .index = 0, .clip = make_clip("two-c")}, errors::kInternalFault);
  refuse(state, project::NodeAdded{.track_id = TrackId{"one"}, .index = 2, .node = make_node("n")}, errors::kInternalFault);
  refuse(state, project::NodeAdded{.track_id = TrackId{"one"}, .index = 0, .node = make_node("two-n")}, errors::kInternalFault);

  track::Track twice = make_track("twice");
  twice.clips.push_back(twice.clips.front());
  refuse(state, project::TrackAdded{.index = 0, .track = twice}, errors::kInternalFault);
  node::Node same = make_node("same");
  same.parameters.push_back(same.parameters.front());
  refuse(state, project::NodeAdded{.track_id = TrackId{"one"}, .index = 0, .node = same}, errors::kInternalFault);
}

TEST_CASE("a full state with an identifier twice can be read and changed") {
  project::Project project = make_project();
  project.tracks.push_back(project.tracks.front());
  project.tracks[1].nodes.push_back(project.tracks[1].nodes.front());
  ProjectState state(project);
  CHECK(state.track(TrackId{"one"}) == &state.project().tracks.front());
  CHECK(state.apply(project::TrackRemoved{.track_id = TrackId{"one"}}).has_value());
  CHECK(state.apply(project::NodeRemoved{.track_id = TrackId{"two"}, .node_id = NodeId{"two-n"}}).has_value());
  CHECK(state.apply(project::TrackRemoved{.track_id = TrackId{"one"}}).has_value());
  static_cast<void>(state.parameter(ParameterId{"two-n-a"}));
  static_cast<void>(state.clip(ClipId{"one-c"}));
}
