#include "remembered_answers.hpp"

#include <utility>

namespace loophole::session {
namespace {
// Snapshots can be large; a few of them must not hold a gigabyte.
constexpr std::size_t kMaxBytes = 4 * 1024 * 1024;
}  // namespace

RememberedAnswers::Seen RememberedAnswers::arrived(const MessageId& id, ConnectionNumber connection) {
  const auto [place, is_new] = entries_.try_emplace(id);
  Entry& entry = place->second;
  if (entry.done) return Seen::answered;
  entry.owed.push_back(connection);
  return is_new ? Seen::first : Seen::open;
}

std::vector<ConnectionNumber> RememberedAnswers::waiting(const MessageId& id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? std::vector<ConnectionNumber>{} : found->second.owed;
}

std::vector<ConnectionNumber> RememberedAnswers::answered(const MessageId& id, const std::string& bytes) {
  Entry& entry = entries_[id];
  entry.done = true;
  entry.bytes = bytes;
  bytes_ += bytes.size();
  order_.push_back(id);
  std::vector<ConnectionNumber> owed = std::exchange(entry.owed, {});
  forget();
  return owed;
}

void RememberedAnswers::forget() {
  while (!order_.empty() && (order_.size() > max_answers_ || (bytes_ > kMaxBytes && order_.size() > 1))) {
    const auto oldest = entries_.find(order_.front());
    bytes_ -= oldest->second.bytes.size();
    entries_.erase(oldest);
    order_.pop_front();
  }
}

}  // namespace loophole::session
