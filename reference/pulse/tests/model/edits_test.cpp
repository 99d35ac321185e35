// Planned edits: labels, changes, replies; and refusals with a pointer into the payload.

#include <doctest/doctest.h>

#include <set>
#include <vector>

#include "support/scratch_folder.hpp"
#include "support/song.hpp"
#include "support/sound_file.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

TEST_CASE("labels are what an undo menu shows") {
  const ScratchFolder folder;
  const Song song;
  const auto sound = write_sound(folder / "Front Center.wav", 10, 48'000);
  const TrackId track = song.track().id;
  CHECK(edits::plan(song.context, track::Add{.name = "Drums", .index = {}})->edit.label == "Add Track \"Drums\"");
  CHECK(edits::plan(song.context, track::Remove{.track_id = track})->edit.label == "Remove Track \"Voice\"");
  CHECK(edits::plan(song.context, track::Rename{.track_id = track, .name = "Bass"})->edit.label == "Rename Track to \"Bass\"");
  CHECK(edits::plan(song.context, clip::Add{.track_id = track, .path = sound.string(), .start_frames = 0, .name = {}})->edit.label ==
        "Add Clip \"Front Center\"");
  CHECK(edits::plan(
            song.context,
            node::Add{.channel_id = song.track().channel.id, .kind = node::NodeKind::test_tone, .plugin = {}, .name = {}, .index = {}})
            ->edit.label == "Add Test Tone");
  CHECK(edits::plan(song.context, node::Remove{.node_id = song.track().channel.nodes[0].id})->edit.label == "Remove Filter");
  CHECK(edits::plan(song.context, parameter::Set{.parameter_id = song.cutoff().id, .value = 500})->edit.label == "Set Cutoff");
}

TEST_CASE("planning changes nothing") {
  const Song song;
  const project::Project before = song.state.project();
  CHECK(edits::plan(song.context, track::Remove{.track_id = song.track().id}));
  CHECK(song.state.project() == before);
}

TEST_CASE("things that are not there: the code and the place in the payload") {
  const Song song;
  CHECK(is(refusal(song, track::Remove{.track_id = TrackId("x")}), errors::kTrackNotFound));
  CHECK(refusal(song, track::Rename{.track_id = TrackId("x"), .name = "y"}).pointer == "/trackId");
  CHECK(refusal(song, clip::Remove{.clip_id = ClipId("x")}).pointer == "/clipId");
  CHECK(refusal(song, node::Remove{.node_id = NodeId("x")}).pointer == "/nodeId");
  CHECK(refusal(song, parameter::Set{.parameter_id = ParameterId("x"), .value = 1}).pointer == "/parameterId");
  CHECK(refusal(song, track::Remove{.track_id = TrackId("x")}).message.find("'x'") != std::string::npos);
}

TEST_CASE("a value out of range is told with the range and the value") {
  const Song song;
  const Error error = refusal(song, parameter::Set{.parameter_id = song.cutoff().id, .value = 20'001});
  CHECK(is(error, errors::kParameterOutOfRange));
  CHECK(error.pointer == "/value");
  CHECK(error.expected == "20 Hz to 20000 Hz");
  CHECK(error.found == "20001");
  CHECK(edits::plan(song.context, parameter::Set{.parameter_id = song.cutoff().id, .value = 20}));
  CHECK(edits::plan(song.context, parameter::Set{.parameter_id = song.cutoff().id, .value = 20'000}));
}

TEST_CASE("an index behind the end is told with what would do") {
  const Song song;
  const Error track = refusal(song, track::Add{.name = "x", .index = 2});
  CHECK(track.pointer == "/index");
  CHECK(track.expected == "0 to 1");
  CHECK(edits::plan(song.context, track::Add{.name = "x", .index = 1}));
  CHECK(refusal(song, node::Add{.channel_id = song.track().channel.id, .kind = node::NodeKind::pan, .plugin = {}, .name = {}, .index = 5})
            .pointer == "/index");
}

TEST_CASE("an unknown kind of node is told with the kinds there are") {
  const Song song;
  const Error error = refusal(
      song, node::Add{.channel_id = song.track().channel.id, .kind = node::NodeKind::unknown, .plugin = {}, .name = {}, .index = {}});
  CHECK(is(error, errors::kNodeKindUnsupported));
  CHECK(error.message.find("testTone, filter, gain, pan, delay, analyser") != std::string::npos);
}

TEST_CASE("a clip has the length of its file at the sample rate of the project, and an absolute path") {
  const ScratchFolder folder;
  const Song song;
  const auto sound = write_sound(folder / "a.wav", 44'100, 44'100);
  const auto planned = edits::plan(
      song.context, clip::Add{.track_id = song.track().id, .path = sound.string() + "/../a.wav", .start_frames = 7, .name = {}});
  REQUIRE(planned);
  CHECK(planned->reply.length_frames == 48'000);
  const auto& added = std::get<project::ClipAdded>(planned->edit.changes.at(0));
  CHECK(added.clip.path == sound.string());
  CHECK(added.clip.start_frames == 7);
  CHECK(added.clip.name == "a");
}

TEST_CASE("audio that cannot be read: path and reason") {
  const ScratchFolder folder;
  const Song song;
  write_bytes(folder / "letter.wav", "this is no audio");
  const auto add = [&](const std::filesystem::path& path) {
    return refusal(song, clip::Add{.track_id = song.track().id, .path = path.string(), .start_frames = 0, .name = {}});
  };
  for (const auto& path : {folder / "none.wav", folder / "letter.wav", folder.path()}) {
    const Error error = add(path);
    CAPTURE(error.message);
    CHECK(is(error, errors::kClipFileUnreadable));
    CHECK(error.pointer == "/path");
    CHECK(error.message.find(path.string()) != std::string::npos);
  }
  CHECK(add(folder / "none.wav").message.find("no such file") != std::string::npos);
}

TEST_CASE("final values of a gesture: one step; what is as before makes no change") {
  const Song song;
  const auto& parameters = song.track().channel.nodes[0].parameters;
  const std::vector<parameter::ParameterValue> both{{.parameter_id = parameters[0].id, .value = 500},
                                                    {.parameter_id = parameters[1].id, .value = 0.5}};
  const auto edit = edits::plan_values(song.context, both);
  REQUIRE(edit);
  CHECK(edit->changes.size() == 2);
  CHECK(edit->label == "Set Cutoff and 1 more");
  const std::vector<parameter::ParameterValue> same{{.parameter_id = parameters[0].id, .value = parameters[0].value}};
  CHECK(edits::plan_values(song.context, same)->changes.empty());
  const std::vector<parameter::ParameterValue> wild{both[0], {.parameter_id = parameters[1].id, .value = 7}};
  CHECK(edits::plan_values(song.context, wild).error().pointer == "/values/1/value");
}

TEST_CASE("a handle is never given twice") {
  Song song;
  std::set<Handle> seen;
  for (int i = 0; i < 50; ++i) {
    const auto planned = edits::plan(song.context, track::Add{.name = "x", .index = {}});
    const track::Track& track = std::get<project::TrackAdded>(planned->edit.changes[0]).track;
    CHECK(seen.insert(track.channel.gain.handle).second);
    CHECK(seen.insert(track.channel.meter_handle).second);
  }
}
