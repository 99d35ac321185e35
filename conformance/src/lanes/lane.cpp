#include "lanes/lane.hpp"

#include <zmq.h>

#include <array>

namespace loophole::conformance {

LaneContext::LaneContext() : context_(zmq_ctx_new()) {
  zmq_ctx_set(context_, ZMQ_MAX_SOCKETS, 4096);
}
LaneContext::~LaneContext() {
  zmq_ctx_term(context_);
}

std::unique_ptr<Lane> Lane::open(LaneContext& context, Kind kind) {
  constexpr std::array<int, 10> kTypes{ZMQ_DEALER, ZMQ_ROUTER, ZMQ_PUSH,   ZMQ_PULL, ZMQ_SUB,
                                       ZMQ_XSUB,   ZMQ_XPUB,   ZMQ_DEALER, ZMQ_PUSH, ZMQ_PULL};
  std::unique_ptr<Lane> lane(new Lane(zmq_socket(context.handle(), kTypes[static_cast<std::size_t>(kind)])));
  const auto set = [&lane](int option, int value) { zmq_setsockopt(lane->socket_, option, &value, sizeof value); };
  const bool telemetry = kind == Kind::sub || kind == Kind::xsub || kind == Kind::xpub;
  set(ZMQ_SNDHWM, telemetry ? 1024 : kind == Kind::narrow_push ? 64 : 16'384);
  set(ZMQ_RCVHWM, telemetry ? 1024 : kind == Kind::narrow ? 4 : kind == Kind::narrow_pull ? 64 : 16'384);
  if (kind == Kind::narrow) set(ZMQ_RCVBUF, 4'096);
  set(ZMQ_LINGER, telemetry ? 0 : 200);
  set(ZMQ_RECONNECT_IVL, 5);
  set(ZMQ_RECONNECT_IVL_MAX, 50);
  if (kind == Kind::push || kind == Kind::narrow_push) set(ZMQ_IMMEDIATE, 1);
  if (kind == Kind::router) set(ZMQ_ROUTER_MANDATORY, 1);
  return lane;
}

std::unique_ptr<Lane> Lane::connect(LaneContext& context, Kind kind, const std::string& endpoint, std::string& error) {
  auto lane = open(context, kind);
  if (zmq_connect(lane->socket_, endpoint.c_str()) == 0) return lane;
  error = "cannot connect to '" + endpoint + "': " + zmq_strerror(zmq_errno());
  return nullptr;
}

std::unique_ptr<Lane> Lane::bind(LaneContext& context, Kind kind, const std::string& endpoint, std::string& error) {
  auto lane = open(context, kind);
  if (zmq_bind(lane->socket_, endpoint.c_str()) == 0) return lane;
  error = "cannot bind '" + endpoint + "': " + zmq_strerror(zmq_errno());
  return nullptr;
}

Lane::~Lane() {
  if (monitor_ != nullptr) {
    zmq_socket_monitor(socket_, nullptr, 0);
    zmq_close(monitor_);
  }
  zmq_close(socket_);
}

bool Lane::send(const Parts& parts) {
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (zmq_send(socket_, parts[i].data(), parts[i].size(), ZMQ_DONTWAIT | (i + 1 < parts.size() ? ZMQ_SNDMORE : 0)) < 0) return false;
  return true;
}

std::optional<Parts> Lane::receive() {
  Parts parts;
  zmq_msg_t message;
  zmq_msg_init(&message);
  while (zmq_msg_recv(&message, socket_, ZMQ_DONTWAIT) >= 0) {
    parts.emplace_back(static_cast<const char*>(zmq_msg_data(&message)), zmq_msg_size(&message));
    if (zmq_msg_more(&message) == 0) break;
  }
  zmq_msg_close(&message);
  if (parts.empty()) return std::nullopt;
  return parts;
}

void Lane::subscribe(std::string_view topic) {
  zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, topic.data(), topic.size());
}
void Lane::unsubscribe(std::string_view topic) {
  zmq_setsockopt(socket_, ZMQ_UNSUBSCRIBE, topic.data(), topic.size());
}

void Lane::count(LaneContext& context, Change change) {
  static int number = 0;
  const std::string at = "inproc://monitor-" + std::to_string(++number);
  zmq_socket_monitor(socket_, at.c_str(), change == Change::accepted ? ZMQ_EVENT_ACCEPTED : ZMQ_EVENT_DISCONNECTED);
  monitor_ = zmq_socket(context.handle(), ZMQ_PAIR);
  zmq_connect(monitor_, at.c_str());
}

std::size_t Lane::counted() {
  std::array<char, 256> part{};  // an event is two parts
  while (monitor_ != nullptr && zmq_recv(monitor_, part.data(), part.size(), ZMQ_DONTWAIT) >= 0)
    if (zmq_recv(monitor_, part.data(), part.size(), ZMQ_DONTWAIT) >= 0) ++counted_;
  return counted_;
}

void wait_for_any(const std::vector<Lane*>& lanes, long timeout_ms) {
  std::vector<zmq_pollitem_t> items;
  for (const Lane* lane : lanes) items.push_back({.socket = lane->handle(), .fd = 0, .events = ZMQ_POLLIN, .revents = 0});
  zmq_poll(items.data(), static_cast<int>(items.size()), timeout_ms);
}

}  // namespace loophole::conformance
