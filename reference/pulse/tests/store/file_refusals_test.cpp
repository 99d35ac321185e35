// Files that cannot be opened or made: each a clear error, and the file left as it was.

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <filesystem>

#include "document/document.hpp"
#include "support/random_edits.hpp"
#include "support/scratch_folder.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;

namespace {

void run_sql(const std::filesystem::path& path, const char* sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  REQUIRE(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_close(database) == SQLITE_OK);
}

std::filesystem::path make_song(const ScratchFolder& folder) {
  const auto path = folder / "song.loophole";
  auto document = Document::create({.path = path, .name = "Song"}).value();
  do_edit(*document, edits::plan(document->edit_context(), track::Add{.name = "A", .index = {}}).value().edit);
  document->save().value();
  return path;
}

void check_refused(const std::filesystem::path& path, const errors::Code& code) {
  const std::string before = bytes_in(path);
  const auto opened = Document::open(path);
  REQUIRE(!opened);
  CAPTURE(to_string(opened.error()));
  CHECK(is(opened.error(), code));
  CHECK(opened.error().message.find(path.string()) != std::string::npos);
  CHECK(bytes_in(path) == before);
}

}  // namespace

TEST_CASE("no file") {
  const ScratchFolder folder;
  const auto opened = Document::open(folder / "none.loophole");
  CHECK(is(opened.error(), errors::kProjectFileNotFound));
}

TEST_CASE("bytes that are no database, few and many") {
  const ScratchFolder folder;
  for (const std::string& bytes : {std::string(), std::string("x"), std::string("RIFF....WAVE"), std::string(100'000, '\xA5')}) {
    write_bytes(folder / "garbage", bytes);
    check_refused(folder / "garbage", errors::kProjectFileUnreadable);
  }
}

TEST_CASE("a folder in place of the file") {
  const ScratchFolder folder;
  std::filesystem::create_directory(folder / "song.loophole");
  CHECK(is(Document::open(folder / "song.loophole").error(), errors::kProjectFileUnreadable));
  CHECK(is(Document::create({.path = folder / "song.loophole", .name = "Song"}).error(), errors::kProjectFileExists));
}

TEST_CASE("a database of another application") {
  const ScratchFolder folder;
  run_sql(folder / "other.db", "CREATE TABLE contacts (name TEXT)");
  check_refused(folder / "other.db", errors::kProjectFileUnreadable);
}

TEST_CASE("a file from the future names both versions and stays byte for byte") {
  const ScratchFolder folder;
  const auto path = make_song(folder);
  run_sql(path, "PRAGMA user_version = 2");
  check_refused(path, errors::kProjectFileTooNew);
  const std::string message = Document::open(path).error().message;
  CHECK(message.find("format 2") != std::string::npos);
  CHECK(message.find("up to 1") != std::string::npos);
}

TEST_CASE("a file with pages overwritten") {
  const ScratchFolder folder;
  const auto path = make_song(folder);
  std::string bytes = bytes_in(path);
  for (std::size_t i = 4'096; i < bytes.size(); ++i) bytes[i] = '\x5A';
  write_bytes(path, bytes);
  check_refused(path, errors::kProjectFileUnreadable);
}

TEST_CASE("a file cut off in the middle") {
  const ScratchFolder folder;
  const auto path = make_song(folder);
  write_bytes(path, bytes_in(path).substr(0, 6'000));
  check_refused(path, errors::kProjectFileUnreadable);
}

TEST_CASE("a project whose journal has a hole, or a transaction that does not fit") {
  const ScratchFolder folder;
  const auto path = make_song(folder);
  run_sql(path, "DELETE FROM journal");
  check_refused(path, errors::kProjectFileUnreadable);
  run_sql(path,
          "INSERT INTO journal VALUES (1, 'x', 'edit', 1, '', '{}', '[]', '[]'), "
          "(2, 'x', 'edit', 2, '', '{}', '[{\"type\":\"track.removed\",\"trackId\":\"none\"}]', '[]')");
  check_refused(path, errors::kProjectFileUnreadable);
}

TEST_CASE("a file that is open already") {
  const ScratchFolder folder;
  const auto path = folder / "song.loophole";
  const auto holder = Document::create({.path = path, .name = "Song"}).value();
  check_refused(path, errors::kProjectFileLocked);
}

TEST_CASE("a new project where a file is leaves the file alone; in a folder that is not there nothing is made") {
  const ScratchFolder folder;
  write_bytes(folder / "letter.txt", "dear reader");
  const auto taken = Document::create({.path = folder / "letter.txt", .name = "Song"});
  CHECK(is(taken.error(), errors::kProjectFileExists));
  CHECK(bytes_in(folder / "letter.txt") == "dear reader");
  const auto nowhere = Document::create({.path = folder / "none" / "song.loophole", .name = "Song"});
  CHECK(is(nowhere.error(), errors::kProjectFileUnwritable));
  CHECK(!std::filesystem::exists(folder / "none"));
}
