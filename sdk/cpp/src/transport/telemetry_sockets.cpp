#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "loophole/messages/topology.hpp"
#include "native.hpp"

namespace loophole::net {

struct TelemetryPublisher::State {
  explicit State(Context& context) : native(context, zmq::socket_type::xpub) {}
  Bound bound;
  Native native;
  ReceiveCounters counters;
  zmq::message_t part;
  std::set<std::string, std::less<>> subscriptions;
};

TelemetryPublisher::TelemetryPublisher() = default;
TelemetryPublisher::~TelemetryPublisher() = default;

Result<std::unique_ptr<TelemetryPublisher>> TelemetryPublisher::bind(Context& context, const std::string& endpoint,
                                                                     const SocketOptions& options) {
  return guarded(endpoint, [&]() -> Result<std::unique_ptr<TelemetryPublisher>> {
    std::unique_ptr<TelemetryPublisher> publisher(new TelemetryPublisher);
    publisher->state_ = std::make_unique<State>(context);
    Native& native = publisher->state_->native;
    const int queue = std::min(options.queue_messages, kTelemetryQueue);
    set_limits(native, options, {.send = queue, .receive = options.queue_messages});
    native.zmq.set(zmq::sockopt::linger, 0);  // the last meters of an engine that ends are nobody's loss
    auto bound = bind_socket(native, endpoint, options.security);
    if (!bound) return bound.error();
    publisher->state_->bound = *std::move(bound);
    return publisher;
  });
}

void TelemetryPublisher::read_subscriptions() {
  State& state = *state_;
  while (state.native.receive(state.part)) {
    const std::string_view text(state.part.data<char>(), state.part.size());
    const bool whole = !state.native.discard_rest(state.part);
    // ZeroMQ passes the first subscription to a topic and the end of the last one, also when a subscriber just disappears.
    if (whole && !text.empty() && text.front() == 1) {
      state.subscriptions.emplace(text.substr(1));
    } else if (whole && !text.empty() && text.front() == 0) {
      if (const auto found = state.subscriptions.find(text.substr(1)); found != state.subscriptions.end()) state.subscriptions.erase(found);
    } else {
      count(state.counters, whole ? bytes_of(text) : Bytes{});
    }
  }
}

const std::set<std::string, std::less<>>& TelemetryPublisher::subscriptions() const noexcept {
  return state_->subscriptions;
}

void TelemetryPublisher::send(std::string_view topic, Bytes frame) {
  // Without a look at the room that subscribers made, ZeroMQ would take a queue for full that is not, and drop.
  state_->native.look();
  // A subscriber whose queue is full misses this frame, and sees it in the sequence numbers; nobody waits.
  if (state_->native.send(topic, true) == Native::Sent::yes) static_cast<void>(state_->native.send(text_of(frame), false));
}

const std::string& TelemetryPublisher::endpoint() const noexcept {
  return state_->bound.endpoint;
}
const ReceiveCounters& TelemetryPublisher::counters() const noexcept {
  return state_->counters;
}
Socket::Native& TelemetryPublisher::native() noexcept {
  return state_->native;
}

namespace {

struct Received {
  std::string topic;
  Buffer frame;
};

// What arrived and was not asked for yet; when it is full, the oldest makes room. Slots keep their memory.
class NewestFrames {
 public:
  explicit NewestFrames(std::size_t capacity) : slots_(capacity) {}

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  // True when the oldest was replaced.
  bool push(std::string_view topic, Bytes frame) {
    const bool full = size_ == slots_.size();
    if (full) pop();
    Received& slot = slots_[(first_ + size_) % slots_.size()];
    slot.topic.assign(topic);
    slot.frame.assign(frame.begin(), frame.end());
    ++size_;
    return full;
  }

  Received& oldest() noexcept { return slots_[first_]; }
  void pop() noexcept {
    first_ = (first_ + 1) % slots_.size();
    --size_;
  }

 private:
  std::vector<Received> slots_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

// How many messages one receive() takes in at most, so that a flood cannot hold the owner thread.
constexpr int kMaxIntake = 1024;

}  // namespace

struct TelemetrySubscriber::State {
  State(Context& context, const SocketOptions& options)
      : max_bytes(std::min(options.max_bytes, std::size_t{topology::kMaxFrameBytes})),
        native(context, zmq::socket_type::sub),
        newest(static_cast<std::size_t>(std::clamp(options.queue_messages, 1, kTelemetryQueue))) {}

  // Takes in what waits in the socket, so that what is handed out next is recent however slowly it is asked for.
  void take_in() {
    for (int i = 0; i < kMaxIntake && native.receive(topic); ++i) {
      if (!topic.more() || !native.receive(part)) {
        ++counters.unknown;
        continue;
      }
      if (native.discard_rest(part)) {
        ++counters.unknown;
        continue;
      }
      const Bytes frame = bytes_of_part(part);
      count(counters, frame);
      if (frame.size() > max_bytes)
        ++counters.oversized;
      else if (newest.push({topic.data<char>(), topic.size()}, frame))
        ++counters.replaced;
    }
    native.buffered = newest.size();
  }

  std::size_t max_bytes;
  Native native;
  ReceiveCounters counters;
  zmq::message_t topic;
  zmq::message_t part;
  NewestFrames newest;
};

TelemetrySubscriber::TelemetrySubscriber() = default;
TelemetrySubscriber::~TelemetrySubscriber() = default;

Result<std::unique_ptr<TelemetrySubscriber>> TelemetrySubscriber::connect(Context& context, const std::string& endpoint,
                                                                          const SocketOptions& options) {
  return guarded(endpoint, [&]() -> Result<std::unique_ptr<TelemetrySubscriber>> {
    std::unique_ptr<TelemetrySubscriber> subscriber(new TelemetrySubscriber);
    subscriber->state_ = std::make_unique<State>(context, options);
    Native& native = subscriber->state_->native;
    const int queue = std::min(options.queue_messages, kTelemetryQueue);
    set_limits(native, options, {.send = options.queue_messages, .receive = queue});
    native.zmq.set(zmq::sockopt::linger, 0);
    if (auto connected = connect_socket(native, endpoint, options.security); !connected) return connected.error();
    return subscriber;
  });
}

Result<void> TelemetrySubscriber::subscribe(std::string_view topic) {
  return guarded("topic '" + std::string(topic) + "'", [&]() -> Result<void> {
    state_->native.zmq.set(zmq::sockopt::subscribe, topic);
    return {};
  });
}

Result<void> TelemetrySubscriber::unsubscribe(std::string_view topic) {
  return guarded("topic '" + std::string(topic) + "'", [&]() -> Result<void> {
    state_->native.zmq.set(zmq::sockopt::unsubscribe, topic);
    return {};
  });
}

bool TelemetrySubscriber::receive(std::string& topic, Buffer& frame) {
  State& state = *state_;
  state.take_in();
  if (state.newest.size() == 0) return false;
  std::swap(topic, state.newest.oldest().topic);
  std::swap(frame, state.newest.oldest().frame);
  state.newest.pop();
  state.native.buffered = state.newest.size();
  return true;
}

const ReceiveCounters& TelemetrySubscriber::counters() const noexcept {
  return state_->counters;
}
Socket::Native& TelemetrySubscriber::native() noexcept {
  return state_->native;
}

}  // namespace loophole::net
