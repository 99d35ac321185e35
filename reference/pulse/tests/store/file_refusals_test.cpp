// Files that cannot be opened or made: each a clear error, and the file left as it was.

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <map>

#include "document/document.hpp"
#include "support/random_edits.hpp"
#include "support/scratch_folder.hpp"
#include "support/unprivileged_child.hpp"

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

// A song with what a killed Pulse leaves: a log beside the file that is not in it yet.
std::filesystem::path make_song_with_log(const ScratchFolder& folder) {
  const auto path = folder / "song.loophole";
  const auto working = folder / "working.loophole";
  auto document = Document::create({.path = working, .name = "Song"}).value();
  do_edit(*document, edits::plan(document->edit_context(), track::Add{.name = "A", .index = {}}).value().edit);
  std::filesystem::copy_file(working, path);
  std::filesystem::copy_file(working.string() + "-wal", path.string() + "-wal");
  document.reset();
  std::filesystem::remove(working);
  REQUIRE(std::filesystem::file_size(path.string() + "-wal") > 0);
  return path;
}

// Names and bytes of all files in the folder: a refusal changes none, makes none and removes none.
std::map<std::string, std::string> files_beside(const std::filesystem::path& path) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path.parent_path()))
    if (entry.is_regular_file()) files[entry.path().filename().string()] = bytes_in(entry.path());
  return files;
}

void check_refused(const std::filesystem::path& path, const errors::Code& code) {
  const auto before = files_beside(path);
  const auto opened = Document::open(path);
  REQUIRE(!opened);
  CAPTURE(to_string(opened.error()));
  CHECK(is(opened.error(), code));
  CHECK(opened.error().message.find(path.string()) != std::string::npos);
  CHECK(files_beside(path) == before);
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
  run_sql(path, "PRAGMA user_version = 3");
  check_refused(path, errors::kProjectFileTooNew);
  const std::string message = Document::open(path).error().message;
  CHECK(message.find("format 3") != std::string::npos);
  CHECK(message.find("up to 2") != std::string::npos);
}

TEST_CASE("formats that never were") {
  const ScratchFolder folder;
  const auto path = make_song(folder);
  run_sql(path, "PRAGMA user_version = 0");
  check_refused(path, errors::kProjectFileUnreadable);
  run_sql(path, "PRAGMA user_version = 1");  // it does not have the tables of format 1
  check_refused(path, errors::kProjectFileUnreadable);
}

TEST_CASE("a damaged file beside a log: the log stays too") {
  const ScratchFolder folder;
  const auto path = make_song_with_log(folder);
  std::string bytes = bytes_in(path);
  const std::size_t name = bytes.find("\"Song\"");
  REQUIRE(name != std::string::npos);
  bytes[name + 1] = 'L';
  write_bytes(path, bytes);
  check_refused(path, errors::kProjectFileUnreadable);
}

