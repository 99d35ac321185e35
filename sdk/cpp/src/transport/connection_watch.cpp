#include "connection_watch.hpp"

#include <zmq.h>

#include <atomic>
#include <cstring>
#include <string>

namespace loophole::net {

using Continuity = ControlLink::Continuity;

ConnectionWatch::ConnectionWatch(Context& context, Socket::Native& socket)
    : socket_(socket), events_(context.native().zmq, zmq::socket_type::pair) {
  static std::atomic<std::uint64_t> last{0};
  const std::string at = "inproc://loophole-connection-" + std::to_string(++last);
  if (zmq_socket_monitor(socket_.zmq.handle(), at.c_str(), ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED) != 0)
    throw zmq::error_t();
  events_.set(zmq::sockopt::linger, 0);
  events_.connect(at);
}

ConnectionWatch::~ConnectionWatch() {
  zmq_socket_monitor(socket_.zmq.handle(), nullptr, 0);
}

Continuity ConnectionWatch::look() {
  zmq::message_t part;
  while (zmq_msg_recv(part.handle(), events_.handle(), ZMQ_DONTWAIT) >= 0) {
    std::uint16_t event = 0;  // the first part begins with it; the second one is the endpoint
    if (part.size() >= sizeof event) std::memcpy(&event, part.data(), sizeof event);
    while (part.more() && zmq_msg_recv(part.handle(), events_.handle(), ZMQ_DONTWAIT) >= 0) continue;
    if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED && !std::exchange(made_, true)) continue;
    if (!made_) continue;
    if (found_ != Continuity::another) found_ = event == ZMQ_EVENT_DISCONNECTED ? Continuity::cut : Continuity::another;
  }
  return found_;
}

}  // namespace loophole::net
