#include "store/format.hpp"

#include <fmt/format.h>

#include <array>

namespace loophole::pulse {
namespace {

constexpr const char* kTables = R"(
  CREATE TABLE snapshot (revision INTEGER PRIMARY KEY, project TEXT NOT NULL, seal BLOB NOT NULL) STRICT;
  CREATE TABLE journal (
    revision INTEGER PRIMARY KEY,
    label TEXT NOT NULL,
    origin TEXT NOT NULL,
    step INTEGER NOT NULL,
    at TEXT NOT NULL,
    cause TEXT NOT NULL,
    forward TEXT NOT NULL,
    inverse TEXT NOT NULL,
    seal BLOB NOT NULL
  ) STRICT;
  CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    revision INTEGER NOT NULL,
    next_handle INTEGER NOT NULL,
    seal BLOB NOT NULL
  ) STRICT;
)";

Error damaged(const sqlite::Database& database, const std::string& reason) {
  return make_error(errors::kProjectFileUnreadable, "'" + database.path().string() + "' is damaged: " + reason);
}

// Format 1 had the tables meta (nextHandle), snapshot and journal without seals. Every row gets its seal; the content stays.
Result<void> seal_everything(const sqlite::Database& db) {
  if (auto done = db.execute("ALTER TABLE journal RENAME TO journal_1; ALTER TABLE snapshot RENAME TO snapshot_1"); !done) return done;
  if (auto done = db.execute(kTables); !done) return done;

  auto snapshot = db.prepare("SELECT revision, project FROM snapshot_1 ORDER BY revision DESC LIMIT 1");
  if (!snapshot) return std::move(snapshot).error();
  auto has_snapshot = snapshot->step();
  if (!has_snapshot) return std::move(has_snapshot).error();
  if (!*has_snapshot) return damaged(db, "it has no snapshot");
  const Revision snapshot_revision = snapshot->integer(0);
  const auto keep_snapshot = [&](const Seal& journal) -> Result<void> {
    const std::string project = snapshot->text(1);
    const Seal seal = seal_of_snapshot(snapshot_revision, project, journal);
    auto insert = db.prepare("INSERT INTO snapshot (revision, project, seal) VALUES (?1, ?2, ?3)");
    if (!insert) return std::move(insert).error();
    return insert->bind(1, snapshot_revision).bind(2, project).bind_bytes(3, seal).run();
  };

  Seal seal;
  Revision revision = 0;
  if (snapshot_revision == 0)
    if (auto done = keep_snapshot(seal); !done) return done;
  auto rows = db.prepare(fmt::format("SELECT {} FROM journal_1 ORDER BY revision", kJournalColumns));
  if (!rows) return std::move(rows).error();
  auto insert = db.prepare("INSERT INTO journal VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
  if (!insert) return std::move(insert).error();
  for (auto more = rows->step(); !more || *more; more = rows->step()) {
    if (!more) return std::move(more).error();
    const JournalRow row = read_row(*rows);
    if (row.revision != revision + 1) return damaged(db, fmt::format("transaction {} is missing", revision + 1));
    revision = row.revision;
    seal = seal_of(row, seal);
    if (auto done = put_row(*insert, row, seal); !done) return done;
    if (revision == snapshot_revision)
      if (auto done = keep_snapshot(seal); !done) return done;
  }
  if (snapshot_revision > revision) return damaged(db, "transactions are missing");

  auto next_handle = db.integer("SELECT value FROM meta WHERE key = 'nextHandle'");
  if (!next_handle) return std::move(next_handle).error();
  auto head = db.prepare("INSERT INTO head VALUES (1, ?1, ?2, ?3)");
  if (!head) return std::move(head).error();
  const Seal head_seal = seal_of_head(revision, *next_handle, seal);
  if (auto done = head->bind(1, revision).bind(2, *next_handle).bind_bytes(3, head_seal).run(); !done) return done;
  // No statement may be at work on a table that goes.
  rows->rewind();
  snapshot->rewind();
  return db.execute("DROP TABLE journal_1; DROP TABLE snapshot_1; DROP TABLE meta");
}

struct Step {
  std::int64_t from;
  Result<void> (*run)(const sqlite::Database&);  // to `from` + 1
};
constexpr std::array kSteps{Step{1, seal_everything}};
static_assert(kSteps.size() == kFileFormat - 1, "there is a step from each format to the next");

Result<void> set_format(const sqlite::Database& database) {
  return database.execute(fmt::format("PRAGMA user_version = {}", kFileFormat).c_str());
}

}  // namespace

JournalRow read_row(const sqlite::Statement& row) {
  return {.revision = row.integer(0),
          .label = row.text(1),
          .origin = row.text(2),
          .step = row.integer(3),
          .at = row.text(4),
          .cause = row.text(5),
          .forward = row.text(6),
          .inverse = row.text(7)};
}

Result<void> put_row(sqlite::Statement& insert, const JournalRow& row, const Seal& seal) {
  insert.bind(1, row.revision).bind(2, row.label).bind(3, row.origin).bind(4, row.step).bind(5, row.at);
  insert.bind(6, row.cause).bind(7, row.forward).bind(8, row.inverse).bind_bytes(9, seal);
  return insert.run();
}

Seal seal_of(const JournalRow& row, const Seal& before) {
  return Sealer(before)
      .add(row.revision)
      .add(row.label)
      .add(row.origin)
      .add(row.step)
      .add(row.at)
      .add(row.cause)
      .add(row.forward)
      .add(row.inverse)
      .seal();
}

Seal seal_of_snapshot(Revision revision, std::string_view project, const Seal& journal) {
  return Sealer(journal).add(revision).add(project).seal();
}

Seal seal_of_head(Revision revision, Handle next_handle, const Seal& journal) {
  return Sealer(journal).add(revision).add(next_handle).seal();
}

Result<void> make_tables(const sqlite::Database& database) {
  if (auto done = database.execute(fmt::format("PRAGMA application_id = {}", kApplicationId).c_str()); !done) return done;
  if (auto done = set_format(database); !done) return done;
  return database.execute(kTables);
}

Result<void> migrate(const sqlite::Database& database, std::int64_t from) {
  if (from < kSteps.front().from) return damaged(database, fmt::format("there is no file format {}", from));
  for (const Step& step : kSteps) {
    if (step.from < from) continue;
    if (auto done = step.run(database); !done) return done;
  }
  return set_format(database);
}

}  // namespace loophole::pulse
