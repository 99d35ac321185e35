#include "trial/client.hpp"

#include <algorithm>

#include "loophole/core/id.hpp"
#include "loophole/frames/kind.hpp"
#include "loophole/messages/operation.hpp"

namespace loophole::conformance {
namespace {

constexpr int kMessagesAtOnce = 512;  // a flood must not keep the suite from looking at the time

std::string bounded(const std::string& text) {
  return text.size() <= 1'200 ? text : text.substr(0, 1'200) + "…";
}

}  // namespace

std::string Answer::text() const {
  if (!received_) return nothing_;
  if (const Error* fault = error()) return "error " + loophole::to_string(*fault) + "\n" + bounded(received_->raw);
  return (message() == nullptr ? std::string("what cannot be decoded:\n") : std::string()) + bounded(received_->raw);
}

Client::Client(Trial& trial, Role role, Role peer, std::string name, std::size_t number, std::unique_ptr<Lane> lane)
    : trial_(trial),
      role_(role),
      peer_(peer),
      name_(std::move(name)),
      id_prefix_(number == 1 ? "c" : "c" + std::to_string(number) + "-"),
      instance_(random_id("i")),
      lane_(std::move(lane)) {
  if (number > 1) name_ += " " + std::to_string(number);
}
Client::~Client() = default;

std::string Client::next_id() {
  return id_prefix_ + std::to_string(++next_id_);
}

std::string Client::encoded(const wire::Message& message) {
  auto text = wire::encode_message(message);
  if (!text) throw SuiteFault("the suite would send an invalid " + message.header.name + ": " + loophole::to_string(text.error()));
  return *std::move(text);
}

session::Hello Client::own_hello() const {
  return {.role = role_,
          .client_id = "loophole-conformance",
          .instance_id = InstanceId(instance_),
          .software = {.name = "loophole-conformance", .version = LOOPHOLE_VERSION},
          .protocol = {.major = 1, .min_minor = 0, .max_minor = 0},
          .capabilities = trial_.setting().capabilities,
          .fingerprint = {}};
}

Answer Client::hello(const session::Hello& said) {
  Answer answer = call(said);
  if (const auto* reply = answer.as<session::HelloReply>();
      reply != nullptr && reply->role == peer_ && (reply->engine || peer_ != Role::signal)) {
    reply_ = *reply;
    last_sent_ = std::chrono::steady_clock::now();  // the lease begins with the answer, however long it took
    memory_.effective = {.major = static_cast<std::uint16_t>(reply->protocol.major),
                         .minor = static_cast<std::uint16_t>(reply->protocol.minor)};
    trial_.greeted(reply->engine ? static_cast<std::uint64_t>(reply->engine->epoch) : 0, Milliseconds(reply->lease_ms));
  }
  return answer;
}

void Client::greet() {
  const Answer answer = hello();
  if (!reply_) throw CaseEnded("the hello was not answered as it should be: " + answer.text());
}

// What the suite sends is looked at by the same tables as what it gets, so that a mistake of its own is not blamed on the peer.
void Client::send_text(const std::string& text, Meant meant) {
  if (left_) throw SuiteFault(name_ + " sends after it disconnected");
  trial_.beat();
  wire::Salvage salvage;
  const auto decoded = wire::decode_message(text, {}, &salvage);
  if (!decoded && meant == Meant::valid)
    throw SuiteFault("the suite sends an invalid message: " + loophole::to_string(decoded.error()) + "\n" + text);
  const std::string id = decoded ? decoded->header.id.value : salvage.id ? salvage.id->value : std::string();
  const Kind kind = decoded ? decoded->header.kind : salvage.kind.value_or(Kind::command);
  if (id.empty()) memory_.sent_garbage = true;
  if (kind == Kind::command && !id.empty()) {
    memory_.sent[id] = decoded ? decoded->header.name : salvage.name.value_or("");
    ++memory_.open[id];
    trial_.rules_.asked(id);
  }
  trial_.note("control", "sent", name_, text, meant == Meant::wrong);
  if (!lane_->send({text})) throw CaseEnded("the peer no longer reads: the queue to it is full");
  last_sent_ = std::chrono::steady_clock::now();
}

void Client::send_parts(const Parts& parts) {
  std::string text = std::to_string(parts.size()) + " parts:";
  for (const std::string& part : parts) text += " [" + bounded(part) + "]";
  trial_.note("control", "sent", name_, text, true);
  memory_.sent_garbage = true;
  if (!lane_->send(parts)) throw CaseEnded("the peer no longer reads: the queue to it is full");
  last_sent_ = std::chrono::steady_clock::now();
}

Answer Client::answer(const std::string& id, std::optional<Milliseconds> bound) {
  std::shared_ptr<const Received> found;
  (void)trial_.wait([&] { return (found = taken_answer(id)) != nullptr; }, bound);
  return {std::move(found), "no answer within " + std::to_string((bound ? *bound : trial_.patience()).count()) + " ms"};
}

