#include "loophole/aura/mirror.hpp"

#include <doctest/doctest.h>

using namespace loophole;
using aura::Mirror;

namespace {

project::SnapshotReply snapshot(std::int64_t revision) {
  project::Project project;
  project.id = ProjectId{"prj"};
  project.name = "Song";
  project.master.gain.id = ParameterId{"gain"};
  return {.revision = revision, .path = "/song", .project = project};
}

project::Changed changed(std::int64_t revision, project::Change change) {
  return {.revision = revision, .cause = {}, .label = "step", .origin = project::TransactionOrigin::edit, .changes = {std::move(change)}};
}

project::Change add_track(const std::string& id) {
  project::TrackAdded added;
  added.track.id = TrackId{id};
  added.track.name = id;
  added.track.channel.id = ChannelId{id + "-channel"};
  added.track.channel.gain.id = ParameterId{id + "-gain"};
  return added;
}

}  // namespace

TEST_CASE("without a snapshot there is no project, and any transaction shows a gap") {
  Mirror mirror;
  CHECK(mirror.project() == nullptr);
  CHECK(mirror.apply(changed(1, add_track("a"))) == Mirror::Step::gap);
}

TEST_CASE("the next transaction is applied") {
  Mirror mirror;
  mirror.reset(snapshot(4));
  REQUIRE(mirror.project() != nullptr);
  CHECK(mirror.path() == "/song");
  CHECK(mirror.apply(changed(5, add_track("a"))) == Mirror::Step::applied);
  CHECK(mirror.revision() == 5);
  CHECK(mirror.state()->track(TrackId{"a"}) != nullptr);
}

TEST_CASE("a transaction that the snapshot contains is known") {
  Mirror mirror;
  mirror.reset(snapshot(4));
  CHECK(mirror.apply(changed(4, add_track("a"))) == Mirror::Step::known);
  CHECK(mirror.apply(changed(3, add_track("a"))) == Mirror::Step::known);
  CHECK(mirror.project()->tracks.empty());
  CHECK(mirror.revision() == 4);
}

TEST_CASE("a gap is noticed and changes nothing") {
  Mirror mirror;
  mirror.reset(snapshot(4));
  CHECK(mirror.apply(changed(6, add_track("a"))) == Mirror::Step::gap);
  CHECK(mirror.revision() == 4);
  CHECK(mirror.project()->tracks.empty());
}

TEST_CASE("a transaction that does not fit asks for a snapshot, which replaces everything") {
  Mirror mirror;
  mirror.reset(snapshot(4));
  CHECK(mirror.apply(changed(5, add_track("a"))) == Mirror::Step::applied);
  CHECK(mirror.apply(changed(6, project::TrackRemoved{.track_id = TrackId{"moon"}})) == Mirror::Step::misfit);
  mirror.reset(snapshot(9));
  CHECK(mirror.revision() == 9);
  CHECK(mirror.project()->tracks.empty());
}

TEST_CASE("a snapshot without a project means that none is open") {
  Mirror mirror;
  mirror.reset(snapshot(4));
  mirror.reset({.revision = 0, .path = {}, .project = {}});
  CHECK(mirror.project() == nullptr);
  CHECK(mirror.revision() == 0);
  CHECK(mirror.path().empty());
}
