#include "trial/speech_rules.hpp"

#include <algorithm>

#include "loophole/frames/engine_stats.hpp"
#include "loophole/frames/kind.hpp"
#include "loophole/frames/meters.hpp"
#include "loophole/frames/spectrum.hpp"
#include "loophole/frames/transport_position.hpp"
#include "loophole/messages/errors.hpp"
#include "loophole/messages/registry.hpp"
#include "loophole/messages/session.hpp"
#include "loophole/wire/topic.hpp"
#include "trial/strict_json.hpp"

namespace loophole::conformance {
namespace {

// Which requirement a decoder's error is about.
std::string requirement_of(const Error& error) {
  if (is(error, errors::kEnvelopeUnknownName)) return "ENV-6";
  if (is(error, errors::kEnvelopeWrongRoute)) return "GEN-2";
  if (is(error, errors::kEnvelopeTooLarge)) return "ENV-45";
  if (error.rule == "type" && error.found == "null") return "ENV-7";
  if (error.rule == "enum") return "ENV-12";
  if (error.rule == "syntax" || error.pointer.value_or("").empty()) return "ENV-1";
  return "ENV-3";
}

// HELLO-23: domain.feature, and perhaps /draftN.
bool is_capability(std::string_view name) {
  const auto dot = name.find('.');
  return dot != std::string_view::npos && dot > 0 && dot + 1 < name.size();
}

void hear_capabilities(const wire::Message& message, std::vector<Violation>& violations) {
  const auto* hello = message.as<session::Hello>();
  const auto* reply = message.as<session::HelloReply>();
  const std::vector<std::string>* names = hello != nullptr ? &hello->capabilities : reply != nullptr ? &reply->capabilities : nullptr;
  if (names == nullptr) return;
  for (const std::string& name : *names)
    if (!is_capability(name)) violations.push_back({"HELLO-23", "'" + name + "' has not the form domain.feature"});
}

// ERR-8: the codes that the command lists, and those that may answer any command.
bool may_answer(const wire::MessageDesc* command, std::string_view code) {
  static constexpr std::string_view kAny[] = {"envelope.malformed", "envelope.tooLarge", "envelope.unknownName", "envelope.wrongRoute",
                                              "internal.fault",     "payload.invalid",   "session.helloRequired"};
  if (std::ranges::find(kAny, code) != std::end(kAny)) return true;
  return command != nullptr && std::ranges::find(command->errors, code) != command->errors.end();
}

void hear_answer(const wire::Message& message, ConnectionMemory& connection, std::vector<Violation>& violations) {
  const envelope::Header& header = message.header;
  const std::string cid = header.cid ? header.cid->value : std::string();
  if (!header.cid) {
    if (header.kind == Kind::reply) violations.push_back({"ENV-15", "a reply without cid"});
  } else if (const auto sent = connection.sent.find(cid); sent == connection.sent.end()) {
    if (!connection.sent_garbage) violations.push_back({"ENV-15", "an answer to '" + cid + "', which was never asked"});
  } else {
    if (!sent->second.empty() && header.name != sent->second)
      violations.push_back({"ENV-15", "the answer to " + sent->second + " has the name " + header.name});
    if (--connection.open[cid] < 0 && !connection.sent_garbage) violations.push_back({"ENV-14", "another answer to '" + cid + "'"});
  }
  if (!message.error) return;
  if (const errors::Code* known = errors::find(message.error->code)) {
    if (known->category != message.error->category)
      violations.push_back({"ERR-2", message.error->code + " does not have the category of the register"});
    if (!may_answer(wire::find_message(header.name), message.error->code))
      violations.push_back({"ERR-8", header.name + " is answered with " + message.error->code + ", which it does not list"});
  } else if (std::ranges::count(message.error->code, '.') < 2) {
    violations.push_back({"ERR-4", "the register has no code " + message.error->code});
  }
  // A Pulse also refuses with this code what no schema forbids, such as a path that is not absolute.
  const bool schema = is(*message.error, errors::kPayloadInvalid) && (header.origin == Role::signal || message.error->rule);
  if (schema && !(message.error->pointer && message.error->rule && message.error->expected &&
                  (message.error->found || message.error->rule == "required")))
    violations.push_back(
        {"ENV-35", "an error about a broken schema without pointer, rule, expected and, where something was there, found"});
}

struct FrameFacts {
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  std::uint64_t engine_frames = 0;
  std::uint64_t time_ns = 0;
  std::string text;
};
template <class Header>
FrameFacts facts_of(const Header& header, std::string text) {
  return {.epoch = header.epoch,
          .sequence = header.sequence,
          .engine_frames = header.engine_frames,
          .time_ns = header.time_ns,
          .text = std::move(text)};
}

Result<FrameFacts> read(frames::FrameKind kind, Bytes frame) {
  switch (kind) {
    case frames::FrameKind::meters: {
      const auto view = frames::read_meters(frame);
      if (!view) return view.error();
      return facts_of(view->header, "Meters, " + std::to_string(view->readings.size()) + " readings");
    }
    case frames::FrameKind::transport_position: {
      const auto position = frames::read_transport_position(frame);
      if (!position) return position.error();
      return facts_of(*position,
                      "TransportPosition " + std::to_string(position->position_frames) + (position->playing ? ", playing" : ", stopped"));
    }
    case frames::FrameKind::engine_stats: {
      const auto stats = frames::read_engine_stats(frame);
      if (!stats) return stats.error();
      return facts_of(*stats, "EngineStats");
    }
    case frames::FrameKind::spectrum: {
      const auto view = frames::read_spectrum(frame);
      if (!view) return view.error();
      return facts_of(view->header,
                      "Spectrum of " + std::to_string(view->header.handle) + ", " + std::to_string(view->magnitudes_db.size()) + " bins");
    }
    default:
      return make_error(errors::kFrameMalformed, "no frame of the telemetry plane");
  }
}

}  // namespace

Received SpeechRules::hear(std::string raw, Role origin, Role target, ConnectionMemory& connection, std::vector<Violation>& violations) {
  Received received{.raw = std::move(raw), .message = {}, .salvage = {}};
  if (received.raw.starts_with("\xef\xbb\xbf")) violations.push_back({"ENV-1", "a byte order mark"});
  wire::Ignored ignored;
  auto decoded = wire::decode_message(received.raw, {.effective = connection.effective}, &received.salvage, &ignored);
  if (!decoded) {
    violations.push_back({requirement_of(decoded.error()), loophole::to_string(decoded.error())});
    if (received.salvage.cid) --connection.open[received.salvage.cid->value];
    return received;
  }
  if (ignored.count > 0)
    violations.push_back({"ENV-6", "the schema does not have what is at " + (ignored.pointers.empty() ? "?" : ignored.pointers.front())});
  if (const auto twice = repeated_member(received.raw)) violations.push_back({"ENV-8", "the member at " + *twice + " comes twice"});
  const wire::Message& message = *decoded;
  const envelope::Header& header = message.header;
  if (header.origin != origin || header.target != target)
    violations.push_back({"ENV-3", "origin and target are not those of the connection"});
  // The answer of the first time, said again (ENV-24), is the same message; so is a command that is repeated, whenever that is (ENV-27).
  std::size_t content = std::hash<std::string>{}(received.raw);
  if (header.kind == Kind::command && message.desc != nullptr)
    if (const auto payload = wire::encode_value(*message.desc->payload, message.payload.data()))
      content = std::hash<std::string>{}(header.name + *payload);
  if (ids_.emplace(header.id.value, content).first->second != content)
    violations.push_back({"ENV-2", "the id '" + header.id.value + "' for another message"});
  const bool hello_required = message.error && is(*message.error, errors::kSessionHelloRequired);
  if (connection.said_goodbye && !hello_required && message.as<session::HelloReply>() == nullptr)
    violations.push_back({"HELLO-35", header.name + " after the goodbye"});
  if (header.kind == Kind::reply || header.kind == Kind::error) hear_answer(message, connection, violations);
  if (header.kind == Kind::event && header.cid) {
    const std::string& cause = header.cid->value;
    if (!connection.sent.contains(cause) && !asked_.contains(cause))
      violations.push_back({"ENV-17", "an event caused by '" + cause + "', which was never asked"});
    if (const auto open = connection.open.find(cause); open != connection.open.end() && open->second <= 0)
      violations.push_back({"ENV-16", "an event caused by '" + cause + "', which was answered before"});
  }
  if (const auto* beat = message.as<session::Heartbeat>()) {
    if (connection.heartbeat && beat->sequence != *connection.heartbeat + 1)
      violations.push_back({"HELLO-28", "heartbeat " + std::to_string(beat->sequence) + " after " + std::to_string(*connection.heartbeat)});
    connection.heartbeat = beat->sequence;
  }
  hear_capabilities(message, violations);
  if (message.as<session::Goodbye>() != nullptr) connection.said_goodbye = true;
  if (message.as<session::HelloReply>() != nullptr) {  // a connection begins, and so do its heartbeats
    connection.said_goodbye = false;
    connection.heartbeat.reset();
  }
  received.message = std::move(*decoded);
  return received;
}

std::string SpeechRules::hear_frame(std::string_view topic, Bytes frame, std::uint64_t epoch, std::vector<Violation>& violations) {
  const auto parsed = wire::Topic::parse(topic);
  if (!parsed) violations.push_back({"FRM-22", "'" + std::string(topic) + "' is no topic"});
  const frames::FrameKind kind = frames::classify(frame);
  if (parsed && parsed->kind != kind)
    violations.push_back({"FRM-29", "the frame under '" + std::string(topic) + "' does not have its identifier"});
  const auto facts = read(kind, frame);
  if (!facts) {
    const bool finite = facts.error().rule == "finite";
    violations.push_back({finite ? "TEL-8" : "FRM-29", loophole::to_string(facts.error())});
    return "no frame that can be read";
  }
  if (facts->epoch != epoch)
    violations.push_back({"ENG-8", "epoch " + std::to_string(facts->epoch) + "; the hello said " + std::to_string(epoch)});
  const auto known = topics_.find(topic);
  if (known != topics_.end()) {
    const TopicMemory& before = known->second;
    // A gap may be a loss of the plane; it never goes back, and never repeats.
    if (facts->sequence <= before.sequence)
      violations.push_back({"TEL-1", "sequence " + std::to_string(facts->sequence) + " after " + std::to_string(before.sequence)});
    if (facts->engine_frames < before.engine_frames) violations.push_back({"TEL-2", "engine_frames went back"});
    if (facts->time_ns < before.time_ns) violations.push_back({"TEL-2", "time_ns went back"});
  }
  topics_.insert_or_assign(std::string(topic),
                           TopicMemory{.sequence = facts->sequence, .engine_frames = facts->engine_frames, .time_ns = facts->time_ns});
  return std::string(topic) + " #" + std::to_string(facts->sequence) + ": " + facts->text;
}

}  // namespace loophole::conformance
