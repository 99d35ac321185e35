#pragma once
// EnginePort: what Pulse sees of Signal. Typed engine commands in, exactly one typed answer each; engine events out. It does not say
// where Signal is: IpcEnginePort reaches another process, InProcessEnginePort an engine in this one.
//
// Only commands that the topology routes from Pulse to Signal can be sent; anything else does not compile.

#include <functional>

#include "loophole/messages/registry.hpp"
#include "loophole/session/port.hpp"

namespace loophole::pulse {

// A command that the schema routes from Pulse to Signal.
template <class C>
concept EngineCommand = wire::CommandType<C> && wire::RoutedBetween<C, Role::pulse, Role::signal>;

class EnginePort : public session::Port {
 public:
  // [owner-thread] Sends a command to Signal. `on_answer` is called exactly once, from the Loop, never from within this call: with the
  // reply, with the error that Signal answered, or with session.timeout, session.lost or session.cancelled. Returns the command's id.
  template <EngineCommand C>
  MessageId call(C command, std::function<void(Result<typename C::Reply>)> on_answer, session::CallOptions options = {}) {
    return call_typed(std::move(command), std::move(on_answer), options);
  }

 protected:
  using session::Port::call_payload;  // typed calls only: an untyped one could carry a command that is not Pulse's to send
};

}  // namespace loophole::pulse
