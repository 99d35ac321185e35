#pragma once
// Document: the open project. Model, file and history move together, in transactions.
//
//   stage()    applies an edit to the model and gives it the next revision; clients are not told yet
//   commit()   makes all that is staged durable in one go, or takes all of it back
//
// Between the two, several commands that came at once share one write to the disk.
// All functions are [owner-thread].

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "document/history.hpp"
#include "edits/edit.hpp"
#include "loophole/core/result.hpp"
#include "loophole/model/project_state.hpp"
#include "model/handles.hpp"
#include "store/project_file.hpp"

namespace loophole::pulse {

// How a transaction comes about.
struct Provenance {
  project::TransactionOrigin origin = project::TransactionOrigin::edit;
  project::Cause cause = {};
  Revision step = 0;  // the step that is undone or done again; 0 for a new one
};

class Document {
 public:
  struct NewProject {
    std::filesystem::path path;  // absolute
    std::string name;
    std::int64_t sample_rate_hz = 48'000;
    double tempo_bpm = 120;
  };
  // Errors: project.fileExists, project.fileUnwritable.
  [[nodiscard]] static Result<std::unique_ptr<Document>> create(const NewProject& wanted);
  // Errors: project.fileNotFound, project.fileUnreadable, project.fileTooNew, project.fileLocked, project.fileUnwritable.
  [[nodiscard]] static Result<std::unique_ptr<Document>> open(const std::filesystem::path& path, const OpenProgress& progress = {});

  [[nodiscard]] const model::ProjectState& state() const noexcept { return state_; }
  [[nodiscard]] const project::Project& project() const noexcept { return state_.project(); }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return file_->path(); }
  [[nodiscard]] EditContext edit_context() noexcept { return {.state = state_, .handles = handles_}; }
  // Of the newest transaction, staged ones included.
  [[nodiscard]] Revision revision() const noexcept { return revision_; }
  [[nodiscard]] const History& history() const noexcept { return history_; }

  // Applies the edit. The transaction as clients will be told of it; nothing when the project is so already: then there is no transaction,
  // no step, and what was undone can still be done again. Changes that set what is so already are left out of it. Errors, after which
  // nothing was changed: internal.fault (the changes do not fit), payload.invalid (too many changes for one transaction).
  [[nodiscard]] Result<std::optional<project::Changed>> stage(Edit edit, Provenance provenance);
  // Error project.fileUnwritable: everything staged is taken back.
  [[nodiscard]] Result<void> commit();
  [[nodiscard]] bool has_staged() const noexcept { return !staged_.empty(); }

  // The step that undo or redo would take, with what it would change. Nothing may be staged. Errors: history.nothingToUndo,
  // history.nothingToRedo, project.fileUnreadable.
  struct Step {
    Edit edit;
    Revision step = 0;
  };
  [[nodiscard]] Result<Step> step_to_undo() const;
  [[nodiscard]] Result<Step> step_to_redo() const;

  // Writes a snapshot and empties the log into the file. Nothing may be staged. Error: project.fileUnwritable.
  [[nodiscard]] Result<void> save();
  // The project with its history, and with another name where one is given, in a new file, which is the open one from now on; the old file
  // is let go as it is. Nothing may be staged. Errors: project.fileExists, project.fileUnwritable; nothing was changed then.
  [[nodiscard]] Result<void> save_as(const std::filesystem::path& path, const std::optional<std::string>& name);

  // Transactions after a revision, oldest first. Nothing: there is no such revision yet, or they are beyond the bounds. Nothing may be
  // staged. Error: project.fileUnreadable.
  [[nodiscard]] Result<std::optional<std::vector<project::Changed>>> transactions_after(Revision since, ProjectFile::Bounds bounds) const;

 private:
  struct Staged {
    JournalEntry entry;
    History::Reversal reversal;
  };

  explicit Document(ProjectFile::Loaded loaded);
  [[nodiscard]] Result<Step> load_step(const history::Entry& entry, ProjectFile::Direction direction) const;
  // Whether the project as it is now, and the transaction of so many bytes that led to it, still go to clients. Error payload.invalid.
  [[nodiscard]] Result<void> check_size(const project::Changed& transaction, std::size_t bytes);
  [[nodiscard]] Result<void> take_snapshot();
  void take_back();

  model::ProjectState state_;
  std::unique_ptr<ProjectFile> file_;
  HandleSource handles_;
  History history_;
  Revision revision_ = 0;
  Revision snapshot_revision_ = 0;
  std::size_t bytes_bound_ = 0;  // of the project as JSON; no less than it takes, measured when it comes near to what a message holds
  std::vector<Staged> staged_;
};

}  // namespace loophole::pulse
