// Commands of clients as transactions: one revision, one event to everybody before the answer, one undo step.

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "support/studio.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

TEST_CASE("an edit: the event is there before the answer, names its cause, and reaches others too") {
  Studio studio;
  StudioClient user = studio.client();
  StudioClient other = studio.client();
  (void)studio.make_song(user);
  const std::size_t before = user.of<project::Changed>().size();
  const auto added = user.call(track::Add{.name = "Drums", .index = {}}).value();
  const auto events = user.of<project::Changed>();
  REQUIRE(events.size() == before + 1);
  CHECK(events.back().revision == added.revision);
  CHECK(events.back().label == "Add Track \"Drums\"");
  CHECK(events.back().cause.instance_id.has_value());
  CHECK(events.back().cause.command_id.has_value());
  CHECK(other.wait_for<project::Changed>(before + 1) == events.back());
}

TEST_CASE("many commands at once: revisions rise one by one, all are answered, reading between sees its own writes") {
  Studio studio;
  StudioClient user = studio.client();
  (void)studio.make_song(user);
  const Revision start = studio.hub->revision();
  constexpr int kMany = 200;
  std::vector<std::optional<Result<track::AddReply>>> answers(kMany);
  for (auto& answer : answers) user.begin(track::Add{.name = "T", .index = {}}, answer);
  const auto snapshot = user.call(project::Snapshot{}).value();
  CHECK(snapshot.revision == start + kMany);
  for (int i = 0; i < kMany; ++i) {
    REQUIRE(answers[static_cast<std::size_t>(i)].has_value());
    CHECK(answers[static_cast<std::size_t>(i)]->value().revision == start + 1 + i);
  }
}

TEST_CASE("a refused edit changes nothing") {
  Studio studio;
  StudioClient user = studio.client();
  (void)studio.make_song(user);
  const project::Project before = *studio.hub->project();
  const Revision revision = studio.hub->revision();
  CHECK(is(user.call(track::Remove{.track_id = TrackId("x")}).error(), errors::kTrackNotFound));
  CHECK(*studio.hub->project() == before);
  CHECK(studio.hub->revision() == revision);
}

TEST_CASE("a full disk: every command of the batch is told, no event is sent, later ones work") {
  Studio studio;
  StudioClient user = studio.client();
  (void)studio.make_song(user);
  const std::size_t events = user.of<project::Changed>().size();
  const project::Project before = *studio.hub->project();
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit full{.rlim_cur = std::filesystem::file_size(studio.hub->document()->path().string() + "-wal"), .rlim_max = limit.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &full);
  std::vector<std::optional<Result<track::AddReply>>> answers(5);
  for (auto& answer : answers) user.begin(track::Add{.name = "T", .index = {}}, answer);
  while (!answers.back()) studio.wait();
  ::setrlimit(RLIMIT_FSIZE, &limit);
  for (const auto& answer : answers) CHECK(is(answer->error(), errors::kProjectFileUnwritable));
  CHECK(user.of<project::Changed>().size() == events);
  CHECK(*studio.hub->project() == before);
  CHECK(user.call(track::Add{.name = "later", .index = {}}));
}

TEST_CASE("undo and redo are transactions of their own") {
  Studio studio;
  StudioClient user = studio.client();
  (void)studio.make_song(user);
  const auto added = user.call(track::Add{.name = "Drums", .index = {}}).value();
  const auto undone = user.call(history::Undo{}).value();
  CHECK(undone.revision == added.revision + 1);
  CHECK(undone.label == "Add Track \"Drums\"");
  CHECK(user.of<project::Changed>().back().origin == project::TransactionOrigin::undo);
  const auto list = user.call(history::List{}).value();
  CHECK(list.position == 2);
  CHECK(list.entries.size() == 3);
  CHECK(user.call(history::Redo{}).value().revision == added.revision + 2);
  CHECK(is(user.call(history::Redo{}).error(), errors::kHistoryNothingToRedo));
}

TEST_CASE("without a project every command that needs one says so") {
  Studio studio;
  StudioClient user = studio.client();
  CHECK(is(user.call(track::Add{.name = "x", .index = {}}).error(), errors::kProjectNone));
  CHECK(is(user.call(history::Undo{}).error(), errors::kProjectNone));
  CHECK(is(user.call(transport::Play{}).error(), errors::kProjectNone));
  CHECK(is(user.call(project::Save{}).error(), errors::kProjectNone));
  CHECK(is(user.call(project::Close{}).error(), errors::kProjectNone));
  CHECK(!user.call(project::Snapshot{}).value().project.has_value());
}

TEST_CASE("save, close, open: the same project, revision and history; events tell of both") {
  Studio studio;
  StudioClient user = studio.client();
  (void)studio.make_song(user);
  (void)user.call(history::Undo{}).value();
  const auto before = user.call(project::Snapshot{}).value();
  const auto list = user.call(history::List{}).value();
  CHECK(user.call(project::Save{}).value().revision == before.revision);
  CHECK(is(user.call(project::Open{.path = *before.path}).error(), errors::kProjectAlreadyOpen));
  (void)user.call(project::Close{}).value();
  CHECK(user.of<project::Closed>().size() == 1);
  CHECK(user.call(project::Open{.path = *before.path}).value().revision == before.revision);
  CHECK(user.of<project::Opened>().size() == 2);
  CHECK(user.call(project::Snapshot{}).value() == before);
  CHECK(user.call(history::List{}).value() == list);
  CHECK(user.call(history::Redo{}));
}

