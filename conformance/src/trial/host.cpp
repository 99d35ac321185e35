#include "trial/host.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "loophole/core/id.hpp"
#include "loophole/messages/registry.hpp"
#include "trial/song.hpp"

namespace loophole::conformance {
namespace {

constexpr const char* kSession = "default";

// Of a message that only Pulse may send to Signal.
bool of_engine(std::string_view name) {
  const wire::MessageDesc* desc = wire::find_message(name);
  return desc != nullptr && desc->kind == loophole::Kind::command && desc->allows(Role::pulse, Role::signal) &&
         !desc->allows(Role::aura, Role::pulse);
}

}  // namespace

Host::Host(Trial& trial) : trial_(trial) {
  model_.take(project::SnapshotReply{.revision = 4, .path = {}, .project = song::project()});
  epoch_ = 1'000 + static_cast<Epoch>(::getpid()) % 1'000;
}
Host::~Host() = default;

// --- The process of Pulse

void Host::rise() {
  const bool moves = endpoint_.empty() || has(trial_.setting().command, "{session}");
  if (moves) endpoint_ = trial_.other_endpoints().project;
  instance_ = random_id("i");
  std::string error;
  // The socket goes away a moment after it was closed.
  const bool bound = trial_.wait([&] {
    const mode_t before = ::umask(0177);
    lane_ = Lane::bind(trial_.lanes_, Lane::Kind::router, endpoint_, error);
    ::umask(before);
    return lane_ != nullptr;
  });
  if (!bound) throw SuiteFault(error);
  if (deck_ == nullptr) engine_returns();
  write_session_file(session_file());
  trial_.note("process", "note", "pulse", "a Pulse is there, at " + endpoint_);
}

void Host::die() {
  trial_.note("process", "note", "pulse", "Pulse dies");
  write_session_file(std::nullopt);
  lane_.reset();
  guests_.clear();
  peer_.clear();
  held_.clear();
  order_.clear();
  inbox_.clear();
  goodbye_.reset();
  forget_gestures(Milliseconds(lease_ms));  // a death says nothing: it is the silence that ends the connection
  if (deck_ != nullptr) {
    deck_->die();
    old_decks_.push_back(std::move(deck_));
  }
}

session::SessionFile Host::session() const {
  session::SessionFile file{.name = kSession,
                            .process_id = ::getpid(),
                            .project_endpoint = endpoint_,
                            .software = {.name = "loophole-conformance", .version = LOOPHOLE_VERSION},
                            .protocol = {.major = 1, .min_minor = 0, .max_minor = 0},
                            .engine_process_id = 0,
                            .engine = {}};
  return file;
}

std::string Host::session_file() const {
  return *wire::to_json(session());
}

void Host::write_session_file(const std::optional<std::string>& text) {
  const auto folder = trial_.runtime_folder() / kSession;
  const auto file = folder / "session.json";
  std::error_code ignored;
  if (!text) {
    std::filesystem::remove(file, ignored);
    return;
  }
  std::filesystem::create_directory(folder, ignored);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  const auto beside = folder / "session.json.new";
  std::ofstream(beside, std::ios::binary) << *text;
  std::filesystem::permissions(beside, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::rename(beside, file);
}

// --- The engine

Deck& Host::deck() {
  if (deck_ == nullptr) throw SuiteFault("the suite's Pulse has no engine just now");
  return *deck_;
}

engine::Changed Host::engine_state() const {
  engine::Changed now{.state = deck_ != nullptr ? engine::EngineState::running : engine::EngineState::lost,
                      .reason = deck_ != nullptr ? "it runs" : "it was ended by signal 9",
                      .restarts = restarts_,
                      .effective = {},
                      .latency_frames = {},
                      .link = {}};
  if (deck_ == nullptr) return now;
  now.effective = engine::Effective{
      .driver = engine::Driver::paced, .device = "none", .sample_rate_hz = 48'000, .block_frames = 256, .output_latency_frames = 0};
  now.latency_frames = 0;
  now.link = deck_->link();
  return now;
}

void Host::engine_dies() {
  trial_.note("process", "note", "signal", "the engine dies");
  deck().die();
  old_decks_.push_back(std::move(deck_));
  for (const Held& one : gestures_) streams_.over(one.streams.back(), "GEST-51", soon_after());
  tell(engine_state());
}

void Host::engine_returns() {
  ++epoch_;
  const bool again = !old_decks_.empty();
  if (again) ++restarts_;
  const Endpoints at = trial_.other_endpoints();
  deck_ = std::make_unique<Deck>(trial_, streams_,
                                 session::EngineLink{.epoch = epoch_, .stream_endpoint = at.stream, .telemetry_endpoint = at.telemetry},
                                 song::meters(project()));
  if (!again || lane_ == nullptr) return;
  tell(engine_state());
  for (Held& one : gestures_) {
    one.streams.emplace_back(random_hex64());
    newest_stream_ = one.streams.back();
    streams_.granted(one.streams.back(), epoch_, one.targets);
    const auto resumed =
        wire::make_event(MessageId(next_id()), Role::pulse, Role::aura,
                         parameter::GestureResumed{.gesture_id = one.id, .stream_id = one.streams.back(), .link = deck_->link()});
    const std::string text = encoded(resumed);
    trial_.note("control", "sent", "pulse", text);
    send(one.from, text);
  }
}

std::size_t Host::frames_at_old_endpoints() const {
  std::size_t all = 0;
  for (const auto& one : old_decks_) all += one->frames();
  return all;
}

// --- What arrives

std::vector<Lane*> Host::lanes() const {
  std::vector<Lane*> all;
  if (lane_ != nullptr) all.push_back(lane_.get());
  const auto add = [&all](const Deck& one) {
    for (Lane* lane : one.lanes()) all.push_back(lane);
  };
  if (deck_ != nullptr) add(*deck_);
  for (const auto& one : old_decks_) add(*one);
  return all;
}

void Host::pump() {
  // Frames first: what the peer sent before it ended a gesture is taken before the end is.
  if (deck_ != nullptr) deck_->pump();
  for (const auto& one : old_decks_) one->pump();
  while (lane_ != nullptr) {
    auto parts = lane_->receive();
    if (!parts) break;
    if (parts->size() != 2) {
      trial_.note("control", "received", "pulse", std::to_string(parts->size() - 1) + " parts");
      trial_.violated({{"FRM-2", "a control message of " + std::to_string(parts->size() - 1) + " parts"}});
      continue;
    }
    take(parts->front(), std::move(parts->back()));
  }
  if (!silent_ && !held_.empty()) {  // what came while nothing was said
    const auto waiting = std::move(held_);
    held_.clear();
    for (const auto& [received, from] : waiting)
      if (ways_.holds(received->message->header.name))
        held_.emplace_back(received, from);
      else
        answer(received, from);
  }
  beat();
}

void Host::take(const std::string& from, std::string raw) {
  ++received_;
  const bool beat_only = raw.find("\"session.heartbeat\"") != std::string::npos;
  if (!beat_only) trial_.note("control", "received", "pulse", raw);
  Guest& guest = guests_[from];
  std::vector<Violation> violations;
  auto received = std::make_shared<Received>(rules_.hear(std::move(raw), Role::aura, Role::pulse, guest.memory, violations));
  const std::string name = received->message        ? received->message->header.name
                           : received->salvage.name ? *received->salvage.name
                                                    : std::string();
  for (Violation& one : violations)
    if (one.requirement == "ENV-3" && of_engine(name)) one = {"ENG-2", name + " is a command for engines"};
  if (beat_only && !violations.empty()) trial_.note("control", "received", "pulse", received->raw);
  trial_.violated(violations);
  ++guest.heard;
  if (!received->message) return;
  const wire::Message& message = *received->message;
  judge(guest, message);
  if (message.as<session::Heartbeat>() != nullptr) {
    ++heartbeats_;
    return;
  }
  order_.push_back(message.header.name);
  if (const auto* said = message.as<session::Goodbye>()) {
    goodbye_ = *said;
    guest.instance.reset();
    if (peer_ == from) peer_.clear();
    for (const Held& one : gestures_)
      if (one.from == from) streams_.over(one.streams.back(), "GEST-52", soon_after());
    std::erase_if(gestures_, [&](const Held& one) { return one.from == from; });
  }
  if (message.header.kind == loophole::Kind::reply || message.header.kind == loophole::Kind::error) ++answers_;
  if (message.header.kind != loophole::Kind::command) return;
  violations.clear();
  retries_.hear(message, instance_, violations);
  trial_.violated(violations);
  if (const auto* said = message.as<session::Hello>()) {
    hellos_.push_back(*said);
    guest.asked_hello = true;
  }
  inbox_.put(received);
  if (silent_ || ways_.holds(name)) {
    held_.emplace_back(received, from);
    return;
  }
  answer(received, from);
}

// What the rules of a connection say, and SpeechRules does not know.
void Host::judge(const Guest& guest, const wire::Message& message) {
  const bool hello = message.as<session::Hello>() != nullptr;
  if (!hello && guest.asked_hello)
    trial_.violated({{"HELLO-4", message.header.name + " between the hello and its answer"}});
  else if (!hello && guest.heard == 1)
    trial_.violated({{"HELLO-1", message.header.name + " before any hello on this connection"}});
  if (message.header.kind == loophole::Kind::reply || message.header.kind == loophole::Kind::error)
    trial_.violated({{"ENV-34", message.header.name + " is answered, though Pulse asks nothing"}});
  if (const auto* said = message.as<session::Hello>(); said != nullptr && said->role != Role::aura)
    trial_.violated({{"GEN-1", "a hello of the role " + std::string(to_string(said->role))}});
}

void Host::release() {
  ways_.release();
  const auto waiting = std::move(held_);
  held_.clear();
  for (const auto& [received, from] : waiting) answer(received, from);
}

void Host::answer(const std::shared_ptr<const Received>& received, const std::string& from) {
  const wire::Message& command = *received->message;
  Guest& guest = guests_[from];
  const auto say = [&](const wire::Message& message) {
    std::string text = encoded(message);
    const auto odd = rewrites_.find(command.header.name);
    if (odd != rewrites_.end()) text = odd->second(std::move(text));
    trial_.note("control", "sent", "pulse", text, odd != rewrites_.end());
    send(from, text);
  };
  const bool hello = command.as<session::Hello>() != nullptr;
  if (hello) guest.asked_hello = false;
  if (auto error = ways_.refusal(command.header.name)) {
    say(wire::make_error_reply(MessageId(next_id()), command, *std::move(error)));
    return;
  }
  if (!hello && !guest.instance) {
    say(wire::make_error_reply(MessageId(next_id()), command,
                               make_error(errors::kSessionHelloRequired, command.header.name + " before session.hello")));
    return;
  }
  Said said = respond(command, from);
  if (const Error* error = std::get_if<Error>(&said)) {
    say(wire::make_error_reply(MessageId(next_id()), command, *error));
    return;
  }
  say(wire::make_reply(MessageId(next_id()), command, ways_.changed(command, std::get<wire::Payload>(std::move(said)))));
}

// --- What it says

std::string Host::next_id() {
  return "p" + std::to_string(++next_id_);
}

std::string Host::encoded(const wire::Message& message) {
  auto text = wire::encode_message(message);
  if (!text) throw SuiteFault("the suite would send an invalid " + message.header.name + ": " + loophole::to_string(text.error()));
  return *std::move(text);
}

void Host::send(const std::string& to, const std::string& text) {
  if (lane_ == nullptr) return;
  if (lane_->send({to, text})) guests_[to].last_sent = std::chrono::steady_clock::now();
}

void Host::broadcast(const wire::Message& message) {
  const std::string text = encoded(message);
  trial_.note("control", "sent", "pulse", text);
  for (const auto& [name, guest] : guests_)
    if (guest.instance) send(name, text);
}

void Host::tell_text(const std::string& text, bool wrong) {
  if (const auto decoded = wire::decode_message(text); !decoded && !wrong)
    throw SuiteFault("the suite sends an invalid message: " + loophole::to_string(decoded.error()));
  trial_.note("control", "sent", "pulse", text, wrong);
  send(peer_, text);
}

void Host::tell_parts(const Parts& parts) {
  trial_.note("control", "sent", "pulse", std::to_string(parts.size()) + " parts", true);
  Parts all{peer_};
  all.insert(all.end(), parts.begin(), parts.end());
  (void)lane_->send(all);
}

void Host::say_goodbye(session::GoodbyeReason reason) {
  tell(session::Goodbye{.reason = reason, .message = {}});
  forget_gestures();
  for (auto& [name, guest] : guests_) guest.instance.reset();
  peer_.clear();
}

void Host::speak_again() {
  silent_ = false;
  for (auto& [name, guest] : guests_) guest.last_sent = std::chrono::steady_clock::now();  // the silence was meant
}

void Host::beat() {
  if (silent_ || !beats_on_ || lane_ == nullptr) return;
  for (auto& [name, guest] : guests_) {
    if (!guest.instance) continue;
    const auto silence = std::chrono::steady_clock::now() - guest.last_sent;
    if (silence < Milliseconds(heartbeat_ms / 2)) continue;
    const auto before = guest.last_sent;
    send(name, encoded(wire::make_event(MessageId(next_id()), Role::pulse, Role::aura, session::Heartbeat{.sequence = guest.beats++})));
    if (guest.last_sent != before && silence >= Milliseconds(lease_ms)) trial_.was_held_up("Pulse", silence);
  }
}

std::size_t Host::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count(order_, name));
}

std::string Host::text() const {
  if (order_.empty()) return "nothing came but " + std::to_string(heartbeats_) + " heartbeats";
  std::string text = "what came:";
  for (const std::string& name : order_) text += " " + name;
  return text;
}

Milliseconds Host::moment() const {
  return std::chrono::duration_cast<Milliseconds>(Milliseconds(150) * std::max(1.0, trial_.noise()));
}

}  // namespace loophole::conformance
