#include "store/project_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>

#include "loophole/core/clock.hpp"
#include "loophole/wire/codec.hpp"

namespace loophole::pulse {
namespace {

// A project on disk may be larger than a message; its depth is that of a message.
constexpr wire::DecodeLimits kFileLimits{.max_bytes = std::numeric_limits<std::int32_t>::max(), .max_depth = topology::kMaxDepth};

constexpr const char* kTables = R"(
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
)";

// The table of the list of changes, as the event project.changed has it: the journal's changes are encoded with the codec of the wire.
const wire::TypeDesc& changes_type() {
  static const wire::TypeDesc& type = [&]() -> const wire::TypeDesc& {
    const auto fields = wire::describe<project::Changed>().fields;
    return *std::find_if(fields.begin(), fields.end(), [](const wire::FieldDesc& field) { return field.name == "changes"; })->type;
  }();
  return type;
}

Error unreadable(const std::filesystem::path& path, const std::string& reason) {
  return make_error(errors::kProjectFileUnreadable, "'" + path.string() + "' is no Loophole project or is damaged: " + reason);
}

Error unwritable(const std::filesystem::path& path, const std::string& reason) {
  return make_error(errors::kProjectFileUnwritable, "'" + path.string() + "' cannot be written: " + reason);
}

Error too_new(const std::filesystem::path& path, std::int64_t format) {
  return make_error(errors::kProjectFileTooNew,
                    fmt::format("'{}' has file format {}, this loophole-pulse knows formats up to {}; open it with a newer version",
                                path.string(), format, kFileFormat));
}

std::uint32_t big_endian(const std::array<unsigned char, 100>& bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 | std::uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
}

// Looks at the first bytes, as the file format of SQLite defines them, before SQLite does: a file that is not ours is not touched.
Result<void> check_header(const std::filesystem::path& path) {
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (status.type() == std::filesystem::file_type::not_found)
    return make_error(errors::kProjectFileNotFound, "there is no file '" + path.string() + "'; project.new makes one");
  if (failed) return unreadable(path, failed.message());
  if (!std::filesystem::is_regular_file(status)) return unreadable(path, "it is not a regular file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return unreadable(path, std::strerror(errno));
  std::array<unsigned char, 100> header{};
  file.read(reinterpret_cast<char*>(header.data()), header.size());
  if (file.gcount() < static_cast<std::streamsize>(header.size())) return unreadable(path, "it is too short");
  if (std::memcmp(header.data(), "SQLite format 3", 16) != 0) return unreadable(path, "it does not begin as a project does");
  if (big_endian(header, 68) != kApplicationId) return unreadable(path, "it is a database of another application");
  if (const std::int64_t format = big_endian(header, 60); format > kFileFormat) return too_new(path, format);
  return {};
}

void sync_folder(const std::filesystem::path& path) {
  const int folder = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  ::fsync(folder);
  ::close(folder);
}

Result<std::string> encode_changes(const std::vector<project::Change>& changes) {
  return wire::encode_value(changes_type(), &changes);
}

Result<void> put_snapshot(const sqlite::Database& database, const project::Project& project, Revision revision) {
  auto text = wire::to_json(project);
  if (!text) return std::move(text).error();
  auto insert = database.prepare("INSERT OR REPLACE INTO snapshot (revision, project) VALUES (?1, ?2)");
  if (!insert) return std::move(insert).error();
  return insert->bind(1, revision).bind(2, *text).run();
}

Result<void> put_next_handle(const sqlite::Database& database, Handle next_handle) {
  auto insert = database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('nextHandle', ?1)");
  if (!insert) return std::move(insert).error();
  return insert->bind(1, next_handle).run();
}

}  // namespace

ProjectFile::ProjectFile(std::filesystem::path path, std::unique_ptr<sqlite::Database> database)
    : path_(std::move(path)), database_(std::move(database)) {}

Result<void> ProjectFile::configure() {
  // EXCLUSIVE before the first access: the lock is taken with it and held until the connection or the process ends, and the log needs no
  // shared memory file.
  if (auto done = database_->execute("PRAGMA locking_mode = EXCLUSIVE"); !done) return done;
  return database_->execute("PRAGMA synchronous = FULL");
}

Result<std::unique_ptr<ProjectFile>> ProjectFile::create(const std::filesystem::path& path, const project::Project& initial,
                                                         Handle next_handle) {
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (made < 0 && errno == EEXIST)
    return make_error(errors::kProjectFileExists,
                      "there is something at '" + path.string() + "' already; choose another path, or open it with project.open");
  if (made < 0) return unwritable(path, std::strerror(errno));
  ::close(made);

  const auto fill = [&]() -> Result<std::unique_ptr<ProjectFile>> {
    auto database = sqlite::Database::open(path);
    if (!database) return std::move(database).error();
    std::unique_ptr<ProjectFile> file(new ProjectFile(path, *std::move(database)));
    sqlite::Database& db = *file->database_;
    if (auto done = file->configure(); !done) return std::move(done).error();
    {
      // Everything in one transaction of the plain journal: the file is empty or a complete project, whenever the power goes.
      auto transaction = sqlite::Transaction::begin(db);
      if (!transaction) return std::move(transaction).error();
      if (auto done = db.execute(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", kApplicationId, kFileFormat).c_str());
          !done)
        return std::move(done).error();
      if (auto done = db.execute(kTables); !done) return std::move(done).error();
      if (auto done = put_snapshot(db, initial, 0); !done) return std::move(done).error();
      if (auto done = put_next_handle(db, next_handle); !done) return std::move(done).error();
      if (auto done = transaction->commit(); !done) return std::move(done).error();
    }
    if (auto mode = db.text("PRAGMA journal_mode = WAL"); !mode) return std::move(mode).error();
    sync_folder(path);
    return file;
  };
  auto file = fill();
  if (!file) ::unlink(path.c_str());  // nobody has seen it yet
  return file;
}

Result<ProjectFile::Loaded> ProjectFile::open(const std::filesystem::path& path) {
  if (auto known = check_header(path); !known) return std::move(known).error();
  auto database = sqlite::Database::open(path);
  if (!database) return std::move(database).error();
  std::unique_ptr<ProjectFile> file(new ProjectFile(path, *std::move(database)));
  auto loaded = file->load();
  if (!loaded) {
    file->database_->leave_untouched();
    return loaded;
  }
  loaded->file = std::move(file);
  return loaded;
}

Result<ProjectFile::Loaded> ProjectFile::load() {
  sqlite::Database& db = *database_;
  if (auto done = configure(); !done) return std::move(done).error();
  // Again, now that the log beside the file counts as well.
  auto format = db.integer("PRAGMA user_version");
  if (!format) return std::move(format).error();
  if (*format > kFileFormat) return too_new(path_, *format);
  if (db.read_only()) return unwritable(path_, "it may only be read");
  auto check = db.text("PRAGMA quick_check(1)");
  if (!check) return std::move(check).error();
  if (*check != "ok") return unreadable(path_, *check);

  Loaded loaded;
  {
    auto newest = db.prepare("SELECT revision, project FROM snapshot ORDER BY revision DESC LIMIT 1");
    if (!newest) return std::move(newest).error();
    auto row = newest->step();
    if (!row) return std::move(row).error();
    if (!*row) return unreadable(path_, "it has no snapshot of the project");
    loaded.snapshot_revision = newest->integer(0);
    auto project = wire::from_json<project::Project>(newest->text(1), kFileLimits);
    if (!project) return unreadable(path_, "snapshot " + std::to_string(loaded.snapshot_revision) + ": " + to_string(project.error()));
    loaded.snapshot = *std::move(project);
  }
  {
    auto rows = db.prepare("SELECT revision, label, origin FROM journal ORDER BY revision");
    if (!rows) return std::move(rows).error();
    for (auto row = rows->step(); !row || *row; row = rows->step()) {
      if (!row) return std::move(row).error();
      const Revision revision = rows->integer(0);
      const auto origin = from_string<project::TransactionOrigin>(rows->text(2));
      if (revision != loaded.revision + 1 || !origin)
        return unreadable(path_, "transaction " + std::to_string(loaded.revision + 1) + " is missing");
      loaded.history.record(*origin, revision, rows->text(1));
      loaded.revision = revision;
    }
  }
  if (loaded.revision < loaded.snapshot_revision) return unreadable(path_, "transactions are missing");
  {
    auto rows = db.prepare("SELECT revision, forward FROM journal WHERE revision > ?1 ORDER BY revision");
    if (!rows) return std::move(rows).error();
    rows->bind(1, loaded.snapshot_revision);
    for (auto row = rows->step(); !row || *row; row = rows->step()) {
      if (!row) return std::move(row).error();
      std::vector<project::Change> changes;
      if (auto decoded = wire::decode_value(changes_type(), rows->text(1), &changes, kFileLimits); !decoded)
        return unreadable(path_, "transaction " + std::to_string(rows->integer(0)) + ": " + to_string(decoded.error()));
      loaded.after_snapshot.push_back(std::move(changes));
    }
  }
  auto next_handle = db.integer("SELECT value FROM meta WHERE key = 'nextHandle'");
  if (!next_handle) return std::move(next_handle).error();
  loaded.next_handle = *next_handle;
  // Files of an interrupted project.new are not in this mode yet.
  if (auto mode = db.text("PRAGMA journal_mode = WAL"); !mode) return std::move(mode).error();
  return loaded;
}

Result<void> ProjectFile::append(std::span<const JournalEntry> entries, Handle next_handle) {
  auto transaction = sqlite::Transaction::begin(*database_);
  if (!transaction) return std::move(transaction).error();
  {
    auto insert = database_->prepare(
        "INSERT INTO journal (revision, label, origin, step, at, cause, forward, inverse) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    if (!insert) return std::move(insert).error();
    const std::string now = utc_now();
    for (const JournalEntry& entry : entries) {
      auto cause = wire::to_json(entry.transaction.cause);
      if (!cause) return std::move(cause).error();
      auto forward = encode_changes(entry.transaction.changes);
      if (!forward) return std::move(forward).error();
      auto inverse = encode_changes(entry.inverse);
      if (!inverse) return std::move(inverse).error();
      insert->bind(1, entry.transaction.revision).bind(2, entry.transaction.label).bind(3, to_string(entry.transaction.origin));
      insert->bind(4, entry.step).bind(5, now).bind(6, *cause).bind(7, *forward).bind(8, *inverse);
      if (auto done = insert->run(); !done) return done;
    }
  }
  if (auto done = put_next_handle(*database_, next_handle); !done) return done;
  return transaction->commit();
}

Result<void> ProjectFile::write_snapshot(const project::Project& project, Revision revision) {
  auto transaction = sqlite::Transaction::begin(*database_);
  if (!transaction) return std::move(transaction).error();
  if (auto done = put_snapshot(*database_, project, revision); !done) return done;
  if (auto done = database_->execute(fmt::format("DELETE FROM snapshot WHERE revision < {}", revision).c_str()); !done) return done;
  return transaction->commit();
}

Result<void> ProjectFile::checkpoint() {
  return database_->execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

Result<std::vector<project::Change>> ProjectFile::changes_of(Revision step, Direction direction) const {
  auto row = database_->prepare(direction == Direction::forward ? "SELECT forward FROM journal WHERE revision = ?1"
                                                                : "SELECT inverse FROM journal WHERE revision = ?1");
  if (!row) return std::move(row).error();
  auto found = row->bind(1, step).step();
  if (!found) return std::move(found).error();
  if (!*found) return unreadable(path_, "transaction " + std::to_string(step) + " is missing");
  std::vector<project::Change> changes;
  if (auto decoded = wire::decode_value(changes_type(), row->text(0), &changes, kFileLimits); !decoded)
    return unreadable(path_, "transaction " + std::to_string(step) + ": " + to_string(decoded.error()));
  return changes;
}

}  // namespace loophole::pulse
