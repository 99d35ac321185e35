#pragma once
// ConnectionWatch: whether the connection under a socket is still the first one. ZeroMQ connects again by itself, and says so to a monitor.

#include "loophole/transport/control.hpp"
#include "native.hpp"

namespace loophole::net {

// [owner-thread] Of a socket that connects to one endpoint; made before it does, destroyed before the socket.
class ConnectionWatch {
 public:
  ConnectionWatch(Context& context, Socket::Native& socket);  // throws zmq::error_t
  ~ConnectionWatch();
  ConnectionWatch(const ConnectionWatch&) = delete;
  ConnectionWatch& operator=(const ConnectionWatch&) = delete;

  // What became of the connection until now. `cut` before the first one was made is none: that one is still to come.
  [[nodiscard]] ControlLink::Continuity look();
  // Whether there ever was one.
  [[nodiscard]] bool was_made() {
    static_cast<void>(look());
    return made_;
  }

 private:
  Socket::Native& socket_;
  zmq::socket_t events_;
  bool made_ = false;
  ControlLink::Continuity found_ = ControlLink::Continuity::whole;
};

}  // namespace loophole::net
