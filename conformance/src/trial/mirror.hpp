#pragma once
// Mirror: a project as an Aura holds it, by what protocol/model.md says of each change and nothing else.

#include <optional>
#include <string>

#include "loophole/messages/project.hpp"

namespace loophole::conformance {

// [owner-thread].
class Mirror {
 public:
  // Begins with a snapshot, or again.
  void take(const project::SnapshotReply& snapshot);
  // Applies a transaction. What does not fit is said, and the mirror follows nothing until the next snapshot.
  [[nodiscard]] std::optional<std::string> take(const project::Changed& changed);

  // What a snapshot has otherwise; nothing: it is the same.
  [[nodiscard]] std::optional<std::string> difference(const project::SnapshotReply& snapshot) const;

  [[nodiscard]] bool follows() const { return follows_; }
  [[nodiscard]] Revision revision() const { return revision_; }
  [[nodiscard]] const std::optional<project::Project>& project() const { return project_; }
  [[nodiscard]] const parameter::Parameter* parameter(const ParameterId& id);

 private:
  std::optional<project::Project> project_;
  Revision revision_ = 0;
  bool follows_ = false;
};

}  // namespace loophole::conformance
