#pragma once
// owed(request): a request that callbacks can share until one of them answers it.

#include <memory>
#include <utility>

#include "document/document.hpp"
#include "loophole/session/server.hpp"

namespace loophole::pulse {

template <class C>
[[nodiscard]] std::shared_ptr<session::Server::Request<C>> owed(session::Server::Request<C> request) {
  return std::make_shared<session::Server::Request<C>>(std::move(request));
}

// The cause of a transaction that a command makes.
template <class C>
[[nodiscard]] project::Cause cause_of(const session::Server::Request<C>& request) {
  return {.instance_id = request.instance_id(), .command_id = request.command_id(), .gesture_id = {}};
}

}  // namespace loophole::pulse
