// Files of older formats are opened as what they were, and kept beside the file until somebody deletes them.

#include <doctest/doctest.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <iterator>

#include "support/format_1.hpp"
#include "support/killed_child.hpp"
#include "support/random_edits.hpp"
#include "support/scratch_folder.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

namespace {

struct Song {
  project::Project project;
  Revision revision = 0;
  std::vector<history::Entry> history;
  std::size_t position = 0;
  Handle next_handle = 0;

  explicit Song(Document& document)
      : project(document.project()),
        revision(document.revision()),
        history(document.history().entries()),
        position(document.history().position()),
        next_handle(document.edit_context().handles.next()) {}
  bool operator==(const Song&) const = default;
};

// A song with a snapshot in the midst of its journal; `before_snapshot` 0: at its beginning.
Song make_song(const std::filesystem::path& path, int before_snapshot, int after_snapshot) {
  auto document = Document::create({.path = path, .name = "Song"}).value();
  const auto edit = [&](int count) {
    for (int i = 0; i < count; ++i)
      do_edit(*document, edits::plan(document->edit_context(), track::Add{.name = "Track", .index = {}}).value().edit);
  };
  edit(before_snapshot);
  if (before_snapshot > 0) document->save().value();
  edit(after_snapshot);
  if (after_snapshot > 0) do_undo(*document);
  return Song(*document);
}

std::filesystem::path with(const std::filesystem::path& path, const char* ending) {
  return path.string() + ending;
}

}  // namespace

TEST_CASE("a file of format 1: the same project, history and handles; the next opening has nothing left to do") {
  for (const auto& [before, after] : {std::pair{0, 0}, std::pair{0, 5}, std::pair{4, 0}, std::pair{6, 5}}) {
    const ScratchFolder folder;
    const auto path = folder / "song.loophole";
    const Song truth = make_song(path, before, after);
    make_format_1(path);
    CHECK(ProjectFile::format_of(path).value() == 1);
    {
      auto document = Document::open(path).value();
      CHECK(Song(*document) == truth);
      do_edit(*document, edits::plan(document->edit_context(), track::Add{.name = "New", .index = {}}).value().edit);
      do_undo(*document);
    }
    CHECK(ProjectFile::format_of(path).value() == kFileFormat);
    CHECK(Document::open(path).value()->revision() == truth.revision + 2);
    CHECK(std::filesystem::exists(with(path, ".format-1")));
    CHECK(!std::filesystem::exists(with(path, ".format-1-2")));
  }
}

TEST_CASE("what is kept is the project in its old format; a name that is taken is left alone") {
  const ScratchFolder folder;
  const auto path = folder / "song.loophole";
  const Song truth = make_song(path, 3, 3);
  make_format_1(path);
  write_bytes(with(path, ".format-1"), "mine");
  (void)Document::open(path).value();
  CHECK(bytes_in(with(path, ".format-1")) == "mine");
  const auto kept = with(path, ".format-1-2");
  CHECK(ProjectFile::format_of(kept).value() == 1);
  CHECK(Song(*Document::open(kept).value()) == truth);
}

TEST_CASE("a damaged file of format 1 is refused and left as it is") {
  for (const char* harm : {"DELETE FROM journal WHERE revision = 2", "DELETE FROM meta", "DELETE FROM snapshot", "DROP TABLE journal",
                           "UPDATE journal SET forward = '[{\"type\":\"track.removed\",\"trackId\":\"none\"}]' WHERE revision = 6",
                           "UPDATE journal SET origin = 'dream' WHERE revision = 1", "UPDATE snapshot SET project = '{}'"}) {
    CAPTURE(harm);
    const ScratchFolder folder;
    const auto path = folder / "song.loophole";
    (void)make_song(path, 3, 4);
    make_format_1(path);
    Sql(path).run(harm);
    const std::string before = bytes_in(path);
    const auto opened = Document::open(path);
    REQUIRE(!opened);
    CHECK(is(opened.error(), errors::kProjectFileUnreadable));
    CHECK(bytes_in(path) == before);
    const auto entries = std::filesystem::directory_iterator(folder.path());
    CHECK(std::distance(begin(entries), end(entries)) == 1);
  }
}

TEST_CASE("a migration that is killed at any moment: the old file or the new one, never something between") {
  const ScratchFolder folder;
  const auto pattern = folder / "pattern.loophole";
  const Song truth = make_song(pattern, 50, 50);
  make_format_1(pattern);
  int old_ones = 0;
  spdlog::set_level(spdlog::level::warn);
  KilledChild child(5, [&] {
    std::filesystem::copy_file(pattern, folder / "rehearsal.loophole");
    (void)Document::open(folder / "rehearsal.loophole").value();
  });
  for (int round = 0; round < 40; ++round) {
    CAPTURE(round);
    const ScratchFolder here;
    const auto path = here / "song.loophole";
    std::filesystem::copy_file(pattern, path);
    child.run([&] { (void)Document::open(path); });
    if (!std::filesystem::exists(with(path, ".format-1"))) ++old_ones;
    CHECK(Song(*Document::open(path).value()) == truth);
    const auto kept = with(path, ".format-1");
    REQUIRE(std::filesystem::exists(kept));
    CHECK(Song(*Document::open(kept).value()) == truth);
  }
  MESSAGE(old_ones << " of 40 were killed before the old format was kept");
}
