#pragma once
// Inbox: messages that arrived and that a case has not asked for yet.

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "trial/speech_rules.hpp"

namespace loophole::conformance {

// [owner-thread].
class Inbox {
 public:
  void put(std::shared_ptr<const Received> received) { waiting_.push_back(std::move(received)); }
  void clear() { waiting_.clear(); }
  // The first message of this type that was not taken yet, for which `like` holds; nullptr: there is none. Valid as long as the inbox.
  template <class M>
  const M* take(const std::function<bool(const M&)>& like) {
    for (auto at = waiting_.begin(); at != waiting_.end(); ++at) {
      const M* one = (*at)->message->template as<M>();
      if (one == nullptr || (like && !like(*one))) continue;
      taken_.push_back(*at);
      waiting_.erase(at);
      return one;
    }
    return nullptr;
  }
  // The message that take() gave last.
  [[nodiscard]] const wire::Message& last() const { return *taken_.back()->message; }

 private:
  std::deque<std::shared_ptr<const Received>> waiting_;
  std::vector<std::shared_ptr<const Received>> taken_;
};

}  // namespace loophole::conformance
