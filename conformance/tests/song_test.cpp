// The changes that the suite's Pulse makes at random, and those that lead back.
#include "trial/song.hpp"

#include <doctest/doctest.h>

#include <set>

#include "trial/mirror.hpp"

using namespace loophole;
using namespace loophole::conformance;

namespace {

Mirror begun() {
  Mirror mirror;
  mirror.take(project::SnapshotReply{.revision = 1, .path = {}, .project = song::project()});
  return mirror;
}

project::Changed transaction(const Mirror& mirror, std::vector<project::Change> changes) {
  return {.revision = mirror.revision() + 1, .cause = {}, .label = "Step", .origin = {}, .changes = std::move(changes)};
}

}  // namespace

TEST_CASE("shuffled transactions fit, are the same for the same seed, and are of nearly every kind") {
  song::Shuffle shuffle(1);
  song::Shuffle again(1);
  Mirror mirror = begun();
  std::set<std::size_t> kinds;
  for (int n = 0; n < 300; ++n) {
    const auto changes = shuffle.next(*mirror.project());
    CHECK(changes == again.next(*mirror.project()));
    for (const project::Change& one : changes) kinds.insert(one.index());
    REQUIRE_FALSE(mirror.take(transaction(mirror, changes)));
  }
  CHECK(kinds.size() >= 19);  // all but bus.removed and unknown.changed, and one that chance may leave out
  CHECK(mirror.parameter(song::kCutoff) != nullptr);
}

TEST_CASE("the inverse of a change leads back") {
  for (const project::Change& change :
       {project::Change{project::TrackRemoved{.track_id = song::kTrack}},
        project::Change{project::TrackMoved{.track_id = song::kTrack, .index = 1}},
        project::Change{project::ParameterChanged{.parameter_id = song::kCutoff, .value = 100}},
        project::Change{project::TempoChanged{.tempo_bpm = 90}},
        project::Change{project::TrackChanged{.track_id = song::kTrack, .name = "Other", .colour = "#000000"}}}) {
    Mirror mirror = begun();
    const auto back = song::inverse(*mirror.project(), change);
    REQUIRE(back);
    REQUIRE_FALSE(mirror.take(transaction(mirror, {change})));
    CHECK(mirror.project() != song::project());
    REQUIRE_FALSE(mirror.take(transaction(mirror, {*back})));
    CHECK(mirror.project() == song::project());
  }
}
