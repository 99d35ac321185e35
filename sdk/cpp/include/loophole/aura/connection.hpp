#pragma once
// Connection: how a client is with its session, for a user interface to show.
//
//            found               hello, project
//   looking -------> connecting ---------------> connected
//      ^                 |                           |
//      |                 v                           | Pulse ended, fell silent, …
//      +------------- waiting <----------------------+
//                        (for retry_in)
//
//   A client with an endpoint begins with connecting, in which it dials until its deadline, and never is looking.
//
//   incompatible   final: Pulse and this program have no protocol version in common
//   closed         final: close(), an endpoint that is refused, or the end of the connection of a client that does not reconnect

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "loophole/core/error.hpp"

namespace loophole::aura {

struct Connection {
  // What the connection is.
  enum class State { looking, connecting, connected, waiting, incompatible, closed };

  State state = State::looking;           // see above
  std::optional<Error> reason{};          // why there is no connection, for people; nothing while connected
  std::chrono::milliseconds retry_in{0};  // waiting: until the next attempt, as it was when this was told
  std::uint32_t attempts = 0;             // that failed since there was a connection

  // Nothing comes after this state.
  [[nodiscard]] bool is_final() const noexcept { return state == State::incompatible || state == State::closed; }
};

// [any-thread] "looking", "connecting", …
[[nodiscard]] std::string_view to_string(Connection::State state) noexcept;

// [any-thread] Whether it is worth trying again when there is no connection for this reason: the session may just be starting, be about to
// be replaced by one that is, or have no room just now.
[[nodiscard]] bool may_come(const Error& reason) noexcept;

}  // namespace loophole::aura
