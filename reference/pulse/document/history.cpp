#include "document/history.hpp"

#include <iterator>
#include <utility>

namespace loophole::pulse {

using project::TransactionOrigin;

History::Reversal History::record(TransactionOrigin origin, Revision revision, const std::string& label) {
  Reversal reversal{.origin = origin, .cut = {}};
  switch (origin) {
    case TransactionOrigin::undo:
      if (position_ > 0) --position_;
      break;
    case TransactionOrigin::redo:
      if (position_ < entries_.size()) ++position_;
      break;
    case TransactionOrigin::engine:
      break;
    case TransactionOrigin::edit:
    case TransactionOrigin::abandoned: {
      const auto tail = entries_.begin() + static_cast<std::ptrdiff_t>(position_);
      reversal.cut.assign(std::make_move_iterator(tail), std::make_move_iterator(entries_.end()));
      entries_.erase(tail, entries_.end());
      entries_.push_back({.revision = revision, .label = label});
      position_ = entries_.size();
      break;
    }
  }
  return reversal;
}

void History::revert(Reversal reversal) {
  switch (reversal.origin) {
    case TransactionOrigin::undo:
      ++position_;
      break;
    case TransactionOrigin::redo:
      --position_;
      break;
    case TransactionOrigin::engine:
      break;
    case TransactionOrigin::edit:
    case TransactionOrigin::abandoned:
      entries_.pop_back();
      position_ = entries_.size();
      entries_.insert(entries_.end(), std::make_move_iterator(reversal.cut.begin()), std::make_move_iterator(reversal.cut.end()));
      break;
  }
}

const history::Entry* History::next_undo() const noexcept {
  return position_ == 0 ? nullptr : &entries_[position_ - 1];
}
const history::Entry* History::next_redo() const noexcept {
  return position_ == entries_.size() ? nullptr : &entries_[position_];
}

}  // namespace loophole::pulse
