#include <utility>

#include "connection_watch.hpp"
#include "loophole/transport/loop.hpp"
#include "native.hpp"

namespace loophole::net {

struct ControlListener::State {
  State(Context& context, const SocketOptions& socket_options) : options(socket_options), native(context, zmq::socket_type::router) {}
  SocketOptions options;
  Bound bound;  // before the socket: its file is removed after the socket was closed
  Native native;
  ReceiveCounters counters;
  zmq::message_t peer;
  zmq::message_t part;
};

ControlListener::ControlListener() = default;
ControlListener::~ControlListener() = default;

Result<std::unique_ptr<ControlListener>> ControlListener::bind(Context& context, const std::string& endpoint,
                                                               const SocketOptions& options) {
  return guarded(endpoint, [&]() -> Result<std::unique_ptr<ControlListener>> {
    std::unique_ptr<ControlListener> listener(new ControlListener);
    listener->state_ = std::make_unique<State>(context, options);
    Native& native = listener->state_->native;
    set_limits(native, options, {.send = options.queue_messages, .receive = options.queue_messages});
    native.zmq.set(zmq::sockopt::router_mandatory, true);  // without it a message to a peer that is gone vanishes without a word
    auto bound = bind_socket(native, endpoint, options.security);
    if (!bound) return bound.error();
    listener->state_->bound = *std::move(bound);
    return listener;
  });
}

void ControlListener::watch(Loop& loop, std::function<void()> on_readable) {
  loop.watch(*this, std::move(on_readable));
}
void ControlListener::unwatch(Loop& loop) {
  loop.unwatch(*this);
}

std::optional<ControlListener::Incoming> ControlListener::receive() {
  State& state = *state_;
  if (!state.native.receive(state.peer)) return std::nullopt;
  Incoming incoming;
  incoming.peer.assign(state.peer.data<char>(), state.peer.size());
  if (!state.peer.more() || !state.native.receive(state.part)) {
    ++state.counters.unknown;
    return incoming;
  }
  if (state.native.discard_rest(state.part)) {  // no message of ours has several parts
    ++state.counters.unknown;
    return incoming;
  }
  const Bytes bytes = bytes_of_part(state.part);
  count(state.counters, bytes);
  incoming.oversized = bytes.size() > state.options.max_bytes;
  if (incoming.oversized) ++state.counters.oversized;
  incoming.bytes.assign(text_of(incoming.oversized ? bytes.first(std::min(kOversizedBeginning, bytes.size())) : bytes));
  return incoming;
}

ControlListener::SendOutcome ControlListener::send(const PeerKey& peer, std::string_view bytes) {
  switch (state_->native.send(peer, true)) {
    case Native::Sent::yes:
      break;
    case Native::Sent::full:
      return SendOutcome::queue_full;
    case Native::Sent::unroutable:
      return SendOutcome::peer_gone;
  }
  return state_->native.send(bytes, false) == Native::Sent::yes ? SendOutcome::sent : SendOutcome::peer_gone;
}

const std::string& ControlListener::endpoint() const noexcept {
  return state_->bound.endpoint;
}
const ReceiveCounters& ControlListener::counters() const noexcept {
  return state_->counters;
}
Socket::Native& ControlListener::native() noexcept {
  return state_->native;
}

struct ControlConnection::State {
  State(Context& context, const SocketOptions& socket_options)
      : options(socket_options), native(context, zmq::socket_type::dealer), watch(context, native) {}
  // A hello that nobody was there to hear is not to come after that of the next connection, and take its place.
  ~State() {
    if (dialled && !watch.was_made()) native.zmq.set(zmq::sockopt::linger, 0);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  SocketOptions options;
  bool dialled = false;  // of a connection within the process ZeroMQ tells nothing
  Native native;
  ConnectionWatch watch;  // after the socket: it ends first
  ReceiveCounters counters;
  zmq::message_t part;
};

ControlConnection::ControlConnection() = default;
ControlConnection::~ControlConnection() = default;

Result<std::unique_ptr<ControlConnection>> ControlConnection::connect(Context& context, const std::string& endpoint,
                                                                      const SocketOptions& options) {
  return guarded(endpoint, [&]() -> Result<std::unique_ptr<ControlConnection>> {
    std::unique_ptr<ControlConnection> connection(new ControlConnection);
    connection->state_ = std::make_unique<State>(context, options);
    Native& native = connection->state_->native;
    set_limits(native, options, {.send = options.queue_messages, .receive = options.queue_messages});
    if (auto connected = connect_socket(native, endpoint, options.security); !connected) return connected.error();
    connection->state_->dialled = !endpoint.starts_with("inproc:");
    return connection;
  });
}

void ControlConnection::watch(Loop& loop, std::function<void()> on_readable) {
  loop.watch(*this, std::move(on_readable));
}
void ControlConnection::unwatch(Loop& loop) {
  loop.unwatch(*this);
}

std::optional<std::string> ControlConnection::receive() {
  State& state = *state_;
  if (!receive_frame(state.native, state.part, state.options.max_bytes, state.counters)) return std::nullopt;
  return std::string(text_of(bytes_of_part(state.part)));
}

ControlLink::Continuity ControlConnection::continuity() {
  return state_->watch.look();
}

bool ControlConnection::send(std::string_view bytes) {
  return state_->native.send(bytes, false) == Native::Sent::yes;
}

const ReceiveCounters& ControlConnection::counters() const noexcept {
  return state_->counters;
}
Socket::Native& ControlConnection::native() noexcept {
  return state_->native;
}

}  // namespace loophole::net
