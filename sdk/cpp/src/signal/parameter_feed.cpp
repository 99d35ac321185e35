#include "loophole/signal/rt/parameter_feed.hpp"

#include <utility>

namespace loophole::signal::rt {

void ParameterFeed::push(std::span<const ParameterChange> changes) {
  counters_.pushed += changes.size();
  if (flush() && ring_.push_all(changes)) return;
  defer(changes);
  flush();
}

void ParameterFeed::defer(std::span<const ParameterChange> changes) {
  for (const ParameterChange& change : changes) {
    ++counters_.deferred;
    // The end of a gesture brings the newest committed value, and must not be undone by an older one that waits behind it.
    if (change.origin == ParameterOrigin::gesture_end)
      if (const auto committed = waiting_index_.find(place_of(change.handle, false)); committed != waiting_index_.end())
        waiting_[committed->second].value = change.value;
    const auto [entry, is_new] = waiting_index_.try_emplace(place_of(change), waiting_.size());
    if (is_new) {
      waiting_.push_back(change);
    } else {
      waiting_[entry->second] = change;
      ++counters_.superseded;
    }
  }
}

bool ParameterFeed::flush() {
  if (waiting_.empty()) return true;
  if (ring_.push_all(waiting_)) {
    waiting_.clear();
    waiting_index_.clear();
    return true;
  }
  // More parameters wait than the queue can ever hold: they cannot go in one block, so they go in as they fit.
  if (waiting_.size() > ring_.capacity()) {
    const std::size_t gone = ring_.push_some(waiting_);
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(gone));
    waiting_index_.clear();
    for (std::size_t i = 0; i < waiting_.size(); ++i) waiting_index_.emplace(place_of(waiting_[i]), i);
  }
  return waiting_.empty();
}

std::vector<ParameterChange> ParameterFeed::forget_waiting() {
  counters_.superseded += waiting_.size();
  waiting_index_.clear();
  return std::exchange(waiting_, {});
}

}  // namespace loophole::signal::rt
