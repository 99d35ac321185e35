#pragma once
// Private to the session: what one client instance asked, and what it was answered. It makes a repeated command safe: executed once, the
// second time answered from here. Bounded by number and bytes. What is forgotten first are the oldest answers to commands that may be
// executed again without harm; of the others the newest 64 stay, however large they are.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "loophole/messages/scalars.hpp"

namespace loophole::session {

using ConnectionNumber = std::uint64_t;

class RememberedAnswers {
 public:
  explicit RememberedAnswers(std::size_t max_answers) : max_answers_(max_answers) {}

  enum class Seen { first, open, answered };
  // A command came in on a connection. Each arrival is owed one copy of the answer.
  Seen arrived(const MessageId& id, ConnectionNumber connection);
  // The remembered answer of a command that was answered.
  [[nodiscard]] const std::string& answer(const MessageId& id) const { return entries_.at(id).bytes; }
  // The connections that wait for the answer.
  [[nodiscard]] std::vector<ConnectionNumber> waiting(const MessageId& id) const;
  // The command was answered: remembers it and gives the connections that are owed a copy.
  [[nodiscard]] std::vector<ConnectionNumber> answered(const MessageId& id, const std::string& bytes, bool idempotent);

 private:
  struct Entry {
    bool done = false;
    std::string bytes;
    std::vector<ConnectionNumber> owed;
  };
  void forget();
  void forget_oldest(std::deque<MessageId>& order);

  std::size_t max_answers_;
  std::size_t bytes_ = 0;
  std::unordered_map<MessageId, Entry> entries_;
  // Answered ones, oldest first: of commands that must not be executed twice, and of idempotent ones.
  std::deque<MessageId> edits_;
  std::deque<MessageId> idempotent_;
};

}  // namespace loophole::session
