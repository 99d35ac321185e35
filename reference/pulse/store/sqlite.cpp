#include "store/sqlite.hpp"

#include <sqlite3.h>

#include <utility>

namespace loophole::pulse::sqlite {

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}
void Database::Close::operator()(sqlite3* handle) const noexcept {
  sqlite3_close_v2(handle);
}

Statement& Statement::bind(int position, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), position, value);
  return *this;
}

Statement& Statement::bind(int position, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), position, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_bytes(int position, std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), position, bytes.data(), bytes.size(), SQLITE_STATIC);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  Error error = database_->error(code);
  rewind();
  return error;
}

Result<void> Statement::run() {
  auto stepped = step();
  if (!stepped) return std::move(stepped).error();
  rewind();
  return {};
}

void Statement::rewind() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::text(int column) const {
  const auto* bytes = sqlite3_column_text(statement_.get(), column);
  if (bytes == nullptr) return {};
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::string Statement::bytes(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& path) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<Database> database(new Database(path, handle));
  if (code != SQLITE_OK) return database->error(code);
  sqlite3_extended_result_codes(handle, 1);
  return database;
}

Result<void> Database::execute(const char* sql) const {
  const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code);
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) const {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (code != SQLITE_OK) return error(code);
  return Statement(*this, statement);
}

Result<std::int64_t> Database::integer(std::string_view sql) const {
  auto statement = prepare(sql);
  if (!statement) return std::move(statement).error();
  auto row = statement->step();
  if (!row) return std::move(row).error();
  if (!*row) return error(SQLITE_CORRUPT);
  return statement->integer(0);
}

Result<std::string> Database::text(std::string_view sql) const {
  auto statement = prepare(sql);
  if (!statement) return std::move(statement).error();
  auto row = statement->step();
  if (!row) return std::move(row).error();
  if (!*row) return error(SQLITE_CORRUPT);
  return statement->text(0);
}

bool Database::read_only() const {
  return sqlite3_db_readonly(handle_.get(), "main") == 1;
}

void Database::leave_untouched() {
  sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

Result<void> Database::copy_into(const std::filesystem::path& target) const {
  auto vacuum = prepare("VACUUM INTO ?1");
  if (!vacuum) return std::move(vacuum).error();
  const std::string path = target.string();
  return vacuum->bind(1, path).run();
}

Error Database::error(int code) const {
  const std::string file = "'" + path_.string() + "'";
  std::string reason = sqlite3_errstr(code);
  if (handle_ != nullptr && sqlite3_errcode(handle_.get()) == (code & 0xFF)) reason = sqlite3_errmsg(handle_.get());
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return make_error(errors::kProjectFileLocked, file + " is open in another process; close it there first");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_MISMATCH:
    case SQLITE_ERROR:  // a table or column that a project has is not there
      return make_error(errors::kProjectFileUnreadable, file + " is no Loophole project or is damaged: " + reason);
    case SQLITE_IOERR:
      if (code == SQLITE_IOERR_READ || code == SQLITE_IOERR_SHORT_READ || code == SQLITE_IOERR_CORRUPTFS)
        return make_error(errors::kProjectFileUnreadable, file + " cannot be read: " + reason);
      [[fallthrough]];
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
    case SQLITE_TOOBIG:
      return make_error(errors::kProjectFileUnwritable, file + " cannot be written: " + reason + "; free some space or check its folder");
    default:
      return make_error(errors::kInternalFault, "SQLite fails on " + file + ": " + reason);
  }
}

Result<Transaction> Transaction::begin(const Database& database) {
  if (auto begun = database.execute("BEGIN IMMEDIATE"); !begun) return std::move(begun).error();
  return Transaction(database);
}

Transaction::~Transaction() {
  // SQLite may have rolled back on its own already; that it then has nothing to roll back is no fault.
  if (database_ != nullptr) (void)database_->execute("ROLLBACK");
}

Result<void> Transaction::commit() {
  if (auto committed = database_->execute("COMMIT"); !committed) return committed;
  database_ = nullptr;
  return {};
}

}  // namespace loophole::pulse::sqlite
