// project.saveAs: a complete new file or none; the history goes along, the old file stays.

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "support/killed_child.hpp"
#include "support/random_edits.hpp"
#include "support/scratch_folder.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

namespace {

void add_tracks(Document& document, int count) {
  for (int i = 0; i < count; ++i)
    do_edit(document, edits::plan(document.edit_context(), track::Add{.name = "Track", .index = {}}).value().edit);
}

std::unique_ptr<Document> make_song(const std::filesystem::path& path) {
  auto document = Document::create({.path = path, .name = "Song"}).value();
  add_tracks(*document, 5);
  do_undo(*document);
  return document;
}

std::size_t files_in(const std::filesystem::path& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++count;
  return count;
}

}  // namespace

TEST_CASE("the new file has project, revision, history and handles, and is the open one; the old one stays behind") {
  const ScratchFolder folder;
  auto document = make_song(folder / "old.loophole");
  const project::Project before = document->project();
  const auto entries = document->history().entries();
  document->save_as(folder / "new.loophole", std::nullopt).value();
  CHECK(document->path() == folder / "new.loophole");
  CHECK(document->project() == before);  // its id too
  CHECK(document->revision() == 6);
  CHECK(do_redo(*document) == 7);  // what it changes is read from the new file
  add_tracks(*document, 1);
  const project::Project after = document->project();

  // The old one is free, and as it was.
  auto old = Document::open(folder / "old.loophole").value();
  CHECK(old->project() == before);
  CHECK(old->revision() == 6);
  CHECK(old->history().entries() == entries);
  old.reset();
  document.reset();
  auto again = Document::open(folder / "new.loophole").value();
  CHECK(again->project() == after);
  CHECK(again->revision() == 8);
  for (int i = 0; i < 6; ++i) do_undo(*again);
  CHECK(again->project().tracks.empty());
}

TEST_CASE("a project can be saved before anything was done to it, new or under its new name") {
  const ScratchFolder folder;
  auto document = Document::create({.path = folder / "old.loophole", .name = "Song"}).value();
  document->save().value();
  document->save_as(folder / "new.loophole", std::nullopt).value();
  document->save().value();
  CHECK(document->revision() == 0);
}

TEST_CASE("a new name is in the new file alone") {
  const ScratchFolder folder;
  auto document = make_song(folder / "old.loophole");
  document->save_as(folder / "new.loophole", "Second Take").value();
  CHECK(document->project().name == "Second Take");
  document.reset();
  CHECK(Document::open(folder / "new.loophole").value()->project().name == "Second Take");
  CHECK(Document::open(folder / "old.loophole").value()->project().name == "Song");
}

TEST_CASE("what cannot be written is an error; the open file stays the open one and nothing is left behind") {
  const ScratchFolder folder;
  auto document = make_song(folder / "old.loophole");
  write_bytes(folder / "letter.txt", "dear reader");
  std::filesystem::create_symlink(folder / "nothing", folder / "dangling");
  const std::size_t files = files_in(folder.path());
  for (const char* taken : {"letter.txt", "old.loophole", "dangling"})
    CHECK(is(document->save_as(folder / taken, std::nullopt).error(), errors::kProjectFileExists));
  CHECK(bytes_in(folder / "letter.txt") == "dear reader");
  CHECK(is(document->save_as(folder / "none" / "new.loophole", std::nullopt).error(), errors::kProjectFileUnwritable));
  CHECK(is(document->save_as(folder / std::string(300, 'x'), std::nullopt).error(), errors::kProjectFileUnwritable));
  {
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit full{.rlim_cur = 9'000, .rlim_max = before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &full);
    const auto saved = document->save_as(folder / "new.loophole", std::nullopt);
    ::setrlimit(RLIMIT_FSIZE, &before);
    CHECK(is(saved.error(), errors::kProjectFileUnwritable));
  }
  CHECK(files_in(folder.path()) == files);
  CHECK(document->path() == folder / "old.loophole");
  add_tracks(*document, 1);
  document.reset();
  CHECK(Document::open(folder / "old.loophole").value()->revision() == 7);
}

TEST_CASE("killed at any moment: there is no new file or a complete one, and the old one is whole") {
  const auto work = [](const ScratchFolder& folder) {
    if (auto document = Document::open(folder / "old.loophole")) (void)(*document)->save_as(folder / "new.loophole", "New");
  };
  const ScratchFolder rehearsal;
  make_song(rehearsal / "old.loophole").reset();
  KilledChild child(3, [&] { work(rehearsal); });
  int complete = 0;
  for (int round = 0; round < 40; ++round) {
    CAPTURE(round);
    const ScratchFolder folder;
    make_song(folder / "old.loophole").reset();
    child.run([&] { work(folder); });
    auto old = Document::open(folder / "old.loophole").value();
    CHECK(old->revision() == 6);
    if (!std::filesystem::exists(folder / "new.loophole")) continue;
    ++complete;
    auto copy = Document::open(folder / "new.loophole").value();
    CHECK(copy->revision() == 6);
    CHECK(copy->project().name == "New");
    CHECK(copy->project().tracks == old->project().tracks);
  }
  MESSAGE(complete << " of 40 new files were complete");
}
