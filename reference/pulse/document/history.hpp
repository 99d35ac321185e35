#pragma once
// History: the steps of a project in order, and how many of them are done. Labels and revisions only; what a step changes stays in the
// file.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "loophole/messages/history.hpp"
#include "loophole/messages/project.hpp"

namespace loophole::pulse {

class History {
 public:
  // What record() did, so that it can be taken back when the transaction does not become durable.
  struct Reversal {
    project::TransactionOrigin origin = project::TransactionOrigin::edit;
    std::vector<history::Entry> cut;  // steps that could have been done again and no longer can
  };

  // [owner-thread] Takes in a transaction: a new step (which cuts off what was undone), an undo or redo of the step at the position, or
  // none of them (what the engine led to).
  Reversal record(project::TransactionOrigin origin, Revision revision, const std::string& label);
  // Takes back the newest record().
  void revert(Reversal reversal);

  // The step that undo or redo would move over; nullptr: there is none.
  [[nodiscard]] const history::Entry* next_undo() const noexcept;
  [[nodiscard]] const history::Entry* next_redo() const noexcept;

  [[nodiscard]] const std::vector<history::Entry>& entries() const noexcept { return entries_; }
  [[nodiscard]] std::size_t position() const noexcept { return position_; }

 private:
  std::vector<history::Entry> entries_;
  std::size_t position_ = 0;
};

}  // namespace loophole::pulse
