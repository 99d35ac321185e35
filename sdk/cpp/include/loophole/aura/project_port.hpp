#pragma once
// ProjectPort: what Aura sees of Pulse. Typed commands out, one typed answer each, events in; the same meaning whether Pulse is another
// process (IpcProjectPort) or lives in this one (InProcessProjectPort).

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "loophole/session/port.hpp"

namespace loophole::aura {

// A command that the topology allows from Aura to Pulse. Anything else, such as a command for the engine, does not compile.
template <class C>
concept ProjectCommand = C::kKind == Kind::command&& requires {
  typename C::Reply;
}
&&std::any_of(std::begin(C::kRoutes), std::end(C::kRoutes), [](const wire::Route& route) {
  return route == wire::Route{Role::aura, Role::pulse};
});

class ProjectPort : public session::Port {
 public:
  // [owner-thread] Sends a command; `on_answer` is called exactly once, from the Loop, never from within this call.
  template <ProjectCommand C>
  MessageId call(C command, std::function<void(Result<typename C::Reply>)> on_answer, session::CallOptions options = {}) {
    return call_typed<C>(std::move(command), std::move(on_answer), options);
  }
};

}  // namespace loophole::aura
