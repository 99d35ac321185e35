#include "remembered_answers.hpp"

#include <algorithm>
#include <utility>

namespace loophole::session {
namespace {
// Snapshots can be large; a few of them must not hold a gigabyte.
constexpr std::size_t kMaxBytes = 4 * 1024 * 1024;
// Answers of commands that are not idempotent, which the protocol promises to remember (ENV-25).
constexpr std::size_t kPromised = 64;
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

std::vector<ConnectionNumber> RememberedAnswers::answered(const MessageId& id, const std::string& bytes, bool idempotent) {
  Entry& entry = entries_[id];
  entry.done = true;
  entry.bytes = bytes;
  bytes_ += bytes.size();
  (idempotent ? idempotent_ : edits_).push_back(id);
  std::vector<ConnectionNumber> owed = std::exchange(entry.owed, {});
  forget();
  return owed;
}

void RememberedAnswers::forget() {
  const std::size_t promised = std::min(kPromised, max_answers_);
  while (idempotent_.size() + edits_.size() > max_answers_ || bytes_ > kMaxBytes) {
    if (!idempotent_.empty())
      forget_oldest(idempotent_);
    else if (edits_.size() > promised)
      forget_oldest(edits_);
    else
      return;
  }
}

void RememberedAnswers::forget_oldest(std::deque<MessageId>& order) {
  const auto oldest = entries_.find(order.front());
  bytes_ -= oldest->second.bytes.size();
  entries_.erase(oldest);
  order.pop_front();
}

}  // namespace loophole::session
