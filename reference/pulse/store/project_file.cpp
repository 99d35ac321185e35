#include "store/project_file.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>

#include "loophole/core/clock.hpp"
#include "loophole/wire/codec.hpp"
#include "store/new_file.hpp"

namespace loophole::pulse {
namespace {

// A project on disk may be larger than a message; its depth is that of a message.
constexpr wire::DecodeLimits kFileLimits{.max_bytes = std::numeric_limits<std::int32_t>::max(), .max_depth = topology::kMaxDepth};

// Some ten milliseconds of reading.
constexpr Revision kTransactionsPerProgress = 4'096;

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

Error too_new(const std::filesystem::path& path, std::int64_t format) {
  return make_error(errors::kProjectFileTooNew,
                    fmt::format("'{}' has file format {}, this loophole-pulse knows formats up to {}; open it with a newer version",
                                path.string(), format, kFileFormat));
}

std::uint32_t big_endian(const std::array<unsigned char, 100>& bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24 | std::uint32_t{bytes[at + 1]} << 16 | std::uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
}

// What SQLite on Unix takes, with the longest of the names that it and NewFile make up beside the file.
constexpr std::size_t kLongestPath = 512 - sizeof "-journal" - sizeof ".XXXXXX.part";

std::string too_long(const std::filesystem::path& path) {
  return fmt::format("its path has {} bytes, {} are the limit", path.native().size(), kLongestPath);
}

Error never_opened(const std::filesystem::path& path, const std::string& reason) {
  return make_error(errors::kProjectFileUnreadable, "'" + path.string() + "' cannot be opened: " + reason);
}

Result<std::vector<project::Change>> decode_changes(const std::string& text, Revision revision, const std::filesystem::path& path) {
  std::vector<project::Change> changes;
  if (auto decoded = wire::decode_value(changes_type(), text, &changes, kFileLimits); !decoded)
    return unreadable(path, fmt::format("transaction {}: {}", revision, to_string(decoded.error())));
  return changes;
}

// How many bytes it has.
Result<std::size_t> put_snapshot(const sqlite::Database& database, const project::Project& project, Revision revision,
                                 const Seal& journal) {
  auto text = wire::to_json(project);
  if (!text) return std::move(text).error();
  const Seal seal = seal_of_snapshot(revision, *text, journal);
  auto insert = database.prepare("INSERT OR REPLACE INTO snapshot (revision, project, seal) VALUES (?1, ?2, ?3)");
  if (!insert) return std::move(insert).error();
  if (auto done = insert->bind(1, revision).bind(2, *text).bind_bytes(3, seal).run(); !done) return std::move(done).error();
  if (auto done = database.execute(fmt::format("DELETE FROM snapshot WHERE revision < {}", revision).c_str()); !done)
    return std::move(done).error();
  return text->size();
}

Result<void> put_head(const sqlite::Database& database, Revision revision, Handle next_handle, const Seal& journal) {
  const Seal seal = seal_of_head(revision, next_handle, journal);
  auto insert = database.prepare("INSERT OR REPLACE INTO head (one, revision, next_handle, seal) VALUES (1, ?1, ?2, ?3)");
  if (!insert) return std::move(insert).error();
  return insert->bind(1, revision).bind(2, next_handle).bind_bytes(3, seal).run();
}

// Into the mode that project files are in. Where a file is worked on it is too late: SQLite would refuse to empty the log (SQLITE_LOCKED)
// until something was written.
Result<void> use_log(const sqlite::Database& draft) {
  if (auto done = draft.execute("PRAGMA locking_mode = EXCLUSIVE"); !done) return done;
  if (auto mode = draft.text("PRAGMA journal_mode = WAL"); !mode) return std::move(mode).error();
  return {};
}

// A place for the file as its older format has it: beside it, under the first name that is free.
Result<NewFile> make_backup(const std::filesystem::path& path, std::int64_t format) {
  const std::string name = fmt::format("{}.format-{}", path.string(), format);
  for (int i = 1;; ++i) {
    auto backup = NewFile::make(i == 1 ? name : fmt::format("{}-{}", name, i));
    if (backup || !is(backup.error(), errors::kProjectFileExists)) return backup;
  }
}

}  // namespace

Result<std::string> encode_changes(const std::vector<project::Change>& changes) {
  return wire::encode_value(changes_type(), &changes);
}

ProjectFile::ProjectFile(std::filesystem::path path, std::unique_ptr<sqlite::Database> database)
    : path_(std::move(path)), database_(std::move(database)) {}

Result<void> ProjectFile::configure() {
  // EXCLUSIVE before the first access: the lock is taken with it and held until the connection or the process ends, and the log needs no
  // shared memory file.
  if (auto done = database_->execute("PRAGMA locking_mode = EXCLUSIVE"); !done) return done;
  return database_->execute("PRAGMA synchronous = FULL");
}

// Looks at the first bytes, as the file format of SQLite defines them, before SQLite does: a file that is not ours is not touched.
Result<std::int64_t> ProjectFile::format_of(const std::filesystem::path& path) {
  if (path.native().size() > kLongestPath) return never_opened(path, too_long(path));
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (status.type() == std::filesystem::file_type::not_found)
    return make_error(errors::kProjectFileNotFound, "there is no file '" + path.string() + "'; project.new makes one");
  if (failed) return never_opened(path, failed.message());
  if (!std::filesystem::is_regular_file(status)) return unreadable(path, "it is not a regular file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return never_opened(path, std::strerror(errno));
  std::array<unsigned char, 100> header{};
  file.read(reinterpret_cast<char*>(header.data()), header.size());
  if (file.gcount() < static_cast<std::streamsize>(header.size())) return unreadable(path, "it is too short");
  if (std::memcmp(header.data(), "SQLite format 3", 16) != 0) return unreadable(path, "it does not begin as a project does");
  if (big_endian(header, 68) != kApplicationId) return unreadable(path, "it is a database of another application");
  return big_endian(header, 60);
}

Result<ProjectFile::Loaded> ProjectFile::create(const std::filesystem::path& path, const project::Project& initial, Handle next_handle) {
  if (path.native().size() > kLongestPath) return file_unwritable(path, too_long(path));
  auto file = NewFile::make(path);
  if (!file) return std::move(file).error();
  const auto fill = [&]() -> Result<void> {
    auto database = sqlite::Database::open(file->draft());
    if (!database) return std::move(database).error();
    auto transaction = sqlite::Transaction::begin(**database);
    if (!transaction) return std::move(transaction).error();
    if (auto done = make_tables(**database); !done) return done;
    if (auto done = put_snapshot(**database, initial, 0, {}); !done) return std::move(done).error();
    if (auto done = put_head(**database, 0, next_handle, {}); !done) return done;
    if (auto done = transaction->commit(); !done) return done;
    return use_log(**database);
  };
  if (auto done = fill(); !done) return file_unwritable(path, done.error().message);
  if (auto done = file->publish(); !done) return std::move(done).error();
  auto loaded = open(path);
  if (!loaded) ::unlink(path.c_str());  // nobody has seen it yet
  return loaded;
}

Result<ProjectFile::Loaded> ProjectFile::open(const std::filesystem::path& path, const OpenProgress& progress) {
  auto format = format_of(path);
  if (!format) return std::move(format).error();
  if (*format > kFileFormat) return too_new(path, *format);
  std::error_code none;
  const auto log_bytes = std::filesystem::file_size(path.string() + "-wal", none);
  const bool has_log = !none && log_bytes > 0;
  auto database = sqlite::Database::open(path);
  if (!database) return std::move(database).error();
  std::unique_ptr<ProjectFile> file(new ProjectFile(path, *std::move(database)));
  auto loaded = file->load(progress);
  if (!loaded) {
    if (has_log) file->database_->leave_untouched();  // an empty one, that SQLite made to look, goes with it
    return loaded;
  }
  loaded->file = std::move(file);
  return loaded;
}

Result<ProjectFile::Loaded> ProjectFile::load(const OpenProgress& progress) {
  sqlite::Database& db = *database_;
  if (auto done = configure(); !done) return std::move(done).error();
  // Again, now that the log beside the file counts as well.
  auto format = db.integer("PRAGMA user_version");
  if (!format) return std::move(format).error();
  if (*format > kFileFormat) return too_new(path_, *format);
  if (db.read_only()) return file_unwritable(path_, "it may only be read");
  auto check = db.text("PRAGMA quick_check(1)");
  if (!check) return std::move(check).error();
  if (*check != "ok") return unreadable(path_, *check);
  auto loaded = *format == kFileFormat ? read(progress) : migrate_and_read(*format, progress);
  if (!loaded) return loaded;
  // A file that other tools wrote may be in another mode.
  if (auto mode = db.text("PRAGMA journal_mode = WAL"); !mode) return std::move(mode).error();
  return loaded;
}

Result<ProjectFile::Loaded> ProjectFile::migrate_and_read(std::int64_t from, const OpenProgress& progress) {
  sqlite::Database& db = *database_;
  auto backup = make_backup(path_, from);
  if (!backup) return std::move(backup).error();
  if (auto done = db.copy_into(backup->draft()); !done) return std::move(done).error();

  // Nothing goes to the disk before the commit, so that a file that turns out to be damaged stays as it is.
  if (auto done = db.execute("PRAGMA cache_spill = OFF"); !done) return std::move(done).error();
  auto transaction = sqlite::Transaction::begin(db);
  if (!transaction) return std::move(transaction).error();
  if (auto done = migrate(db, from); !done) return std::move(done).error();
  auto loaded = read(progress);
  if (!loaded) return loaded;
  if (auto done = backup->publish(); !done) return std::move(done).error();
  if (auto done = transaction->commit(); !done) return std::move(done).error();
  spdlog::info("'{}' had file format {} and has {} now; as it was, it is '{}'", path_.string(), from, kFileFormat, backup->path().string());
  if (auto done = db.execute("PRAGMA cache_spill = ON"); !done) return std::move(done).error();
  return loaded;
}

Result<ProjectFile::Loaded> ProjectFile::read(const OpenProgress& progress) {
  const sqlite::Database& db = *database_;
  auto newest = db.prepare("SELECT revision, project, seal FROM snapshot ORDER BY revision DESC LIMIT 1");
  if (!newest) return std::move(newest).error();
  auto found = newest->step();
  if (!found) return std::move(found).error();
  if (!*found) return unreadable(path_, "it has no snapshot of the project");
  const Revision snapshot_revision = newest->integer(0);
  const std::string text = newest->text(1);
  const Seal snapshot_seal = newest->bytes(2);
  auto project = wire::from_json<project::Project>(text, kFileLimits);
  if (!project) return unreadable(path_, fmt::format("snapshot {}: {}", snapshot_revision, to_string(project.error())));

  Loaded loaded{.file = nullptr,
                .state = model::ProjectState(*std::move(project)),
                .snapshot_revision = snapshot_revision,
                .revision = 0,
                .history = {},
                .next_handle = 1,
                .bytes = text.size()};
  Seal seal;
  bool snapshot_fits = snapshot_revision == 0 && seal_of_snapshot(0, text, seal) == snapshot_seal;
  auto last = db.integer("SELECT coalesce(max(revision), 0) FROM journal");
  if (!last) return std::move(last).error();
  auto rows = db.prepare(fmt::format("SELECT {}, seal FROM journal ORDER BY revision", kJournalColumns));
  if (!rows) return std::move(rows).error();
  for (auto more = rows->step(); !more || *more; more = rows->step()) {
    if (!more) return std::move(more).error();
    const JournalRow row = read_row(*rows);
    if (row.revision != loaded.revision + 1) return unreadable(path_, fmt::format("transaction {} is missing", loaded.revision + 1));
    loaded.revision = row.revision;
    if (progress && row.revision % kTransactionsPerProgress == 0)
      progress(static_cast<double>(row.revision) / static_cast<double>(std::max(*last, row.revision)));
    seal = seal_of(row, seal);
    if (seal != rows->bytes(8)) return unreadable(path_, fmt::format("transaction {} is not as it was written", row.revision));
    const auto origin = from_string<project::TransactionOrigin>(row.origin);
    if (!origin) return unreadable(path_, fmt::format("transaction {} has the unknown origin '{}'", row.revision, row.origin));
    loaded.history.record(*origin, row.revision, row.label);
    if (row.revision == snapshot_revision) snapshot_fits = seal_of_snapshot(row.revision, text, seal) == snapshot_seal;
    if (row.revision <= snapshot_revision) continue;
    loaded.bytes += row.forward.size();
    auto changes = decode_changes(row.forward, row.revision, path_);
    if (!changes) return std::move(changes).error();
    for (const project::Change& change : *changes)
      if (auto applied = loaded.state.apply(change); !applied)
        return unreadable(path_, fmt::format("transaction {} does not fit: {}", row.revision, to_string(applied.error())));
  }
  if (loaded.revision < snapshot_revision) return unreadable(path_, "transactions are missing");
  if (!snapshot_fits) return unreadable(path_, fmt::format("snapshot {} is not as it was written", snapshot_revision));

  auto head = db.prepare("SELECT revision, next_handle, seal FROM head");
  if (!head) return std::move(head).error();
  auto has_head = head->step();
  if (!has_head) return std::move(has_head).error();
  if (!*has_head) return unreadable(path_, "it has no head");
  loaded.next_handle = head->integer(1);
  if (head->integer(0) != loaded.revision || head->bytes(2) != seal_of_head(loaded.revision, loaded.next_handle, seal))
    return unreadable(path_, fmt::format("its head does not fit transaction {}", loaded.revision));
  revision_ = loaded.revision;
  seal_ = std::move(seal);
  return loaded;
}

Result<void> ProjectFile::append(std::span<const JournalEntry> entries, Handle next_handle) {
  auto transaction = sqlite::Transaction::begin(*database_);
  if (!transaction) return std::move(transaction).error();
  Seal seal = seal_;
  Revision revision = revision_;
  {
    auto insert = database_->prepare("INSERT INTO journal VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    if (!insert) return std::move(insert).error();
    const std::string now = utc_now();
    for (const JournalEntry& entry : entries) {
      auto cause = wire::to_json(entry.transaction.cause);
      if (!cause) return std::move(cause).error();
      auto inverse = encode_changes(entry.inverse);
      if (!inverse) return std::move(inverse).error();
      const JournalRow row{.revision = entry.transaction.revision,
                           .label = entry.transaction.label,
                           .origin = std::string(to_string(entry.transaction.origin)),
                           .step = entry.step,
                           .at = now,
                           .cause = *std::move(cause),
                           .forward = entry.forward,
                           .inverse = *std::move(inverse)};
      revision = row.revision;
      seal = seal_of(row, seal);
      if (auto done = put_row(*insert, row, seal); !done) return done;
    }
  }
  if (auto done = put_head(*database_, revision, next_handle, seal); !done) return done;
  if (auto done = transaction->commit(); !done) return done;
  revision_ = revision;
  seal_ = std::move(seal);
  return {};
}

Result<std::size_t> ProjectFile::write_snapshot(const project::Project& project) {
  auto transaction = sqlite::Transaction::begin(*database_);
  if (!transaction) return std::move(transaction).error();
  auto bytes = put_snapshot(*database_, project, revision_, seal_);
  if (!bytes) return bytes;
  if (auto done = transaction->commit(); !done) return std::move(done).error();
  return bytes;
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
  if (!*found) return unreadable(path_, fmt::format("transaction {} is missing", step));
  return decode_changes(row->text(0), step, path_);
}

Result<std::optional<std::vector<project::Changed>>> ProjectFile::transactions_after(Revision since, Bounds bounds) const {
  // What a transaction has besides its texts, at most: names of members, revision, origin.
  constexpr std::size_t kBesides = 160;
  std::vector<project::Changed> found;
  if (revision_ - since > static_cast<Revision>(bounds.most)) return std::optional<std::vector<project::Changed>>();
  auto rows = database_->prepare("SELECT revision, label, origin, cause, forward FROM journal WHERE revision > ?1 ORDER BY revision");
  if (!rows) return std::move(rows).error();
  rows->bind(1, since);
  std::size_t bytes = 0;
  for (auto more = rows->step(); !more || *more; more = rows->step()) {
    if (!more) return std::move(more).error();
    const Revision revision = rows->integer(0);
    const std::string cause = rows->text(3);
    const std::string forward = rows->text(4);
    project::Changed transaction{.revision = revision, .cause = {}, .label = rows->text(1), .origin = {}, .changes = {}};
    bytes += kBesides + 6 * transaction.label.size() + cause.size() + forward.size();  // a letter is up to six when it is escaped
    if (bytes > bounds.most_bytes) return std::optional<std::vector<project::Changed>>();
    const auto origin = from_string<project::TransactionOrigin>(rows->text(2));
    auto told = wire::from_json<project::Cause>(cause, kFileLimits);
    if (!origin || !told) return unreadable(path_, fmt::format("transaction {} has no cause or no origin", revision));
    transaction.origin = *origin;
    transaction.cause = *std::move(told);
    auto changes = decode_changes(forward, revision, path_);
    if (!changes) return std::move(changes).error();
    transaction.changes = *std::move(changes);
    found.push_back(std::move(transaction));
  }
  return std::optional(std::move(found));
}

Result<ProjectFile::Loaded> ProjectFile::copy_to(const std::filesystem::path& path, const project::Project& project) {
  if (path.native().size() > kLongestPath) return file_unwritable(path, too_long(path));
  auto file = NewFile::make(path);
  if (!file) return std::move(file).error();
  const auto fill = [&]() -> Result<void> {
    if (auto done = database_->copy_into(file->draft()); !done) return done;
    auto copy = sqlite::Database::open(file->draft());
    if (!copy) return std::move(copy).error();
    auto transaction = sqlite::Transaction::begin(**copy);
    if (!transaction) return std::move(transaction).error();
    if (auto done = put_snapshot(**copy, project, revision_, seal_); !done) return std::move(done).error();
    if (auto done = transaction->commit(); !done) return done;
    return use_log(**copy);
  };
  if (auto done = fill(); !done) return file_unwritable(path, done.error().message);
  if (auto done = file->publish(); !done) return std::move(done).error();
  auto loaded = open(path);
  if (!loaded) ::unlink(path.c_str());  // nobody has seen it yet
  return loaded;
}

}  // namespace loophole::pulse