TEST_CASE("letters that changed within the texts of the file are found, wherever they are") {
  const ScratchFolder folder;
  const auto path = make_song(folder);
  for (const char* change :
       {"UPDATE journal SET label = 'Add Track \"B\"'", "UPDATE journal SET at = 'never'",
        "UPDATE journal SET cause = '{\"commandId\":\"9\"}'", "UPDATE journal SET forward = replace(forward, '\"A\"', '\"B\"')",
        "UPDATE journal SET inverse = '[]'", "UPDATE snapshot SET project = replace(project, '\"Song\"', '\"Long\"')",
        "UPDATE head SET next_handle = 1", "UPDATE head SET revision = 0", "DELETE FROM head", "DELETE FROM snapshot",
        "UPDATE snapshot SET revision = 0", "UPDATE journal SET seal = zeroblob(32)"}) {
    CAPTURE(change);
    const std::string good = bytes_in(path);
    run_sql(path, change);
    check_refused(path, errors::kProjectFileUnreadable);
    write_bytes(path, good);
  }
  CHECK(Document::open(path));
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

TEST_CASE("a project whose journal has a hole") {
  const ScratchFolder folder;
  const auto path = make_song(folder);
  run_sql(path, "DELETE FROM journal");
  check_refused(path, errors::kProjectFileUnreadable);
}

TEST_CASE("a file that another process has open") {
  const ScratchFolder folder;
  const auto path = make_song(folder);
  hand_over(folder.path());
  hand_over(path);
  auto holder = Document::open(path).value();
  const std::string said = in_child([&] {
    const auto opened = Document::open(path);
    return opened ? std::string("opened") : to_string(opened.error());
  });
  CHECK(said.find("project.fileLocked") == 0);
  CHECK(said.find(path.string()) != std::string::npos);
  do_edit(*holder, edits::plan(holder->edit_context(), track::Add{.name = "B", .index = {}}).value().edit);
  holder.reset();
  CHECK(Document::open(path).value()->revision() == 2);
}

TEST_CASE("a file that may only be read, and a folder that may only be read") {
  using std::filesystem::perms;
  for (const bool folder_too : {false, true}) {
    const ScratchFolder folder;
    const auto path = make_song(folder);
    hand_over(folder.path());
    hand_over(path);
    std::filesystem::permissions(path, folder_too ? perms::owner_read | perms::owner_write : perms::owner_read);
    std::filesystem::permissions(folder.path(), folder_too ? perms::owner_read | perms::owner_exec : perms::owner_all);
    const auto before = files_beside(path);
    const std::string said = in_child([&] {
      const auto opened = Document::open(path);
      const auto made = Document::create({.path = folder / "new.loophole", .name = "New"});
      return (opened ? std::string("opened") : to_string(opened.error())) + '\n' + (made ? "made" : to_string(made.error()));
    });
    CAPTURE(said);
    CHECK(said.find("project.fileUnwritable") == 0);
    CHECK((said.find("\nproject.fileUnwritable") != std::string::npos) == folder_too);
    if (folder_too) CHECK(files_beside(path) == before);
    CHECK(files_beside(path)["song.loophole"] == before.at("song.loophole"));
    std::filesystem::permissions(folder.path(), perms::owner_all);
  }
}

TEST_CASE("a file that may not be read") {
  const ScratchFolder folder;
  const auto path = make_song(folder);
  hand_over(folder.path());
  hand_over(path);
  std::filesystem::permissions(path, std::filesystem::perms::none);
  const std::string said = in_child([&] { return to_string(Document::open(path).error()); });
  CHECK(said.find("project.fileUnreadable") == 0);
  CHECK(said.find("Permission denied") != std::string::npos);
}

TEST_CASE("through a symbolic link it is the same file; one that leads nowhere is no file, and no place for one") {
  const ScratchFolder folder;
  const auto path = make_song(folder);
  std::filesystem::create_symlink(path, folder / "link");
  {
    auto document = Document::open(folder / "link").value();
    CHECK(document->path() == folder / "link");
    do_edit(*document, edits::plan(document->edit_context(), track::Add{.name = "B", .index = {}}).value().edit);
  }
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK(Document::open(path).value()->revision() == 2);
  std::filesystem::create_symlink(folder / "nothing", folder / "dangling");
  CHECK(is(Document::open(folder / "dangling").error(), errors::kProjectFileNotFound));
  CHECK(is(Document::create({.path = folder / "dangling", .name = "Song"}).error(), errors::kProjectFileExists));
  std::filesystem::create_symlink(folder / "loop", folder / "loop");
  CHECK(is(Document::open(folder / "loop").error(), errors::kProjectFileUnreadable));
}

TEST_CASE("a path that is too long says how long it may be") {
  const ScratchFolder folder;
  const auto long_name = folder / std::string(300, 'x');
  CHECK(is(Document::open(long_name).error(), errors::kProjectFileUnreadable));
  CHECK(is(Document::create({.path = long_name, .name = "Song"}).error(), errors::kProjectFileUnwritable));
  auto deep = folder.path();
  for (int i = 0; i < 6; ++i) deep /= std::string(100, 'd');
  std::filesystem::create_directories(deep);
  const auto made = Document::create({.path = deep / "song.loophole", .name = "Song"});
  REQUIRE(!made);
  CHECK(is(made.error(), errors::kProjectFileUnwritable));
  CHECK(made.error().message.find("are the limit") != std::string::npos);
  CHECK(std::filesystem::is_empty(deep));
  CHECK(Document::open(deep / "song.loophole").error().message.find("are the limit") != std::string::npos);
}

TEST_CASE("no room for a new project: nothing is left of it") {
  const ScratchFolder folder;
  const std::string said = [&] {
    hand_over(folder.path());
    return in_child([&] {
      ::signal(SIGXFSZ, SIG_IGN);
      const rlimit full{.rlim_cur = 10'000, .rlim_max = 10'000};
      ::setrlimit(RLIMIT_FSIZE, &full);
      return to_string(Document::create({.path = folder / "song.loophole", .name = "Song"}).error());
    });
  }();
  CHECK(said.find("project.fileUnwritable") == 0);
  CHECK(std::filesystem::is_empty(folder.path()));
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
