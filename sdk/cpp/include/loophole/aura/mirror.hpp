#pragma once
// Mirror: Aura's copy of the project, always at one revision. Fed with snapshots and with the transactions that follow them.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "loophole/model/project_state.hpp"

namespace loophole::aura {

class Mirror {
 public:
  // What became of a transaction.
  enum class Step {
    applied,
    known,   // contained already in the snapshot that came before it
    gap,     // one or more transactions before it are missing: ask for a snapshot
    misfit,  // does not fit the project here: ask for a snapshot
  };

  // [owner-thread] Replaces everything; never merges.
  void reset(project::SnapshotReply snapshot);
  // [owner-thread] There is no project now.
  void clear();
  // [owner-thread] The project has another name and file (project.saveAs), which no transaction tells. Nothing happens without a project.
  void goes_on_at(std::string name, std::string path);
  // [owner-thread] Applies a transaction when it is exactly the next one. Otherwise the mirror stays as it was, except after `misfit`, when
  // only reset() makes it right again.
  // Before each change of it, `before_each` (where there is one) sees the project as it is until then.
  using BeforeEach = std::function<void(const model::ProjectState&, const project::Change&)>;
  [[nodiscard]] Step apply(const project::Changed& changed, const BeforeEach& before_each = {});

  // [owner-thread] nullptr: no project is open. Valid until the next reset(), clear() or apply().
  [[nodiscard]] const project::Project* project() const noexcept { return state_ ? &state_->project() : nullptr; }
  // [owner-thread] The project with its index, for finding things by id; nullptr: no project is open.
  [[nodiscard]] const model::ProjectState* state() const noexcept { return state_ ? &*state_ : nullptr; }
  [[nodiscard]] std::int64_t revision() const noexcept { return revision_; }  // of project(); 0: none is open
  // Absolute path of the project file; empty: no project is open.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::optional<model::ProjectState> state_;
  std::int64_t revision_ = 0;
  std::string path_;
};

}  // namespace loophole::aura
