#include "native.hpp"

#include <zmq.h>

#include <cerrno>
#include <utility>

namespace loophole::net {
namespace {

// While messages are there, ZeroMQ itself looks for peers that have become readable only every 100 messages; those would wait for one that
// floods. A look is a system call: as much as reading four frames, and little beside a command.
constexpr int kCommandsPerLook = 4;
constexpr int kFramesPerLook = 32;

}  // namespace

Context::Context() : native_(std::make_unique<Native>()) {}
Context::~Context() = default;
Socket::~Socket() = default;
FrameSink::~FrameSink() = default;
FrameSource::~FrameSource() = default;

Socket::Native::Native(Context& context, zmq::socket_type type)
    : zmq(context.native().zmq, type),
      receives_per_look_(type == zmq::socket_type::router || type == zmq::socket_type::dealer ? kCommandsPerLook : kFramesPerLook) {}

int Socket::Native::fd() noexcept {
  int descriptor = -1;
  std::size_t size = sizeof descriptor;
  zmq_getsockopt(zmq.handle(), ZMQ_FD, &descriptor, &size);
  return descriptor;
}

void Socket::Native::look() noexcept {
  int events = 0;
  std::size_t size = sizeof events;
  while (zmq_getsockopt(zmq.handle(), ZMQ_EVENTS, &events, &size) != 0) {
    if (zmq_errno() != EINTR) {
      events = 0;  // the context ends: nothing will come any more
      break;
    }
  }
  dry_ = (events & ZMQ_POLLIN) == 0;
  since_look_ = 0;
}

bool Socket::Native::readable() noexcept {
  if (buffered > 0) return true;
  look();
  return !dry_;
}

bool Socket::Native::receive(zmq::message_t& part) noexcept {
  if (++since_look_ >= receives_per_look_) look();
  while (zmq_msg_recv(part.handle(), zmq.handle(), ZMQ_DONTWAIT) < 0) {
    if (zmq_errno() == EINTR) continue;
    dry_ = true;
    return false;
  }
  dry_ = false;
  return true;
}

Socket::Native::Sent Socket::Native::send(std::string_view part, bool more) noexcept {
  const int flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0);
  dry_ = false;
  bool looked = false;
  for (;;) {
    if (zmq_send(zmq.handle(), part.data(), part.size(), flags) >= 0) return Sent::yes;
    const int error = zmq_errno();
    if (error == EINTR) continue;
    if (error != EAGAIN) return Sent::unroutable;
    if (std::exchange(looked, true)) return Sent::full;
    look();
    dry_ = false;
  }
}

bool Socket::Native::discard_rest(zmq::message_t& part) noexcept {
  if (!part.more()) return false;
  while (part.more() && receive(part)) {
  }
  return true;
}

bool receive_frame(Socket::Native& native, zmq::message_t& part, std::size_t max_bytes, ReceiveCounters& counters) noexcept {
  while (native.receive(part)) {
    if (part.more()) {
      native.discard_rest(part);
      ++counters.unknown;
      continue;
    }
    count(counters, bytes_of_part(part));
    if (part.size() <= max_bytes) return true;
    ++counters.oversized;
  }
  return false;
}

}  // namespace loophole::net
