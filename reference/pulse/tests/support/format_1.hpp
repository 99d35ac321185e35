#pragma once
// Project files as older versions of loophole-pulse made them.

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <filesystem>
#include <string>

namespace loophole::pulse::test {

class Sql {
 public:
  explicit Sql(const std::filesystem::path& path) { REQUIRE(sqlite3_open(path.c_str(), &database_) == SQLITE_OK); }
  ~Sql() { sqlite3_close(database_); }
  Sql(const Sql&) = delete;
  Sql& operator=(const Sql&) = delete;
  void run(const std::string& text) {
    char* fault = nullptr;
    REQUIRE_MESSAGE(sqlite3_exec(database_, text.c_str(), nullptr, nullptr, &fault) == SQLITE_OK, fault);
  }

 private:
  sqlite3* database_ = nullptr;
};

// As version 0.1 of loophole-pulse made them, from a file of today: the tables of format 1 with the same content.
inline void make_format_1(const std::filesystem::path& path) {
  Sql sql(path);
  sql.run(R"(
    BEGIN;
    ALTER TABLE journal RENAME TO journal_2;
    ALTER TABLE snapshot RENAME TO snapshot_2;
    CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE snapshot (revision INTEGER PRIMARY KEY, project TEXT NOT NULL) STRICT;
    CREATE TABLE journal (
      revision INTEGER PRIMARY KEY,
      label TEXT NOT NULL,
      origin TEXT NOT NULL,
      step INTEGER NOT NULL,
      at TEXT NOT NULL,
      cause TEXT NOT NULL,
      forward TEXT NOT NULL,
      inverse TEXT NOT NULL
    ) STRICT;
    INSERT INTO snapshot SELECT revision, project FROM snapshot_2;
    INSERT INTO journal SELECT revision, label, origin, step, at, cause, forward, inverse FROM journal_2;
    INSERT INTO meta SELECT 'nextHandle', next_handle FROM head;
    DROP TABLE journal_2;
    DROP TABLE snapshot_2;
    DROP TABLE head;
    PRAGMA user_version = 1;
    COMMIT;
  )");
}

}  // namespace loophole::pulse::test
