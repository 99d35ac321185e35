#pragma once
// Private to the session: what a Client is. Handlers of the Loop hold it weakly, so that a Client may be destroyed in any callback.

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "loophole/session/client.hpp"
#include "loophole/wire/codec.hpp"

namespace loophole::session {

class ClientCore : public std::enable_shared_from_this<ClientCore> {
 public:
  using Duration = std::chrono::nanoseconds;
  using AnswerHandler = Port::AnswerHandler;

  ClientCore(net::Loop& loop, ClientOptions options, std::unique_ptr<net::ControlLink> link);

  [[nodiscard]] Result<void> start();
  MessageId call(const wire::MessageDesc& command, wire::Payload payload, AnswerHandler on_answer, CallOptions options);
  void close();    // by the owner; open calls fail from the Loop
  void abandon();  // the Client is destroyed: no handler is called any more
  [[nodiscard]] CountersReply counters() const;

  const ClientOptions options;
  const InstanceId instance_id;
  PortState state = PortState::connecting;
  std::optional<HelloReply> hello;
  std::optional<Error> close_reason;
  Port::EventHandler on_event;
  Port::StateHandler on_state;

 private:
  struct Call {
    const wire::MessageDesc* desc;
    AnswerHandler on_answer;
    CallOptions options;
    net::TimerId deadline;
    std::uint64_t order;  // in which they were made
    bool progressed = false;
  };

  void on_readable();
  void take(const std::string& bytes);
  void take_answer(wire::Message message);
  void take_hello(wire::Message message);
  void take_event(const wire::Message& message);
  void take_progress(const std::optional<MessageId>& id, const operation::Progress& progress);
  void take_undecodable(const Error& error, const wire::Salvage& salvage);

  [[nodiscard]] net::TimerId arm(const MessageId& id, std::chrono::milliseconds deadline);
  void timed_out(const MessageId& id);
  void tick();
  // For the peer, in the version in effect.
  [[nodiscard]] Result<std::string> encode(const wire::Message& message);
  // Sends what is allowed to be sent; an Error otherwise.
  [[nodiscard]] Result<void> transmit(std::string_view bytes);
  void transmit_call(const MessageId& id, std::string_view bytes);
  // Fails a call from the Loop, never from within the caller's call.
  void fail_later(AnswerHandler on_answer, Error error);
  void deliver_failures();
  void fail_call(const MessageId& id, Error error);

  enum class Farewell { none, closing, lease_expired };
  // Ends the connection; gives the calls that were open.
  void end(Error reason, Farewell farewell);
  // The same from the Loop, and tells the handlers.
  void lose(Error reason, Farewell farewell);
  void tell_closed();

  [[nodiscard]] Error lost(std::string_view why) const;
  [[nodiscard]] Error nobody() const;
  [[nodiscard]] std::string place() const;  // "Pulse at ipc://…", "Pulse in this process"
  [[nodiscard]] MessageId next_id();

  net::Loop& loop_;
  const ProtocolRange own_;
  wire::Version effective_;                 // our newest, until the hello is answered
  std::unique_ptr<net::ControlLink> link_;  // nullptr when closed
  net::TimerId hello_timer_ = 0;
  net::TimerId tick_timer_ = 0;
  Duration tick_interval_{0};
  std::chrono::steady_clock::time_point last_tick_;
  Duration silent_{0};    // nothing was heard, as far as we listened
  Duration unspoken_{0};  // nothing was sent
  std::int64_t heartbeats_ = 0;

  MessageId hello_id_;
  std::unordered_map<MessageId, Call> calls_;
  std::vector<wire::Message> waiting_;                    // calls made before ready, in their order
  std::deque<std::pair<AnswerHandler, Error>> failures_;  // to be told from the Loop
  bool abandoned_ = false;
  std::uint64_t last_id_ = 0;
  std::uint64_t last_call_ = 0;
  net::ReceiveCounters received_;  // of the connection, after it was closed
  CountersReply counts_;
};

}  // namespace loophole::session
