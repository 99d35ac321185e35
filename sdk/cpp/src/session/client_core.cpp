#include "client_core.hpp"

#include <algorithm>

#include "agreement.hpp"
#include "loophole/core/clock.hpp"
#include "loophole/core/id.hpp"
#include "loophole/frames/kind.hpp"
#include "loophole/messages/registry.hpp"

namespace loophole::session {

using namespace std::chrono_literals;

namespace {

// How many messages are handled before timers and other sockets have their turn.
constexpr int kMaxBatch = 256;
// Calls that may wait for the hello's answer.
constexpr std::size_t kMaxWaiting = 4096;

std::string_view program_of(Role role) {
  return role == Role::signal ? "loophole-signal" : "loophole-pulse";
}

}  // namespace

ClientCore::ClientCore(net::Loop& loop, ClientOptions client_options, std::unique_ptr<net::ControlLink> link)
    : options(std::move(client_options)),
      instance_id(options.instance_id.empty() ? InstanceId(random_id("i")) : options.instance_id),
      loop_(loop),
      own_(own_range(options.max_minor)),
      effective_(newest_of(own_)),
      link_(std::move(link)) {}

MessageId ClientCore::next_id() {
  return MessageId(options.id_prefix + std::to_string(++last_id_));
}

std::string ClientCore::place() const {
  std::string text(seat(options.peer));
  text += options.endpoint.empty() ? " in this process" : " at " + options.endpoint;
  return text;
}

Error ClientCore::lost(std::string_view why) const {
  return make_error(errors::kSessionLost, place() + " " + std::string(why));
}

Error ClientCore::nobody() const {
  if (options.endpoint.empty())
    return make_error(errors::kSessionNotFound, place() + " does not answer; it has ended, or its Loop does not run");
  return make_error(errors::kSessionNotFound, "nobody answers at " + options.endpoint + "; start " + std::string(program_of(options.peer)) +
                                                  " first, or check the session name");
}

Result<void> ClientCore::start() {
  hello_id_ = next_id();
  auto bytes = encode(wire::make_command(hello_id_, options.role, options.peer,
                                         Hello{
                                             .role = options.role,
                                             .client_id = options.client_id,
                                             .instance_id = instance_id,
                                             .software = {.name = options.client_id, .version = options.software_version},
                                             .protocol = own_,
                                             .capabilities = options.capabilities,
                                             .fingerprint = std::string(wire::kModelFingerprint),
                                         }));
  if (!bytes) return bytes.error();
  if (auto sent = transmit(*bytes); !sent) return sent.error();
  link_->watch(loop_, [weak = weak_from_this()] {
    if (const auto core = weak.lock()) core->on_readable();
  });
  hello_timer_ = loop_.after(options.hello_deadline, [weak = weak_from_this()] {
    const auto core = weak.lock();
    if (!core || core->state != PortState::connecting) return;
    core->lose(core->nobody(), Farewell::none);
  });
  return {};
}

// --- calls -------------------------------------------------------------------------------------------------------------------------------

MessageId ClientCore::call(const wire::MessageDesc& command, wire::Payload payload, AnswerHandler on_answer, CallOptions call_options) {
  MessageId id = call_options.again ? *call_options.again : next_id();
  if (state == PortState::closed) {
    fail_later(std::move(on_answer), *close_reason);
    return id;
  }
  if (calls_.contains(id)) {
    fail_later(std::move(on_answer),
               make_error(errors::kSessionCancelled, "the command '" + id.str() + "' still waits for its answer; it was not sent again"));
    return id;
  }
  auto message = wire::make_message(id, options.role, options.peer, Kind::command, command, std::move(payload));
  auto bytes = encode(message);
  if (!bytes) {
    fail_later(std::move(on_answer), std::move(bytes).error());
    return id;
  }
  const net::TimerId timer = arm(id, call_options.deadline);
  calls_.emplace(id, Call{&command, std::move(on_answer), std::move(call_options), timer, ++last_call_});
  if (state == PortState::ready)
    transmit_call(id, *bytes);
  else if (waiting_.size() < kMaxWaiting)
    waiting_.push_back(std::move(message));  // not its bytes: which version is in effect is not known yet
  else
    fail_call(id, make_error(errors::kSessionOverflow, "too many commands wait for " + place() + " to answer the hello"));
  return id;
}

Result<void> ClientCore::transmit(std::string_view bytes) {
  if (link_->continuity() != net::ControlLink::Continuity::whole) return {};  // nobody to hear it; tick() ends this connection
  if (!link_->send(bytes)) {
    ++counts_.overflows;
    return make_error(errors::kSessionOverflow,
                      "the queue to " + place() + " is full because it reads too slowly; the message was not sent");
  }
  ++counts_.control_sent;
  unspoken_ = 0ns;
  return {};
}

void ClientCore::transmit_call(const MessageId& id, std::string_view bytes) {
  if (auto sent = transmit(bytes); !sent) fail_call(id, std::move(sent).error());
}

void ClientCore::fail_call(const MessageId& id, Error error) {
  auto call = calls_.extract(id);
  loop_.cancel(call.mapped().deadline);
  fail_later(std::move(call.mapped().on_answer), std::move(error));
}

void ClientCore::fail_later(AnswerHandler on_answer, Error error) {
  failures_.emplace_back(std::move(on_answer), std::move(error));
  loop_.post([weak = weak_from_this()] {
    if (const auto core = weak.lock()) core->deliver_failures();
  });
}

void ClientCore::deliver_failures() {
  while (!failures_.empty() && !abandoned_) {
    auto [on_answer, error] = std::move(failures_.front());
    failures_.pop_front();
    if (on_answer) on_answer(std::move(error));
  }
}

net::TimerId ClientCore::arm(const MessageId& id, std::chrono::milliseconds deadline) {
  return loop_.after(deadline, [weak = weak_from_this(), id] {
    if (const auto core = weak.lock()) core->timed_out(id);
  });
}

void ClientCore::timed_out(const MessageId& id) {
  auto extracted = calls_.extract(id);
  if (!extracted) return;
  const Call& call = extracted.mapped();
  std::string message = place();
  message += call.progressed ? " said nothing more about " : " did not answer ";
  message += call.desc->name;
  message += " within " + std::to_string(call.options.deadline.count()) + " ms; it may still be executed";
  if (call.on_answer) call.on_answer(make_error(errors::kSessionTimeout, std::move(message)));
}

Result<std::string> ClientCore::encode(const wire::Message& message) {
  std::size_t withheld = 0;
  auto bytes = wire::encode_message(message, effective_, &withheld);
  if (bytes && withheld > 0) ++counts_.withheld;
  return bytes;
}

// --- receiving ---------------------------------------------------------------------------------------------------------------------------

void ClientCore::on_readable() {
  for (int i = 0; i < kMaxBatch && link_; ++i) {
    const auto bytes = link_->receive();
    if (!bytes) return;
    take(*bytes);
  }
}

void ClientCore::take(const std::string& bytes) {
  silent_ = 0ns;
  const auto plane = frames::plane_of(frames::classify(bytes_of(bytes)));
  if (plane && *plane != topology::Plane::control) {  // a frame of another plane; the connection counted which
    ++counts_.refused;
    return;
  }
  wire::Salvage salvage;
  auto message = wire::decode_message(bytes, {.effective = effective_}, &salvage);
  if (!message) return take_undecodable(message.error(), salvage);
  if (message->ignored > 0) ++counts_.newer;
  if (message->header.origin != options.peer || message->header.target != options.role) {
    ++counts_.refused;
    return;
  }
  switch (message->header.kind) {
    case Kind::reply:
    case Kind::error:
      return take_answer(*std::move(message));
    case Kind::event:
      return take_event(*message);
    case Kind::command:  // nobody commands this side
      ++counts_.refused;
      return;
  }
}

// The caller need not wait for its deadline when the answer is there and cannot be read.
void ClientCore::take_undecodable(const Error& error, const wire::Salvage& salvage) {
  const bool readable = is(error, errors::kEnvelopeWrongRoute) || is(error, errors::kEnvelopeUnknownName);
  ++(readable ? counts_.refused : counts_.malformed);
  if (is(error, errors::kEnvelopeUnknownName)) ++counts_.newer;
  if (!salvage.cid || (salvage.kind != Kind::reply && salvage.kind != Kind::error)) return;
  Error fault = make_error(errors::kInternalFault, "the answer of " + place() + " cannot be read: " + loophole::to_string(error));
  if (*salvage.cid == hello_id_ && state == PortState::connecting) return lose(std::move(fault), Farewell::none);
  if (auto call = calls_.extract(*salvage.cid)) {
    loop_.cancel(call.mapped().deadline);
    if (call.mapped().on_answer) call.mapped().on_answer(std::move(fault));
  }
}

void ClientCore::take_answer(wire::Message message) {
  if (!message.header.cid) {  // an error of its own: nobody waits for it
    ++counts_.refused;
    return;
  }
  if (*message.header.cid == hello_id_ && state == PortState::connecting) return take_hello(std::move(message));
  // The peer does not know us any more: it was started again, or gave us up while we could not listen.
  if (state == PortState::ready && message.error && is(*message.error, errors::kSessionHelloRequired))
    return lose(lost("does not know this connection any more; connect again"), Farewell::none);
  auto call = calls_.extract(*message.header.cid);
  if (!call) {
    ++counts_.refused;  // after its deadline
    return;
  }
  loop_.cancel(call.mapped().deadline);
  const AnswerHandler on_answer = std::move(call.mapped().on_answer);
  if (!on_answer) return;
  if (message.error) return on_answer(*std::move(message.error));
  if (message.header.name == call.mapped().desc->name) return on_answer(std::move(message.payload));
  ++counts_.malformed;
  on_answer(make_error(errors::kInternalFault,
                       place() + " answered " + std::string(call.mapped().desc->name) + " with a reply to " + message.header.name));
}

void ClientCore::take_hello(wire::Message message) {
  if (message.error) return lose(*std::move(message.error), Farewell::none);
  const auto* reply = message.as<HelloReply>();
  if (reply == nullptr) return lose(lost("answered the hello with something else"), Farewell::none);
  if (auto accepted = accept(own_, reply->protocol, place()); !accepted) return lose(std::move(accepted).error(), Farewell::closing);
  hello = *reply;
  effective_ = to_wire(reply->protocol);
  loop_.cancel(hello_timer_);
  state = PortState::ready;

  const Duration lease = std::chrono::milliseconds(reply->lease_ms);
  const Duration interval = std::chrono::milliseconds(reply->heartbeat_interval_ms);
  tick_interval_ = std::max<Duration>(std::min<Duration>(interval / 2, lease / 8), 2ms);
  last_tick_ = Clock::now();
  silent_ = 0ns;
  tick_timer_ = loop_.every(tick_interval_, [weak = weak_from_this()] {
    if (const auto core = weak.lock()) core->tick();
  });
  for (const wire::Message& waiting : std::exchange(waiting_, {})) {
    const MessageId& id = waiting.header.id;
    if (!calls_.contains(id)) continue;  // its deadline is over
    if (auto bytes = encode(waiting))
      transmit_call(id, *bytes);
    else
      fail_call(id, std::move(bytes).error());
  }
  if (on_state) on_state(PortState::ready);
}

void ClientCore::take_event(const wire::Message& message) {
  if (message.as<Heartbeat>() != nullptr) return;
  if (const auto* goodbye = message.as<Goodbye>()) {
    std::string why = goodbye->message ? ": " + *goodbye->message : "";
    switch (goodbye->reason) {
      case GoodbyeReason::overflow:
        return lose(
            make_error(errors::kSessionOverflow, place() + " ended the connection because this side read too slowly; connect again"),
            Farewell::none);
      case GoodbyeReason::lease_expired:
        return lose(lost("heard nothing from this side for longer than the lease; connect again"), Farewell::none);
      case GoodbyeReason::restarting:
        return lose(lost("ended the connection and will be back" + why), Farewell::none);
      case GoodbyeReason::closing:
      case GoodbyeReason::unknown:
        return lose(lost("ended the connection" + why), Farewell::none);
    }
  }
  if (state != PortState::ready) {
    ++counts_.refused;
    return;
  }
  if (const auto* progress = message.as<operation::Progress>()) return take_progress(message.header.cid, *progress);
  if (on_event) on_event(message);
}

void ClientCore::take_progress(const std::optional<MessageId>& id, const operation::Progress& progress) {
  const auto found = id ? calls_.find(*id) : calls_.end();
  if (found == calls_.end()) {
    ++counts_.refused;  // after its deadline
    return;
  }
  Call& call = found->second;
  call.progressed = true;
  loop_.cancel(call.deadline);
  call.deadline = arm(*id, call.options.deadline);
  if (const auto handler = call.options.on_progress) handler(progress);  // a copy: the call may end in it
}

// --- liveness and end --------------------------------------------------------------------------------------------------------------------

void ClientCore::tick() {
  const auto now = Clock::now();
  const Duration elapsed = now - std::exchange(last_tick_, now);
  if (link_->continuity() == net::ControlLink::Continuity::another)
    return lose(lost("is connected to anew, and does not know this side any more; connect again"), Farewell::none);
  silent_ += std::min<Duration>(elapsed, 2 * tick_interval_);  // what we slept through is not the peer's silence
  unspoken_ += elapsed;
  if (silent_ > std::chrono::milliseconds(hello->lease_ms))
    return lose(lost("has been silent for more than " + std::to_string(hello->lease_ms) + " ms"), Farewell::lease_expired);
  if (unspoken_ + tick_interval_ / 2 < std::chrono::milliseconds(hello->heartbeat_interval_ms)) return;
  auto bytes = encode(wire::make_event(next_id(), options.role, options.peer, Heartbeat{.sequence = heartbeats_++}));
  if (bytes) static_cast<void>(transmit(*bytes));
}

void ClientCore::end(Error reason, Farewell farewell) {
  if (farewell != Farewell::none && link_) {
    const GoodbyeReason why = farewell == Farewell::closing ? GoodbyeReason::closing : GoodbyeReason::lease_expired;
    // Before an agreement the oldest version is the only one that the peer surely has.
    auto bytes = wire::encode_message(wire::make_event(next_id(), options.role, options.peer, Goodbye{.reason = why}),
                                      hello ? effective_ : wire::kOldestProtocol);
    if (bytes) static_cast<void>(transmit(*bytes));
  }
  state = PortState::closed;
  close_reason = std::move(reason);
  loop_.cancel(hello_timer_);
  loop_.cancel(tick_timer_);
  if (link_) {
    link_->unwatch(loop_);
    received_ += link_->counters();
    link_.reset();
  }
  waiting_.clear();
  std::vector<Call> open;
  for (auto& [id, call] : std::exchange(calls_, {})) open.push_back(std::move(call));
  std::sort(open.begin(), open.end(), [](const Call& a, const Call& b) { return a.order < b.order; });
  for (Call& call : open) {
    loop_.cancel(call.deadline);
    failures_.emplace_back(std::move(call.on_answer), *close_reason);
  }
}

void ClientCore::tell_closed() {
  deliver_failures();
  if (!abandoned_ && on_state) on_state(PortState::closed);
}

void ClientCore::lose(Error reason, Farewell farewell) {
  if (state == PortState::closed) return;
  end(std::move(reason), farewell);
  tell_closed();
}

void ClientCore::close() {
  if (state == PortState::closed) return;
  end(make_error(errors::kSessionCancelled, "this side closed the connection to " + place()), Farewell::closing);
  loop_.post([weak = weak_from_this()] {
    if (const auto core = weak.lock()) core->tell_closed();
  });
}

void ClientCore::abandon() {
  abandoned_ = true;
  if (state != PortState::closed) end(make_error(errors::kSessionCancelled, "this side ended"), Farewell::closing);
  // Not called, but destroyed outside of the queue: what they captured may come back to the Loop.
  const auto dropped = std::exchange(failures_, {});
}

CountersReply ClientCore::counters() const {
  net::ReceiveCounters received = received_;
  if (link_) received += link_->counters();
  CountersReply counts = counts_;
  counts.control_received = static_cast<std::int64_t>(received.control);
  counts.stream_frames_seen = static_cast<std::int64_t>(received.stream_frames);
  counts.telemetry_frames_seen = static_cast<std::int64_t>(received.telemetry_frames);
  counts.malformed += static_cast<std::int64_t>(received.oversized);
  return counts;
}

}  // namespace loophole::session
