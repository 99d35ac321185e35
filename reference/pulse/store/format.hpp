#pragma once
// The tables of a project file, and the steps from an older format to this one.
//
//   journal    one row a transaction: revision, label, origin, step, cause, changes forward and inverse, seal
//   snapshot   the whole project at a revision, with a seal
//   head       one row: the newest revision, the next handle, a seal
//
// All functions are [owner-thread].

#include <cstdint>

#include "loophole/core/result.hpp"
#include "loophole/messages/project.hpp"
#include "store/seal.hpp"
#include "store/sqlite.hpp"

namespace loophole::pulse {

inline constexpr std::int64_t kApplicationId = 0x4C6F6F70;  // "Loop"

// user_version. Rises when older programs could not read the file. 1 had no seals, and `meta` in place of `head`.
inline constexpr std::int64_t kFileFormat = 2;

// A row of the journal, as it is stored.
struct JournalRow {
  Revision revision = 0;
  std::string label;
  std::string origin;
  Revision step = 0;
  std::string at;
  std::string cause;
  std::string forward;
  std::string inverse;
};
// The columns of a journal, in this order; rows of format 1 have all of them.
inline constexpr const char* kJournalColumns = "revision, label, origin, step, at, cause, forward, inverse";
[[nodiscard]] JournalRow read_row(const sqlite::Statement& row);
// With a statement that inserts into the journal of today's format.
[[nodiscard]] Result<void> put_row(sqlite::Statement& insert, const JournalRow& row, const Seal& seal);
[[nodiscard]] Seal seal_of(const JournalRow& row, const Seal& before);
// Of a snapshot; `journal` is the seal of the transaction that made this revision.
[[nodiscard]] Seal seal_of_snapshot(Revision revision, std::string_view project, const Seal& journal);
[[nodiscard]] Seal seal_of_head(Revision revision, Handle next_handle, const Seal& journal);

// Into an empty database, within a transaction of the caller: tables, application id, format.
[[nodiscard]] Result<void> make_tables(const sqlite::Database& database);

// Brings the tables from an older format to kFileFormat, within a transaction of the caller, who rolls back after an error. Error
// project.fileUnreadable: there is no such format, or the file is not as the format says.
[[nodiscard]] Result<void> migrate(const sqlite::Database& database, std::int64_t from);

}  // namespace loophole::pulse
