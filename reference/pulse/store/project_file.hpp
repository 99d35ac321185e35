#pragma once
// ProjectFile: the project on disk, a SQLite database.
//
//   journal    one row a transaction: revision, label, origin, step, cause, changes forward and inverse
//   snapshot   the whole project at a revision; written on save and close and after many transactions
//   meta       format of its own: next handle
//
// Opening takes the newest snapshot and the journal rows after it. Undo and redo are rows as well, so that revision and history survive.
// What append() has confirmed survives a crash of this process and of the machine (write-ahead log, synchronous=FULL). The file is locked
// for this process alone; the kernel lets go of it when the process dies.
//
// All functions are [owner-thread].

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "document/history.hpp"
#include "loophole/core/result.hpp"
#include "loophole/messages/project.hpp"
#include "store/sqlite.hpp"

namespace loophole::pulse {

inline constexpr std::int64_t kApplicationId = 0x4C6F6F70;  // "Loop"
inline constexpr std::int64_t kFileFormat = 1;              // user_version; rises when older programs could not read the file

// A transaction as the journal keeps it.
struct JournalEntry {
  project::Changed transaction;          // as clients are told of it
  std::vector<project::Change> inverse;  // takes it back; in the order to be applied
  Revision step = 0;                     // the step that it made, undid or did again: revision of the edit
};

class ProjectFile {
 public:
  // Makes a file at a path where there is none. Errors: project.fileExists, project.fileUnwritable.
  [[nodiscard]] static Result<std::unique_ptr<ProjectFile>> create(const std::filesystem::path& path, const project::Project& initial,
                                                                   Handle next_handle);

  struct Loaded;
  // Errors: project.fileNotFound, project.fileUnreadable, project.fileTooNew, project.fileLocked, project.fileUnwritable (it may only be
  // read). After an error the file is as it was.
  [[nodiscard]] static Result<Loaded> open(const std::filesystem::path& path);

  // Makes transactions durable: all, or after an error none. Error: project.fileUnwritable.
  [[nodiscard]] Result<void> append(std::span<const JournalEntry> entries, Handle next_handle);

  // Writes the whole project, so that opening need not replay what came before. Older snapshots go.
  [[nodiscard]] Result<void> write_snapshot(const project::Project& project, Revision revision);
  // Moves everything from the log beside the file into the file itself.
  [[nodiscard]] Result<void> checkpoint();

  // What a step changes, in one direction or the other.
  enum class Direction { forward, inverse };
  [[nodiscard]] Result<std::vector<project::Change>> changes_of(Revision step, Direction direction) const;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  ProjectFile(std::filesystem::path path, std::unique_ptr<sqlite::Database> database);
  [[nodiscard]] Result<void> configure();
  [[nodiscard]] Result<Loaded> load();

  std::filesystem::path path_;
  std::unique_ptr<sqlite::Database> database_;
};

struct ProjectFile::Loaded {
  std::unique_ptr<ProjectFile> file;
  project::Project snapshot;
  Revision snapshot_revision = 0;
  std::vector<std::vector<project::Change>> after_snapshot;  // changes of each transaction after it
  Revision revision = 0;                                     // of the newest transaction
  History history;
  Handle next_handle = 1;
};

}  // namespace loophole::pulse