TEST_CASE("project.changes: the very transactions that were told, also after the project was opened again") {
  Studio studio;
  StudioClient user = studio.client();
  (void)studio.make_song(user);
  (void)user.call(track::Add{.name = "Drums", .index = {}}).value();
  (void)user.call(history::Undo{}).value();
  const auto told = user.of<project::Changed>();
  const ProjectId id = studio.hub->project()->id;
  const std::string path = user.call(project::Snapshot{}).value().path.value();
  for (const bool opened_again : {false, true}) {
    CAPTURE(opened_again);
    if (opened_again) {
      (void)user.call(project::Close{}).value();
      (void)user.call(project::Open{.path = path}).value();
    }
    const auto all = user.call(project::Changes{.project_id = id, .since_revision = 0}).value();
    CHECK(all.revision == 4);
    CHECK(all.transactions == told);
    const auto some = user.call(project::Changes{.project_id = id, .since_revision = 3}).value();
    REQUIRE(some.transactions.size() == 1);
    CHECK(some.transactions[0] == told[3]);
    CHECK(some.transactions[0].origin == project::TransactionOrigin::undo);
    const auto none = user.call(project::Changes{.project_id = id, .since_revision = 4}).value();
    CHECK(none.revision == 4);
    CHECK(none.transactions.empty());
  }
  const auto future = user.call(project::Changes{.project_id = id, .since_revision = 5});
  CHECK(is(future.error(), errors::kProjectRevisionUnavailable));
  CHECK(future.error().pointer == "/payload/sinceRevision");
  const auto other = user.call(project::Changes{.project_id = ProjectId("prj-other"), .since_revision = 4});
  CHECK(is(other.error(), errors::kProjectRevisionUnavailable));
  CHECK(other.error().pointer == "/payload/projectId");
  (void)user.call(project::Close{}).value();
  CHECK(is(user.call(project::Changes{.project_id = id, .since_revision = 0}).error(), errors::kProjectNone));
}

TEST_CASE("project.changes: thousands of transactions, and one more than an answer holds") {
  Studio studio;
  StudioClient user = studio.client();
  (void)studio.make_song(user);
  const ParameterId gain = studio.hub->project()->master.gain.id;
  constexpr int kMany = 4'096;
  std::vector<std::optional<Result<parameter::SetReply>>> answers(256);
  for (int done = 0; done < kMany; done += static_cast<int>(answers.size())) {
    for (std::size_t i = 0; i < answers.size(); ++i) {
      answers[i].reset();
      user.begin(parameter::Set{.parameter_id = gain, .value = i % 2 == 0 ? 0.5 : 0.25}, answers[i]);
    }
    while (!answers.back()) studio.wait();
  }
  const Revision revision = studio.hub->revision();
  const ProjectId id = studio.hub->project()->id;
  REQUIRE(revision == kMany + 2);
  const auto all = user.call(project::Changes{.project_id = id, .since_revision = 2}).value();
  CHECK(all.revision == revision);
  REQUIRE(all.transactions.size() == kMany);
  for (std::size_t i = 0; i < all.transactions.size(); ++i) REQUIRE(all.transactions[i].revision == static_cast<Revision>(i) + 3);
  CHECK(is(user.call(project::Changes{.project_id = id, .since_revision = 1}).error(), errors::kProjectRevisionUnavailable));
}

TEST_CASE("project.saveAs: everybody is told where the project is now; edits go on there, and the old file is free") {
  Studio studio;
  StudioClient user = studio.client();
  StudioClient other = studio.client();
  (void)studio.make_song(user);
  const std::string old_path = user.call(project::Snapshot{}).value().path.value();
  const std::string new_path = (studio.folder / "second.loophole").string();
  const auto saved = user.call(project::SaveAs{.path = new_path, .name = "Second Take"}).value();
  CHECK(saved.path == new_path);
  CHECK(saved.revision == 2);
  const auto told = other.wait_for<project::Opened>(2);
  CHECK(told.path == new_path);
  CHECK(told.name == "Second Take");
  CHECK(told.revision == 2);
  CHECK(user.call(track::Add{.name = "Drums", .index = {}}).value().revision == 3);
  const auto snapshot = user.call(project::Snapshot{}).value();
  CHECK(snapshot.path == new_path);
  CHECK(snapshot.project->name == "Second Take");
  // Who was away in the meantime learns it too.
  const auto since = user.call(project::Changes{.project_id = snapshot.project->id, .since_revision = 0}).value();
  CHECK(since.transactions.size() == 3);
  CHECK(since.name == "Second Take");
  CHECK(since.path == new_path);
  CHECK(is(user.call(project::SaveAs{.path = old_path, .name = {}}).error(), errors::kProjectFileExists));
  CHECK(user.call(history::Undo{}).value().revision == 4);
  (void)user.call(project::Close{}).value();
  CHECK(user.call(project::Open{.path = old_path}).value().revision == 2);
}

TEST_CASE("a relative path is refused: Pulse does not know where it begins") {
  Studio studio;
  StudioClient user = studio.client();
  const auto check_refused = [](const Error& error) {
    CHECK(is(error, errors::kPayloadInvalid));
    CHECK(error.pointer == "/payload/path");
  };
  check_refused(user.call(project::New{.path = "song.loophole", .name = {}}).error());
  check_refused(user.call(project::Open{.path = "./song.loophole"}).error());
  (void)studio.make_song(user);
  check_refused(user.call(project::SaveAs{.path = "../song.loophole", .name = {}}).error());
}
