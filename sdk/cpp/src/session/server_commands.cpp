// What clients say: decoding, commands, repeated commands, answers.
#include <algorithm>
#include <utility>

#include "agreement.hpp"
#include "loophole/frames/kind.hpp"
#include "loophole/messages/registry.hpp"
#include "server_core.hpp"

namespace loophole::session {

namespace {

// How many messages are handled before timers and other sockets have their turn; also the size of a batch.
constexpr int kMaxBatch = 256;
// When one client has been worked for this long, the batch ends where the command of another waits for that: what a client asks is not
// answered later because another one asks without end.
constexpr std::chrono::microseconds kShareOfBatch{250};

// Handlers know payloads and point into these; on the wire pointers begin at the message.
Error in_the_message(Error error) {
  constexpr std::string_view kPayload = "/payload";
  if (error.pointer && !error.pointer->starts_with(kPayload)) error.pointer->insert(0, kPayload);
  return error;
}

// Name in the answer to a message whose own name could not be read.
constexpr std::string_view kNamelessName = "unknown";

}  // namespace

void Server::State::Core::on_readable(std::size_t gate) {
  bool dry = false;
  for (int i = 0; i < kMaxBatch && !ended(); ++i) {
    auto incoming = gates_[gate]->receive();
    dry = !incoming;
    if (dry) break;
    const Address from{.gate = gate, .key = std::move(incoming->peer)};
    const auto begin = std::chrono::steady_clock::now();
    take(from, *incoming);
    if ((batch_[from].work += std::chrono::steady_clock::now() - begin) >= kShareOfBatch &&
        std::any_of(batch_.begin(), batch_.end(), [&](const auto& other) { return other.second.waits && other.first != from; }))
      break;
  }
  const bool waits = std::any_of(batch_.begin(), batch_.end(), [](const auto& client) { return client.second.waits; });
  batch_.clear();
  if (dry)
    for (const ClientKey client : unreachable_at(gate)) give_up(client, GoodbyeReason::lease_expired, Notify::now);
  else if (!ended() && !unreachable_at(gate).empty())
    hear_out(gate);
  if (waits && !ended() && on_batch_end) on_batch_end();
}

void Server::State::Core::take(const Address& from, const net::ControlGate::Incoming& incoming) {
  wire::Version effective = newest_of(own_);
  if (Peer* peer = find(from)) {
    peer->silent = Duration{0};
    effective = peer->effective;
  }
  const auto plane = frames::plane_of(frames::classify(bytes_of(incoming.bytes)));
  if (plane && *plane != topology::Plane::control) {  // a frame of another plane; the gate counted which
    ++counts_.refused;
    return;
  }
  wire::Salvage salvage;
  const wire::DecodeLimits limits{.max_bytes = options.socket.max_bytes, .effective = effective};
  auto message = wire::decode_message(incoming.bytes, limits, &salvage);
  if (incoming.oversized) {
    if (message) salvage = {.id = message->header.id, .cid = {}, .name = message->header.name, .kind = message->header.kind, .origin = {}};
    const std::string limit = std::to_string(options.socket.max_bytes);
    take_undecodable(
        from, make_error(errors::kEnvelopeTooLarge, "the message is larger than the " + limit + " bytes told in the hello; split it"),
        salvage);
  } else if (!message) {
    take_undecodable(from, message.error(), salvage);
  } else {
    // A hello is said before the versions are known, so it may well have something newer.
    if (message->ignored > 0 && message->as<Hello>() == nullptr) ++counts_.newer;
    take_message(from, *message);
  }
}

// A command is answered where its id could be read. An answer never is, or two peers could go on like that forever, and an event has
// nobody who waits.
void Server::State::Core::take_undecodable(const Address& from, const Error& error, const wire::Salvage& salvage) {
  const bool readable = is(error, errors::kEnvelopeWrongRoute) || is(error, errors::kEnvelopeUnknownName);
  ++(readable ? counts_.refused : counts_.malformed);
  if (is(error, errors::kEnvelopeUnknownName)) ++counts_.newer;
  if (!salvage.id || salvage.kind.value_or(Kind::command) != Kind::command) return;
  wire::Message message;
  message.header.id = *salvage.id;
  message.header.origin = options.peers;
  message.header.target = options.role;
  message.header.name = salvage.name.value_or(std::string(kNamelessName));
  message.desc = wire::find_message(message.header.name);
  answer_at(from, wire::make_error_reply(next_id(), message, error));
}

void Server::State::Core::answer_at(const Address& address, wire::Message answer) {
  Peer* const peer = find(address);
  const std::string bytes = encode_answer(std::move(answer), peer == nullptr ? wire::kOldestProtocol : peer->effective);
  if (peer != nullptr)
    transmit(*peer, bytes);
  else if (send_to(address, bytes) == SendOutcome::sent)
    ++counts_.control_sent;
}

void Server::State::Core::refuse(const Address& address, const wire::Message& message, Error error) {
  ++counts_.refused;
  if (message.header.kind != Kind::command) return;
  answer_at(address, wire::make_error_reply(next_id(), message, std::move(error)));
}

void Server::State::Core::take_message(const Address& from, const wire::Message& message) {
  const envelope::Header& header = message.header;
  if (header.origin != options.peers || header.target != options.role)
    return refuse(from, message,
                  make_error(errors::kEnvelopeWrongRoute,
                             header.name + " says from " + std::string(seat(header.origin)) + " to " + std::string(seat(header.target)) +
                                 ", but here " + std::string(seat(options.peers)) + " speaks to " + std::string(seat(options.role))));
  if (message.as<Hello>() != nullptr && header.kind == Kind::command) return take_hello(from, message);

  Peer* peer = find(from);
  if (peer == nullptr)
    return refuse(from, message,
                  make_error(errors::kSessionHelloRequired, "the first message of a connection must be session.hello, not " + header.name));
  if (header.kind == Kind::command) return take_command(*peer, message);
  if (message.as<Heartbeat>() != nullptr) return;
  if (const auto* end = message.as<Goodbye>()) return give_up(peer->info.key, end->reason, Notify::now);
  ++counts_.refused;  // answers to nothing that was asked, and events that nobody here wants
}

void Server::State::Core::take_command(Peer& peer, const wire::Message& message) {
  const envelope::Header& header = message.header;
  const ClientKey client = peer.info.key;
  const InstanceId instance = peer.info.hello.instance_id;
  RememberedAnswers& answers = instance_of(instance).answers;
  switch (answers.arrived(header.id, client)) {
    case RememberedAnswers::Seen::first:
      break;
    case RememberedAnswers::Seen::open:
      ++counts_.duplicates;
      return;
    case RememberedAnswers::Seen::answered:
      ++counts_.duplicates;
      transmit(peer, answers.answer(header.id));
      return;
  }

  auto state = std::make_unique<Pending::State>();
  state->core = weak_from_this();
  state->client = client;
  state->instance = instance;
  state->effective = peer.effective;
  state->command = message;
  Pending pending(std::move(state));

  if (message.as<Describe>() != nullptr) return pending.reply(wire::Payload::of(description(peer)));
  if (message.as<Counters>() != nullptr) {
    CountersReply counts = counters();
    if (on_counters) on_counters(counts);
    return pending.reply(wire::Payload::of(std::move(counts)));
  }
  const auto handler = handlers.find(header.name);
  if (handler == handlers.end()) return pending.fail(make_error(errors::kEnvelopeUnknownName, place() + " does not handle " + header.name));
  batch_[peer.address].waits = true;
  handler->second(std::move(pending));
}

DescribeReply Server::State::Core::description(const Peer& peer) const {
  DescribeReply reply{.handles = {}, .sends = {}, .protocol = peer.info.protocol, .fingerprint = std::string(wire::kModelFingerprint)};
  // By name, as the registry has them.
  for (const wire::MessageDesc* desc : wire::all_messages()) {
    if (desc->since > peer.effective) continue;
    if (desc->kind == Kind::event) {
      if (desc->allows(options.role, options.peers)) reply.sends.emplace_back(desc->name);
      continue;
    }
    const bool own = desc->name == Hello::kName || desc->name == Describe::kName || desc->name == Counters::kName;
    if (desc->allows(options.peers, options.role) && (own || handlers.contains(desc->name))) reply.handles.emplace_back(desc->name);
  }
  return reply;
}

void Server::State::Core::tell_progress(const Pending::State& pending, operation::Progress progress) {
  const auto instance = instances_.find(pending.instance);
  if (ended() || instance == instances_.end()) return;
  const MessageId& command = pending.command.header.id;
  // Whoever waits for the answer: that may be another connection of the same program by now.
  for (const ClientKey waiting : instance->second.answers.waiting(command))
    send_event(waiting, wire::MessageOf<operation::Progress>::desc(), wire::Payload::of(progress), command);
}

void Server::State::Core::finish(Pending::State& pending, std::optional<Result<wire::Payload>> answer) {
  if (ended()) return;
  const wire::Message& command = pending.command;
  if (!answer) answer = make_error(errors::kInternalFault, command.header.name + " was not answered by its handler");
  if (!*answer) answer = in_the_message(std::move(*answer).error());
  const std::string bytes = encode_answer(*answer ? wire::make_reply(next_id(), command, **std::move(answer))
                                                  : wire::make_error_reply(next_id(), command, std::move(*answer).error()),
                                          pending.effective);
  const auto instance = instances_.find(pending.instance);
  if (instance == instances_.end()) return;  // gone for so long that it was forgotten
  for (const ClientKey owed : instance->second.answers.answered(command.header.id, bytes, command.desc->idempotent))
    if (const auto peer = peers_.find(owed); peer != peers_.end()) transmit(peer->second, bytes);
}

// An answer always leaves: one that is too large or breaks the schema becomes an error that says so.
std::string Server::State::Core::encode_answer(wire::Message message, wire::Version effective) {
  auto bytes = encode(message, effective);
  if (bytes) return *std::move(bytes);
  const std::string what = "the answer to " + message.header.name + " cannot be sent: " + loophole::to_string(bytes.error());
  Error fault = is(bytes.error(), errors::kEnvelopeTooLarge) ? make_error(errors::kEnvelopeTooLarge, what + "; ask for less")
                                                             : make_error(errors::kInternalFault, what);
  message.header.kind = Kind::error;
  message.payload = {};
  message.error = std::move(fault);
  auto again = encode(message, effective);
  return again ? *std::move(again) : std::string();
}

}  // namespace loophole::session
