#pragma once
// A thin owner of SQLite's C objects. Errors come out as those of the register that a project file can have, with the path in the message.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "loophole/core/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace loophole::pulse::sqlite {

class Database;

// A prepared statement. Bound text must live until the next step() or rewind().
class Statement {
 public:
  Statement& bind(int position, std::int64_t value);
  Statement& bind(int position, std::string_view text);
  Statement& bind_bytes(int position, std::string_view bytes);

  // [owner-thread] True: there is a row; false: done.
  [[nodiscard]] Result<bool> step();
  // For statements that give no rows: runs it, and makes it ready to be bound again.
  [[nodiscard]] Result<void> run();
  void rewind();

  // Columns of the current row, from 0.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] std::string bytes(int column) const;

 private:
  friend class Database;
  Statement(const Database& database, sqlite3_stmt* statement) : database_(&database), statement_(statement) {}
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  const Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  // [owner-thread] Opens a file that is there, for reading and writing.
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::filesystem::path& path);

  [[nodiscard]] Result<void> execute(const char* sql) const;
  [[nodiscard]] Result<Statement> prepare(std::string_view sql) const;
  // The first column of the first row.
  [[nodiscard]] Result<std::int64_t> integer(std::string_view sql) const;
  [[nodiscard]] Result<std::string> text(std::string_view sql) const;

  [[nodiscard]] bool read_only() const;
  // File and log are left as they are when the database is closed: no checkpoint.
  void leave_untouched();
  // [owner-thread] Writes all that is in the database into a file that is empty or not there. That file is not flushed.
  [[nodiscard]] Result<void> copy_into(const std::filesystem::path& target) const;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  // What a result code of SQLite means for the project file.
  [[nodiscard]] Error error(int code) const;

 private:
  Database(std::filesystem::path path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}
  struct Close {
    void operator()(sqlite3* handle) const noexcept;
  };
  std::filesystem::path path_;
  std::unique_ptr<sqlite3, Close> handle_;
};

// A transaction of the database: rolled back when it goes without a commit().
class Transaction {
 public:
  [[nodiscard]] static Result<Transaction> begin(const Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  [[nodiscard]] Result<void> commit();

 private:
  explicit Transaction(const Database& database) : database_(&database) {}
  const Database* database_;
};

}  // namespace loophole::pulse::sqlite
