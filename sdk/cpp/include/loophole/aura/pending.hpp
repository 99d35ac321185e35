#pragma once
// Pending<Reply>: the answer of a command that was started, for code that goes on meanwhile.
//
//   auto added = client.start(track::Add{.name = "Drums"});
//   auto moved = client.start(transport::Seek{.position_frames = 0});      // both are under way
//   if (added.ready()) …                                                   // never waits
//   Result<track::AddReply> reply = added.get();                           // polls the client until it is here
//
// A std::future would not do: the thread that waits for it is the one that has to poll the client, so it would wait for ever.

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "loophole/core/result.hpp"
#include "loophole/messages/scalars.hpp"
#include "loophole/wire/message.hpp"

namespace loophole::aura {

// What all Pending have in common.
class PendingAnswer {
 public:
  // [owner-thread] Whether the answer, or the error in its place, is here. Somebody else polls the client.
  [[nodiscard]] bool ready() const noexcept;
  // [owner-thread] Polls the client up to `timeout`; says whether the answer is here.
  bool wait_for(std::chrono::milliseconds timeout);
  // [owner-thread] Withdraws: the answer is session.cancelled, at once. Pulse is not told, and may execute the command all the same.
  void cancel();
  // What causes in changes refer to.
  [[nodiscard]] const MessageId& id() const noexcept { return id_; }

  class Slot;  // defined in the implementation

 protected:
  // Of the implementation.
  PendingAnswer(std::shared_ptr<Slot> slot, MessageId id) : slot_(std::move(slot)), id_(std::move(id)) {}
  Result<wire::Payload> take();

 private:
  std::shared_ptr<Slot> slot_;
  MessageId id_;
};

template <class Reply>
class Pending : public PendingAnswer {
 public:
  // [owner-thread] Polls the client until the answer is here, at the latest until the deadline of the call; handlers run meanwhile. To be
  // called once. session.cancelled when the client is gone.
  [[nodiscard]] Result<Reply> get() {
    Result<wire::Payload> answer = take();
    if (!answer) return std::move(answer).error();
    return *answer->template as<Reply>();
  }

 private:
  friend class Client;
  Pending(std::shared_ptr<Slot> slot, MessageId id) : PendingAnswer(std::move(slot), std::move(id)) {}
};

}  // namespace loophole::aura
