#pragma once
// Private to the client: handlers that are called again and again.

#include <functional>
#include <memory>
#include <utility>

namespace loophole::aura {

// A handler is called as a copy, because it may put another in its own place. What it keeps in itself, as a mutable lambda does, must stay
// from call to call all the same: copies of this one share it.
template <class... Arguments>
std::function<void(Arguments...)> kept(std::function<void(Arguments...)> handler) {
  if (!handler) return handler;
  return [shared = std::make_shared<std::function<void(Arguments...)>>(std::move(handler))](Arguments... arguments) {
    (*shared)(std::forward<Arguments>(arguments)...);
  };
}

}  // namespace loophole::aura
