#include <algorithm>

#include "loophole/messages/topology.hpp"
#include "native.hpp"

namespace loophole::net {

struct StreamSender::State {
  explicit State(Context& context) : native(context, zmq::socket_type::push) {}
  Native native;
};

StreamSender::StreamSender() = default;
StreamSender::~StreamSender() = default;

Result<std::unique_ptr<StreamSender>> StreamSender::connect(Context& context, const std::string& endpoint, const SocketOptions& options) {
  return guarded(endpoint, [&]() -> Result<std::unique_ptr<StreamSender>> {
    std::unique_ptr<StreamSender> sender(new StreamSender);
    sender->state_ = std::make_unique<State>(context);
    Native& native = sender->state_->native;
    set_limits(native, options, {.send = options.queue_messages, .receive = options.queue_messages});
    // Nothing is queued for an engine that is not connected: samples from before its start are worth nothing, and would-block is the truth.
    native.zmq.set(zmq::sockopt::immediate, true);
    if (auto connected = connect_socket(native, endpoint, options.security); !connected) return connected.error();
    return sender;
  });
}

bool StreamSender::send(Bytes frame) {
  return state_->native.send(text_of(frame), false) == Native::Sent::yes;
}

Socket::Native& StreamSender::native() noexcept {
  return state_->native;
}

struct StreamReceiver::State {
  State(Context& context, const SocketOptions& options)
      : max_bytes(std::min(options.max_bytes, std::size_t{topology::kMaxFrameBytes})), native(context, zmq::socket_type::pull) {}
  std::size_t max_bytes;
  Bound bound;
  Native native;
  ReceiveCounters counters;
  zmq::message_t part;
};

StreamReceiver::StreamReceiver() = default;
StreamReceiver::~StreamReceiver() = default;

Result<std::unique_ptr<StreamReceiver>> StreamReceiver::bind(Context& context, const std::string& endpoint, const SocketOptions& options) {
  return guarded(endpoint, [&]() -> Result<std::unique_ptr<StreamReceiver>> {
    std::unique_ptr<StreamReceiver> receiver(new StreamReceiver);
    receiver->state_ = std::make_unique<State>(context, options);
    Native& native = receiver->state_->native;
    set_limits(native, options, {.send = options.queue_messages, .receive = options.queue_messages});
    auto bound = bind_socket(native, endpoint, options.security);
    if (!bound) return bound.error();
    receiver->state_->bound = *std::move(bound);
    return receiver;
  });
}

bool StreamReceiver::receive(Buffer& buffer) {
  State& state = *state_;
  if (!receive_frame(state.native, state.part, state.max_bytes, state.counters)) return false;
  const Bytes bytes = bytes_of_part(state.part);
  buffer.assign(bytes.begin(), bytes.end());
  return true;
}

const std::string& StreamReceiver::endpoint() const noexcept {
  return state_->bound.endpoint;
}
const ReceiveCounters& StreamReceiver::counters() const noexcept {
  return state_->counters;
}
Socket::Native& StreamReceiver::native() noexcept {
  return state_->native;
}

}  // namespace loophole::net
