// An edit of any command that changes nothing is answered with the present revision: no event, no step, and what was undone stays.

#include <doctest/doctest.h>

#include "support/studio.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

TEST_CASE("what is so already: the present revision, nobody is told, redo is still possible") {
  Studio studio;
  StudioClient user = studio.client();
  const node::Node filter = studio.make_song(user);
  const track::Track track = studio.hub->project()->tracks[0];
  (void)user.call(track::Add{.name = "Undone", .index = {}}).value();
  (void)user.call(history::Undo{}).value();
  const auto before = user.call(project::Snapshot{}).value();
  const std::size_t events = user.of<project::Changed>().size();
  const auto list = user.call(history::List{}).value();
  const Revision present = before.revision;

  CHECK(user.call(track::Rename{.track_id = track.id, .name = track.name}).value().revision == present);
  CHECK(user.call(track::Move{.track_id = track.id, .index = 0}).value().revision == present);
  CHECK(user.call(track::SetColour{.track_id = track.id, .colour = {}}).value().revision == present);
  CHECK(user.call(node::SetBypass{.node_id = filter.id, .bypassed = false}).value().revision == present);
  CHECK(user.call(node::Move{.node_id = filter.id, .index = 0, .channel_id = track.channel.id}).value().revision == present);
  CHECK(user.call(routing::SetOutput{.channel_id = track.channel.id, .bus_id = {}}).value().revision == present);
  CHECK(user.call(parameter::Set{.parameter_id = filter.parameters[0].id, .value = filter.parameters[0].value}).value().revision ==
        present);
  CHECK(user.call(automation::Clear{.parameter_id = filter.parameters[0].id, .from_frames = {}, .to_frames = {}}).value().revision ==
        present);
  CHECK(user.call(automation::SetPoints{.parameter_id = filter.parameters[0].id, .from_frames = 0, .to_frames = 9, .points = {}})
            .value()
            .revision == present);
  CHECK(user.call(transport::SetTempo{.tempo_bpm = 120}).value().revision == present);

  CHECK(user.of<project::Changed>().size() == events);
  CHECK(user.call(project::Snapshot{}).value() == before);
  CHECK(user.call(history::List{}).value() == list);
  CHECK(user.call(history::Redo{}));
}

TEST_CASE("in one batch with an edit it has the revision of that edit, told when that is durable") {
  Studio studio;
  StudioClient user = studio.client();
  (void)studio.make_song(user);
  const TrackId track = studio.hub->project()->tracks[0].id;
  const Revision start = studio.hub->revision();
  std::optional<Result<Edited>> first;
  std::optional<Result<Edited>> same;
  user.begin(track::Rename{.track_id = track, .name = "Other"}, first);
  user.begin(track::Rename{.track_id = track, .name = "Other"}, same);
  while (!same) studio.wait();
  CHECK(first->value().revision == start + 1);
  CHECK(same->value().revision == start + 1);
  CHECK(user.of<project::Changed>().back().revision == start + 1);
}
