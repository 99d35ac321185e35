#pragma once
// Port: one side's view of a peer on the control plane: typed commands out, exactly one typed answer each, events in. Topology-free: the
// in-process and the IPC implementation mean the same, because both are a Client and differ in what carries its envelopes.
// aura::ProjectPort and pulse::EnginePort are Ports that only take the commands which the topology allows on their edge, checked when the
// program is compiled.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "loophole/core/result.hpp"
#include "loophole/messages/all.hpp"
#include "loophole/transport/loop.hpp"
#include "loophole/wire/message.hpp"

namespace loophole::session {

// How far a port is.
enum class PortState {
  connecting,  // hello not answered yet
  ready,
  closed,  // by close(), or by the peer; see close_reason()
};

// How long a command waits, and who hears of its progress.
struct CallOptions {
  std::chrono::milliseconds deadline{10'000};  // then the call fails with session.timeout; begins anew with each sign of progress
  // Slow commands say how far they are (operation.progress). Called from the Loop, never after the answer.
  std::function<void(const operation::Progress&)> on_progress{};
  // Of a command that was sent before and got no answer: it is sent again under this id, with the same payload, to learn its outcome. When
  // that may be done is in protocol/envelope.md, "Retry". Nothing: a command of its own.
  std::optional<MessageId> again{};
};

class Port {
 public:
  using AnswerHandler = std::function<void(Result<wire::Payload>)>;  // the reply, or the error in its place
  using EventHandler = std::function<void(const wire::Message&)>;    // an event of the peer
  using StateHandler = std::function<void(PortState)>;               // the new state

  virtual ~Port() = default;

  // [owner-thread] Sends a command. `on_answer` is called exactly once, from the Loop, never from within this call. Returns the id under
  // which the command goes: what causes in later events refer to.
  virtual MessageId call_payload(const wire::MessageDesc& command, wire::Payload payload, AnswerHandler on_answer, CallOptions options) = 0;

  // [owner-thread] One handler each; set before the Loop runs.
  virtual void on_event(EventHandler handler) = 0;
  virtual void on_state(StateHandler handler) = 0;

  [[nodiscard]] virtual PortState state() const noexcept = 0;  // how far it is
  // What the peer said to the hello; nullptr before state ready.
  [[nodiscard]] virtual const HelloReply* hello() const noexcept = 0;
  // Why the port is closed.
  [[nodiscard]] virtual const std::optional<Error>& close_reason() const noexcept = 0;
  // This side's instance id, as causes carry it.
  [[nodiscard]] virtual const InstanceId& instance_id() const noexcept = 0;
  // [owner-thread] Says goodbye; open calls fail with session.cancelled.
  virtual void close() = 0;
  // [owner-thread] Counts of this connection; a port that is no connection has none.
  [[nodiscard]] virtual CountersReply counters() const { return {}; }

 protected:
  // [owner-thread] call_payload() with the types of a command.
  template <class C>
  MessageId call_typed(C command, std::function<void(Result<typename C::Reply>)> on_answer, CallOptions options) {
    return call_payload(
        wire::MessageOf<C>::desc(), wire::Payload::of(std::move(command)),
        [handler = std::move(on_answer)](Result<wire::Payload> answer) {
          if (!answer) return handler(std::move(answer).error());
          handler(*answer->template as<typename C::Reply>());
        },
        options);
  }
};

}  // namespace loophole::session
