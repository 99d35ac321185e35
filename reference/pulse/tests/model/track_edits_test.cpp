// Tracks: order, colour, and copies that share nothing with what they are copies of.

#include <doctest/doctest.h>

#include "support/song.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;
using Names = std::vector<std::string>;

TEST_CASE("a track is moved to its place among the others") {
  Song song;
  (void)song.made(track::Add{.name = "B", .index = {}});
  (void)song.made(track::Add{.name = "C", .index = {}});
  const auto planned = song.made(track::Move{.track_id = song.track(0).id, .index = 2});
  CHECK(planned.edit.label == "Move Track \"Voice\"");
  CHECK(names(song.project().tracks) == Names{"B", "C", "Voice"});
  (void)song.made(track::Move{.track_id = song.track(2).id, .index = 1});
  CHECK(names(song.project().tracks) == Names{"B", "Voice", "C"});

  const Error behind = refusal(song, track::Move{.track_id = song.track(0).id, .index = 3});
  CHECK(is(behind, errors::kPayloadInvalid));
  CHECK(behind.pointer == "/index");
  CHECK(behind.expected == "0 to 2");
  const Error nobody = refusal(song, track::Move{.track_id = TrackId("x"), .index = 0});
  CHECK(is(nobody, errors::kTrackNotFound));
  CHECK(nobody.pointer == "/trackId");
}

TEST_CASE("a colour is set and taken away; the name stays") {
  Song song;
  const TrackId id = song.track().id;
  CHECK(song.made(track::SetColour{.track_id = id, .colour = "#e8a33d"}).edit.label == "Colour Track \"Voice\"");
  CHECK(song.track().colour == "#e8a33d");
  (void)song.made(track::Rename{.track_id = id, .name = "Bass"});
  CHECK(song.track().colour == "#e8a33d");
  (void)song.made(track::SetColour{.track_id = id, .colour = {}});
  CHECK(!song.track().colour.has_value());
  CHECK(song.track().name == "Bass");
  const Error error = refusal(song, track::SetColour{.track_id = TrackId("x"), .colour = {}});
  CHECK(is(error, errors::kTrackNotFound));
  CHECK(error.pointer == "/trackId");
}

TEST_CASE("a copy stands behind its track and has values, automation, clips, sends and output, with ids and handles of its own") {
  Song song;
  const auto bus = song.made(routing::AddBus{.name = "Reverb", .index = {}}).reply;
  const ChannelId channel = song.track().channel.id;
  (void)song.made(routing::SetOutput{.channel_id = channel, .bus_id = bus.bus_id});
  (void)song.made(routing::AddSend{.channel_id = channel, .bus_id = bus.bus_id, .pre_fader = true});
  (void)song.made(node::Add{.channel_id = channel, .kind = node::NodeKind::analyser, .plugin = {}, .name = {}, .index = {}});
  (void)song.made(parameter::Set{.parameter_id = song.cutoff().id, .value = 880});
  (void)song.made(automation::SetPoints{.parameter_id = song.cutoff().id,
                                        .from_frames = 0,
                                        .to_frames = 10,
                                        .points = {{.position_frames = 5, .value = 200, .shape = automation::Shape::hold}}});
  song.state
      .apply(project::ClipAdded{
          .track_id = song.track().id,
          .index = 0,
          .clip =
              {.id = ClipId("c"), .name = "c", .path = "/a.wav", .start_frames = 7, .offset_frames = 0, .length_frames = 9, .gain_db = 0}})
      .value();
  (void)song.made(track::Add{.name = "Last", .index = {}});

  const track::Track original = song.track(0);
  const auto planned = song.made(track::Duplicate{.track_id = original.id, .name = {}});
  CHECK(planned.edit.label == "Duplicate Track \"Voice\"");
  CHECK(names(song.project().tracks) == Names{"Voice", "Voice 2", "Last"});
  CHECK(song.track(0) == original);
  track::Track copy = song.track(1);
  CHECK(planned.reply.track_id == copy.id);
  CHECK(planned.reply.channel_id == copy.channel.id);

  // With ids and handles of the original put in, it is the original.
  const auto same_parameter = [](parameter::Parameter& one, const parameter::Parameter& other) {
    CHECK(one.id != other.id);
    CHECK(one.handle != other.handle);
    one.id = other.id;
    one.handle = other.handle;
    one.owner_id = other.owner_id;
  };
  CHECK(copy.channel.gain.owner_id.str() == copy.channel.id.str());
  CHECK(copy.channel.sends[0].level.owner_id.str() == copy.channel.sends[0].id.str());
  CHECK(copy.channel.nodes[0].parameters[0].owner_id.str() == copy.channel.nodes[0].id.str());
  CHECK(copy.channel.nodes[1].meter_handle != original.channel.nodes[1].meter_handle);
  CHECK(copy.channel.meter_handle != original.channel.meter_handle);
  copy.id = original.id;
  copy.name = original.name;
  copy.clips[0].id = original.clips[0].id;
  copy.channel.id = original.channel.id;
  copy.channel.meter_handle = original.channel.meter_handle;
  same_parameter(copy.channel.gain, original.channel.gain);
  copy.channel.sends[0].id = original.channel.sends[0].id;
  same_parameter(copy.channel.sends[0].level, original.channel.sends[0].level);
  for (std::size_t n = 0; n < copy.channel.nodes.size(); ++n) {
    copy.channel.nodes[n].id = original.channel.nodes[n].id;
    copy.channel.nodes[n].meter_handle = original.channel.nodes[n].meter_handle;
    for (std::size_t p = 0; p < copy.channel.nodes[n].parameters.size(); ++p)
      same_parameter(copy.channel.nodes[n].parameters[p], original.channel.nodes[n].parameters[p]);
  }
  CHECK(copy == original);
}

TEST_CASE("names of copies: the next number that is free, the name that is asked for, never longer than a name may be") {
  Song song;
  const TrackId id = song.track().id;
  (void)song.made(track::Duplicate{.track_id = id, .name = {}});
  (void)song.made(track::Duplicate{.track_id = id, .name = {}});
  (void)song.made(track::Duplicate{.track_id = id, .name = "Choir"});
  CHECK(names(song.project().tracks) == Names{"Voice", "Choir", "Voice 3", "Voice 2"});
  std::string longest;
  for (int i = 0; i < 128; ++i) longest += "ä";
  (void)song.made(track::Rename{.track_id = id, .name = longest});
  (void)song.made(track::Duplicate{.track_id = id, .name = {}});
  CHECK(song.track(1).name == longest.substr(0, 2 * 126) + " 2");
  const Error error = refusal(song, track::Duplicate{.track_id = TrackId("x"), .name = {}});
  CHECK(is(error, errors::kTrackNotFound));
  CHECK(error.pointer == "/trackId");
}