std::shared_ptr<const Received> Client::taken_answer(const std::optional<std::string>& id) {
  for (auto at = answers_.begin(); at != answers_.end(); ++at) {
    const std::optional<MessageId>& cid = (*at)->message ? (*at)->message->header.cid : (*at)->salvage.cid;
    if (id ? (!cid || cid->value != *id) : (!(*at)->message || cid)) continue;
    std::shared_ptr<const Received> found = *at;
    answers_.erase(at);
    return found;
  }
  return nullptr;
}

Answer Client::come(const std::string& id) {
  return {taken_answer(id), "no answer yet"};
}

Answer Client::nameless_answer() {
  std::shared_ptr<const Received> found;
  (void)trial_.wait([&] { return (found = taken_answer({})) != nullptr; });
  return {std::move(found), "no error without cid"};
}

Answer Client::answer_beyond_limit(const std::string& id) {
  std::shared_ptr<const Received> found;
  (void)trial_.wait([&] { return (found = taken_answer(id)) != nullptr || (found = taken_answer({})) != nullptr; });
  return {std::move(found), "no answer within " + std::to_string(trial_.patience().count()) + " ms, with its id or without one"};
}

void Client::disconnect() {
  lane_.reset();
  left_ = true;
  trial_.note("control", "note", name_, "disconnects without a word");
}

void Client::pump() {
  if (left_) return;
  for (int n = 0; reads_ && n < kMessagesAtOnce; ++n) {
    auto parts = lane_->receive();
    if (!parts) break;
    if (parts->size() != 1) {
      trial_.note("control", "received", name_, std::to_string(parts->size()) + " parts");
      trial_.violated({{"FRM-2", "a control message of " + std::to_string(parts->size()) + " parts"}});
      continue;
    }
    take(std::move(parts->front()));
    trial_.beat();  // a large message takes its time
  }
  beat();
}

void Client::take(std::string raw) {
  ++received_;
  trial_.note("control", "received", name_, raw);
  if (keeps_texts_) texts_ += raw;
  std::vector<Violation> violations;
  auto received = std::make_shared<Received>(trial_.rules_.hear(std::move(raw), peer_, role_, memory_, violations));
  trial_.violated(violations);
  if (!received->message) {
    if (received->salvage.kind != Kind::event) ++answered_;
    if (received->salvage.cid) answers_.push_back(std::move(received));
    return;
  }
  const wire::Message& message = *received->message;
  ids_.insert(message.header.id.value);
  if (message.as<session::Heartbeat>() != nullptr) return;
  if (message.header.kind != Kind::event) ++answered_;
  // Progress may come any number of times before an answer, so it has no place in an order.
  if (message.as<operation::Progress>() == nullptr)
    order_.push_back(message.header.name + " " + std::string(to_string(message.header.kind)));
  if (const auto* goodbye = message.as<session::Goodbye>()) goodbye_ = *goodbye;
  heard(message);
  if (message.header.kind == Kind::event)
    events_.put(std::move(received));
  else
    answers_.push_back(std::move(received));
}

void Client::beat() {
  if (left_ || silent_ || !reply_ || goodbye_) return;
  const auto interval = std::chrono::milliseconds(std::max<std::int64_t>(reply_->heartbeat_interval_ms / 2, 1));
  const auto silence = std::chrono::steady_clock::now() - last_sent_;
  if (silence < interval) return;
  const bool held_up = silence >= Milliseconds(reply_->lease_ms) && !full_;
  // Not in the transcript: it would be most of it.
  full_ = !lane_->send({encoded(wire::make_event(MessageId(next_id()), role_, peer_, session::Heartbeat{.sequence = beats_}))});
  if (full_) return;
  ++beats_;
  last_sent_ = std::chrono::steady_clock::now();
  if (held_up) trial_.was_held_up(name_, silence);
}

void Aura::follow() {
  const Answer answer = call(project::Snapshot{});
  const auto* snapshot = answer.as<project::SnapshotReply>();
  if (snapshot == nullptr) throw CaseEnded("project.snapshot is not answered: " + answer.text());
  mirror_.take(*snapshot);
}

std::optional<std::string> Aura::differs() {
  const Answer answer = call(project::Snapshot{});
  if (answer.as<project::SnapshotReply>() == nullptr) return "project.snapshot is not answered: " + answer.text();
  return difference_;
}

// Compared when it comes: what comes after it is no longer in it.
void Aura::heard(const wire::Message& message) {
  if (const auto* changed = message.as<project::Changed>()) {
    if (const auto fault = mirror_.take(*changed)) trial_.violated({{fault->starts_with("revision") ? "MODEL-1" : "MODEL-11", *fault}});
  } else if (message.as<project::Opened>() != nullptr || message.as<project::Closed>() != nullptr) {
    mirror_ = {};  // until the next snapshot
  } else if (const auto* snapshot = message.as<project::SnapshotReply>()) {
    difference_ = mirror_.difference(*snapshot);
  }
}

}  // namespace loophole::conformance
