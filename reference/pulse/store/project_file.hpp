#pragma once
// ProjectFile: the project on disk, a SQLite database. Its tables are those of store/format.hpp.
//
// Opening takes the newest snapshot and the journal rows after it, and checks the seal of everything. Undo and redo are rows as well, so
// that revision and history survive. What append() has confirmed survives a crash of this process and of the machine (write-ahead log,
// synchronous=FULL). The file is locked for this process alone; the kernel lets go of it when the process dies.
//
// docs/design/pulse-model-and-journal.md tells the whole story. All functions are [owner-thread].

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "document/history.hpp"
#include "loophole/core/result.hpp"
#include "loophole/messages/project.hpp"
#include "loophole/model/project_state.hpp"
#include "store/format.hpp"
#include "store/sqlite.hpp"

namespace loophole::pulse {

// A transaction as the journal keeps it.
struct JournalEntry {
  project::Changed transaction;          // as clients are told of it
  std::string forward;                   // its changes as encode_changes() gives them
  std::vector<project::Change> inverse;  // takes it back; in the order to be applied
  Revision step = 0;                     // the step that it made, undid or did again: revision of the edit
};

// [any-thread] Changes as the journal and clients have them.
[[nodiscard]] Result<std::string> encode_changes(const std::vector<project::Change>& changes);

// How much of a file is read, 0 … 1; called between some thousand transactions, so not at all for a short history.
using OpenProgress = std::function<void(double done_ratio)>;

class ProjectFile {
 public:
  struct Loaded;
  // Makes a file at a path where there is none; a complete project or nothing. Errors: project.fileExists, project.fileUnwritable.
  [[nodiscard]] static Result<Loaded> create(const std::filesystem::path& path, const project::Project& initial, Handle next_handle);

  // A file of an older format is brought to this one; as it was, it stays beside the file as PATH.format-N. Errors: project.fileNotFound,
  // project.fileUnreadable, project.fileTooNew, project.fileLocked, project.fileUnwritable (it may only be read, or its older format could
  // not be kept). After an error the file is as it was.
  [[nodiscard]] static Result<Loaded> open(const std::filesystem::path& path, const OpenProgress& progress = {});

  // The format that a file says it has, from its first bytes, whether this program knows it or not. Errors: project.fileNotFound,
  // project.fileUnreadable. Not for a file that this process has open: the kernel would let go of its lock.
  [[nodiscard]] static Result<std::int64_t> format_of(const std::filesystem::path& path);

  // Makes transactions durable: all, or after an error none. Error: project.fileUnwritable.
  [[nodiscard]] Result<void> append(std::span<const JournalEntry> entries, Handle next_handle);

  // Writes the whole project as it is at the newest transaction, so that opening need not replay what came before. Older snapshots go.
  // Gives how many bytes the project has as JSON.
  [[nodiscard]] Result<std::size_t> write_snapshot(const project::Project& project);
  // Moves everything from the log beside the file into the file itself.
  [[nodiscard]] Result<void> checkpoint();

  // What a step changes, in one direction or the other.
  enum class Direction { forward, inverse };
  [[nodiscard]] Result<std::vector<project::Change>> changes_of(Revision step, Direction direction) const;

  // Transactions after a revision, oldest first, as clients were told of them. Nothing: there are more than `most`, or their text is longer
  // than `most_bytes`. Error: project.fileUnreadable.
  struct Bounds {
    std::size_t most = 0;
    std::size_t most_bytes = 0;
  };
  [[nodiscard]] Result<std::optional<std::vector<project::Changed>>> transactions_after(Revision since, Bounds bounds) const;

  // Writes everything, with `project` as its snapshot, into a new file, and opens that. The path has a complete project or nothing.
  // Errors: project.fileExists, project.fileUnwritable.
  [[nodiscard]] Result<Loaded> copy_to(const std::filesystem::path& path, const project::Project& project);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  ProjectFile(std::filesystem::path path, std::unique_ptr<sqlite::Database> database);
  [[nodiscard]] Result<void> configure();
  [[nodiscard]] Result<Loaded> load(const OpenProgress& progress);
  [[nodiscard]] Result<Loaded> migrate_and_read(std::int64_t from, const OpenProgress& progress);
  [[nodiscard]] Result<Loaded> read(const OpenProgress& progress);

  std::filesystem::path path_;
  std::unique_ptr<sqlite::Database> database_;
  // Of the newest transaction in the file.
  Revision revision_ = 0;
  Seal seal_;
};

struct ProjectFile::Loaded {
  std::unique_ptr<ProjectFile> file;
  model::ProjectState state;  // at the newest transaction
  Revision snapshot_revision = 0;
  Revision revision = 0;  // of the newest transaction
  History history;
  Handle next_handle = 1;
  std::size_t bytes = 0;  // of the snapshot and of all changes after it: no less than the project has as JSON
};

}  // namespace loophole::pulse
