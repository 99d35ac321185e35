// Connections: hello, liveness, sending and giving up. What clients say is in server_commands.cpp.
#include "server_core.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include "agreement.hpp"
#include "loophole/core/clock.hpp"
#include "loophole/core/id.hpp"
#include "loophole/messages/registry.hpp"
#include "loophole/messages/topology.hpp"

namespace loophole::session {

using namespace std::chrono_literals;

namespace {

// Instances that are gone and may come back for the answers that they missed.
constexpr std::size_t kMaxAbsent = 32;

std::chrono::nanoseconds tick_interval(const ServerOptions& options) {
  return std::max<std::chrono::nanoseconds>(std::min<std::chrono::nanoseconds>(options.heartbeat_interval / 2, options.lease / 8), 2ms);
}

ServerOptions within_schema(ServerOptions options) {
  options.heartbeat_interval = std::clamp<std::chrono::milliseconds>(options.heartbeat_interval, 10ms, 600'000ms);
  options.lease = std::clamp<std::chrono::milliseconds>(options.lease, 20ms, 3'600'000ms);
  options.socket.max_bytes = std::min(options.socket.max_bytes, topology::kMaxMessageBytes);
  return options;
}

}  // namespace

Server::State::Core::Core(net::Loop& loop, ServerOptions server_options, std::unique_ptr<net::InProcessGate> gate,
                          std::unique_ptr<net::ControlListener> listener)
    : options(within_schema(std::move(server_options))),
      instance_id(random_id("i")),
      endpoint(listener ? listener->endpoint() : std::string()),
      in_process(gate->address()),
      loop_(loop),
      own_(own_range(options.max_minor)),
      tick_interval_(tick_interval(options)),
      last_tick_(Clock::now()) {
  gates_.push_back(std::move(gate));
  if (listener) gates_.push_back(std::move(listener));
}

void Server::State::Core::start() {
  for (std::size_t gate = 0; gate < gates_.size(); ++gate) {
    gates_[gate]->watch(loop_, [weak = weak_from_this(), gate] {
      if (const auto self = weak.lock()) self->on_readable(gate);
    });
  }
  tick_timer_ = loop_.every(tick_interval_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->tick();
  });
}

void Server::State::Core::end() {
  if (ended()) return;
  ending_ = true;
  disconnect_all(GoodbyeReason::closing);
  for (const auto& gate : gates_) gate->unwatch(loop_);
  loop_.cancel(tick_timer_);
  gates_.clear();
}

MessageId Server::State::Core::next_id() {
  return MessageId("m" + std::to_string(++last_id_));
}

auto Server::State::Core::find(const Address& address) -> Peer* {
  const auto found = addresses_.find(address);
  return found == addresses_.end() ? nullptr : &peers_.at(found->second);
}

auto Server::State::Core::instance_of(const InstanceId& id) -> Instance& {
  return instances_.try_emplace(id, Instance{RememberedAnswers(options.remembered_answers)}).first->second;
}

void Server::State::Core::forget_instances() {
  while (absent_.size() > kMaxAbsent) {
    const auto found = instances_.find(absent_.front());
    if (found != instances_.end() && found->second.client == 0) instances_.erase(found);
    absent_.pop_front();
  }
}

// --- hello -------------------------------------------------------------------------------------------------------------------------------

std::string Server::State::Core::place() const {
  return std::string(seat(options.role)) + (endpoint.empty() ? " in this process" : " at " + endpoint);
}

Error Server::State::Core::full() const {
  if (options.max_clients == 1)
    return make_error(errors::kEngineHeld,
                      "another " + std::string(seat(options.peers)) + " holds this " + place() + "; only one at a time can");
  return make_error(errors::kSessionFull,
                    place() + " serves " + std::to_string(options.max_clients) + " clients already; close one of them, or try again later");
}

HelloReply Server::State::Core::greeting(const Peer& peer) const {
  return {
      .session_id = peer.info.session_id,
      .role = options.role,
      .instance_id = instance_id,
      .software = {.name = options.software_name, .version = options.software_version},
      .protocol = peer.info.protocol,
      .capabilities = common(options.capabilities, peer.info.hello.capabilities),
      .heartbeat_interval_ms = options.heartbeat_interval.count(),
      .lease_ms = options.lease.count(),
      .limits = {.max_message_bytes = clamped(static_cast<std::int64_t>(options.socket.max_bytes), 1024, 268'435'456),
                 .max_depth = static_cast<std::int64_t>(topology::kMaxDepth),
                 .max_frame_bytes = static_cast<std::int64_t>(topology::kMaxFrameBytes)},
      .engine = {},
      .fingerprint = std::string(wire::kModelFingerprint),
  };
}

// The client that this hello makes, or why there is none. The same instance on another connection takes the place of the old one.
Result<ClientKey> Server::State::Core::admit(const Address& from, const wire::Message& message) {
  const Hello& hello = *message.as<Hello>();
  if (hello.role != options.peers)
    return make_error(errors::kEnvelopeWrongRoute, "'" + hello.client_id + "' says hello as " + std::string(seat(hello.role)) + "; " +
                                                       std::string(seat(options.role)) + " is greeted by " +
                                                       std::string(seat(options.peers)));
  auto version = agree(own_, hello.protocol, "'" + hello.client_id + "' (" + hello.software.name + " " + hello.software.version + ")");
  if (!version) return version.error();

  if (const Peer* known = find(from)) {
    if (known->info.hello.instance_id == hello.instance_id) return known->info.key;  // said again; nothing changes
    give_up(known->info.key, GoodbyeReason::restarting, Notify::now);
  }
  Instance& instance = instance_of(hello.instance_id);
  if (instance.client != 0) {
    // `closing`, so that whatever is left of the instance there stops, and does not fight for its place.
    const Peer& old = peers_.at(instance.client);
    if (send_to(old.address, goodbye(GoodbyeReason::closing, old.effective)) == SendOutcome::sent) ++counts_.control_sent;
    give_up(instance.client, GoodbyeReason::restarting, Notify::now);
  }
  if (ended()) return make_error(errors::kSessionLost, "this server ended");
  if (peers_.size() >= options.max_clients) {
    if (instance_of(hello.instance_id).client == 0) absent_.push_back(hello.instance_id);
    forget_instances();
    return full();
  }

  static std::atomic<ClientKey> last_key{0};
  const ClientKey key = ++last_key;
  peers_.emplace(key, Peer{.info = {.key = key, .session_id = SessionId(random_id("s")), .hello = hello, .protocol = *version},
                           .address = from,
                           .effective = to_wire(*version)});
  addresses_[from] = key;
  instance_of(hello.instance_id).client = key;
  std::erase(absent_, hello.instance_id);
  return key;
}

void Server::State::Core::take_hello(const Address& from, const wire::Message& message) {
  const Peer* before = find(from);
  const ClientKey key_before = before == nullptr ? 0 : before->info.key;
  auto admitted = admit(from, message);
  if (ended()) return;
  if (!admitted) return refuse(from, message, std::move(admitted).error());

  const ClientKey key = *admitted;
  const ClientInfo info = peers_.at(key).info;
  HelloReply reply = greeting(peers_.at(key));
  if (on_hello) on_hello(info, reply);
  const auto peer = peers_.find(key);
  if (peer == peers_.end()) return;  // the application closed in between
  if (!transmit(peer->second,
                encode_answer(wire::make_reply(next_id(), message, wire::Payload::of(std::move(reply))), peer->second.effective)))
    return;
  if (key != key_before && on_connected) on_connected(info);
}

// --- liveness ----------------------------------------------------------------------------------------------------------------------------

void Server::State::Core::tick() {
  const auto now = Clock::now();
  const Duration elapsed = now - std::exchange(last_tick_, now);
  // A machine that slept or a process that was stopped heard nobody; that is not the clients' fault.
  const Duration listened = std::min<Duration>(elapsed, 2 * tick_interval_);
  std::vector<ClientKey> keys;
  for (const auto& [key, peer] : peers_) keys.push_back(key);
  for (const ClientKey key : keys) {
    const auto found = peers_.find(key);
    if (found == peers_.end()) continue;
    Peer& peer = found->second;
    peer.silent += listened;
    peer.unspoken += elapsed;
    if (peer.silent > options.lease) {
      static_cast<void>(send_to(peer.address, goodbye(GoodbyeReason::lease_expired, peer.effective)));
      give_up(key, GoodbyeReason::lease_expired, Notify::now);
      if (ended()) return;  // a handler ended the server
    } else if (peer.unspoken + tick_interval_ / 2 >= options.heartbeat_interval) {
      auto bytes =
          encode(wire::make_event(next_id(), options.role, options.peers, Heartbeat{.sequence = peer.heartbeats++}), peer.effective);
      if (bytes) transmit(peer, *bytes);
    }
  }
  say_farewells(elapsed);
}

void Server::State::Core::say_farewells(Duration elapsed) {
  std::erase_if(farewells_, [&](Farewell& farewell) {
    farewell.left -= elapsed;
    const auto outcome = send_to(farewell.address, farewell.bytes);
    if (outcome == SendOutcome::sent) ++counts_.control_sent;
    return outcome != SendOutcome::queue_full || farewell.left <= 0ns;
  });
}

// --- sending -----------------------------------------------------------------------------------------------------------------------------

bool Server::State::Core::transmit(Peer& peer, std::string_view bytes) {
  if (ended() || peer.unreachable) return false;
  switch (send_to(peer.address, bytes)) {
    case SendOutcome::sent:
      ++counts_.control_sent;
      peer.unspoken = 0ns;
      return true;
    case SendOutcome::queue_full:
      ++counts_.overflows;
      farewells_.push_back({peer.address, goodbye(GoodbyeReason::overflow, peer.effective), options.lease});
      give_up(peer.info.key, GoodbyeReason::overflow, Notify::later);
      return false;
    case SendOutcome::peer_gone:
      // What it said before it went may still be unread, its goodbye among it.
      peer.unreachable = true;
      hear_out(peer.address.gate);
      return false;
  }
  return false;
}

void Server::State::Core::hear_out(std::size_t gate) {
  loop_.post([weak = weak_from_this(), gate] {
    if (const auto self = weak.lock()) self->on_readable(gate);
  });
}

std::vector<ClientKey> Server::State::Core::unreachable_at(std::size_t gate) const {
  std::vector<ClientKey> keys;
  for (const auto& [key, peer] : peers_)
    if (peer.unreachable && peer.address.gate == gate) keys.push_back(key);
  return keys;
}

// Notify::later is for whatever happens in the middle of a send: an application that loops over its clients is not called back then.
void Server::State::Core::give_up(ClientKey client, GoodbyeReason reason, Notify notify) {
  const auto found = peers_.find(client);
  if (found == peers_.end()) return;
  const ClientInfo info = std::move(found->second.info);
  addresses_.erase(found->second.address);
  peers_.erase(found);
  if (const auto instance = instances_.find(info.hello.instance_id); instance != instances_.end() && instance->second.client == client) {
    instance->second.client = 0;
    absent_.push_back(info.hello.instance_id);
    forget_instances();
  }
  if (!on_disconnected || ending_) return;
  if (notify == Notify::now) {
    on_disconnected(info, reason);
  } else {
    loop_.post([weak = weak_from_this(), info, reason] {
      if (const auto self = weak.lock(); self && self->on_disconnected && !self->ending_) self->on_disconnected(info, reason);
    });
  }
}

void Server::State::Core::disconnect_all(GoodbyeReason reason) {
  std::vector<ClientKey> keys;
  for (const auto& [key, peer] : peers_) {
    keys.push_back(key);
    if (send_to(peer.address, goodbye(reason, peer.effective)) == SendOutcome::sent) ++counts_.control_sent;
  }
  for (const ClientKey key : keys) give_up(key, reason, Notify::now);
}

std::string Server::State::Core::goodbye(GoodbyeReason reason, wire::Version effective) {
  if (reason == GoodbyeReason::unknown) reason = GoodbyeReason::closing;
  auto bytes = encode(wire::make_event(next_id(), options.role, options.peers, Goodbye{.reason = reason}), effective);
  return bytes ? *std::move(bytes) : std::string();
}

Result<std::string> Server::State::Core::encode(const wire::Message& message, wire::Version effective) {
  std::size_t withheld = 0;
  auto bytes = wire::encode_message(message, effective, &withheld);
  if (bytes && withheld > 0) ++counts_.withheld;
  return bytes;
}

void Server::State::Core::send_event(ClientKey client, const wire::MessageDesc& event, wire::Payload payload,
                                     std::optional<MessageId> cause) {
  const auto found = peers_.find(client);
  if (found == peers_.end()) return;
  if (event.since > found->second.effective) {  // this client would not know it
    ++counts_.withheld;
    return;
  }
  auto bytes = encode(wire::make_message(next_id(), options.role, options.peers, Kind::event, event, std::move(payload), std::move(cause)),
                      found->second.effective);
  if (bytes)
    transmit(found->second, *bytes);
  else
    ++counts_.malformed;
}

void Server::State::Core::broadcast_event(const wire::MessageDesc& event, const wire::Payload& payload,
                                          const std::optional<MessageId>& cause) {
  if (peers_.empty()) return;
  const auto message = wire::make_message(next_id(), options.role, options.peers, Kind::event, event, payload, cause);
  // Encoded once for each version that is in effect with somebody; mostly there is one.
  struct Encoded {
    wire::Version effective;
    std::string bytes;
    std::int64_t withheld = 0;
  };
  std::vector<Encoded> encoded;
  for (auto next = peers_.begin(); next != peers_.end();) {
    Peer& peer = next->second;
    ++next;  // transmit may drop this one
    if (event.since > peer.effective) {
      ++counts_.withheld;
      continue;
    }
    auto found = std::ranges::find(encoded, peer.effective, &Encoded::effective);
    if (found == encoded.end()) {
      std::size_t withheld = 0;
      auto bytes = wire::encode_message(message, peer.effective, &withheld);
      if (!bytes) {  // broken for everybody
        ++counts_.malformed;
        return;
      }
      found = encoded.insert(found, {peer.effective, *std::move(bytes), withheld > 0 ? 1 : 0});
    }
    counts_.withheld += found->withheld;
    transmit(peer, found->bytes);
  }
}

std::vector<ClientInfo> Server::State::Core::clients() const {
  std::vector<ClientInfo> all;
  all.reserve(peers_.size());
  for (const auto& [key, peer] : peers_) all.push_back(peer.info);
  return all;
}

CountersReply Server::State::Core::counters() const {
  CountersReply counts = counts_;
  net::ReceiveCounters received;
  for (const auto& gate : gates_) received += gate->counters();
  counts.control_received = static_cast<std::int64_t>(received.control);
  counts.stream_frames_seen = static_cast<std::int64_t>(received.stream_frames);
  counts.telemetry_frames_seen = static_cast<std::int64_t>(received.telemetry_frames);
  return counts;
}

}  // namespace loophole::session
