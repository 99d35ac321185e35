#include "envelope_decoder.hpp"

#include <string>
#include <utility>

#include "loophole/messages/registry.hpp"
#include "loophole/messages/topology.hpp"

namespace loophole::wire::detail {
namespace {

std::string path_text(Role from, Role to) {
  return std::string(to_string(from)) + " to " + std::string(to_string(to));
}

Error wrong_kind(const envelope::Header& header, const MessageDesc& desc) {
  const bool command = desc.kind == Kind::command;
  return to_error(errors::kEnvelopeMalformed, {"/kind", rule::kEnum, command ? "one of command, reply, error" : "one of event, error",
                                               quoted_sample(to_string(header.kind))});
}

Error wrong_route(const envelope::Header& header, const MessageDesc* desc) {
  const bool answer = header.kind == Kind::reply;
  Error error = make_error(errors::kEnvelopeWrongRoute, header.name + ": a message of kind " + std::string(to_string(header.kind)) +
                                                            " does not go from " + path_text(header.origin, header.target));
  std::string allowed;
  if (desc != nullptr && header.kind != Kind::error) {
    for (const Route& route : desc->routes) {
      if (!allowed.empty()) allowed += ", ";
      allowed += answer ? path_text(route.to, route.from) : path_text(route.from, route.to);
    }
  }
  error.pointer = "/target";
  error.rule = rule::kRoute;
  if (!allowed.empty()) error.expected = allowed;
  error.found = path_text(header.origin, header.target);
  return error;
}

bool route_allowed(const envelope::Header& header, const MessageDesc* desc) {
  const Role from = header.origin;
  const Role to = header.target;
  if (desc == nullptr) return topology::allows(from, to, topology::Plane::control);
  switch (header.kind) {
    case Kind::command:
    case Kind::event:
      return desc->allows(from, to);
    case Kind::reply:
      return desc->allows(to, from);
    case Kind::error:  // may be about a message that had no business on this edge
      return topology::allows(from, to, topology::Plane::control);
  }
  return false;
}

}  // namespace

std::optional<Error> check_header(const envelope::Header& header, const MessageDesc* desc) {
  if (desc == nullptr && header.kind != Kind::error) {
    Error error =
        make_error(errors::kEnvelopeUnknownName, "no message is called '" + header.name + "'; check the spelling and the protocol version");
    error.pointer = "/name";
    error.rule = rule::kEnum;
    error.expected = "a name of the registry";
    error.found = quoted_sample(header.name);
    return error;
  }
  if (desc != nullptr) {
    const bool fits = header.kind == Kind::error || (desc->kind == Kind::command ? header.kind != Kind::event : header.kind == Kind::event);
    if (!fits) return wrong_kind(header, *desc);
  }
  if (header.kind == Kind::reply && !header.cid) return to_error(errors::kEnvelopeMalformed, {"", rule::kRequired, "the member cid", ""});
  if (!route_allowed(header, desc)) return wrong_route(header, desc);
  return std::nullopt;
}

std::size_t max_bytes_of(const envelope::Header& header, const MessageDesc* desc) noexcept {
  const bool answer = header.kind == Kind::reply || header.kind == Kind::error;
  return desc == nullptr || answer ? topology::kMaxMessageBytes : desc->max_bytes;
}

EnvelopeDecoder::EnvelopeDecoder(const Reading& reading)
    : reading_(reading), header_decoder_(describe<envelope::Header>(), &header_, reading) {}

const MessageDesc* EnvelopeDecoder::desc() const noexcept {
  return find_message(header_.name);
}

// Makes the value that the body is decoded into; false when the message asks for none.
bool EnvelopeDecoder::begin_body() {
  if (is_error()) {
    body_.value = std::make_shared<Error>();
    body_.type = &describe<Error>();
    body_.decoder.emplace(*body_.type, body_.value.get(), reading_, "/error");
    return true;
  }
  const MessageDesc* const message = desc();
  if (message == nullptr) return false;
  const bool reply = header_.kind == Kind::reply;
  if (reply && message->reply == nullptr) return false;
  body_.value = reply ? message->make_reply() : message->make_payload();
  body_.type = reply ? message->reply : message->payload;
  body_.decoder.emplace(*body_.type, body_.value.get(), reading_, "/payload");
  return true;
}

EnvelopeDecoder::Way EnvelopeDecoder::way_of_body(bool error) {
  bool& seen = error ? error_seen_ : payload_seen_;
  if (seen) repeated_ = true;
  seen = true;
  if (repeated_) return Way::skip;
  if (!kind_known_ || (!name_known_ && !error)) {
    recording_ = error ? &error_tape_ : &payload_tape_;
    return Way::record;
  }
  if (error != is_error()) return Way::skip;
  return begin_body() ? Way::body : Way::skip;
}

void EnvelopeDecoder::key(std::string_view name) {
  if (depth_ != 1) {
    forward([name](auto& sink) { sink.key(name); });
    return;
  }
  member_ = name == "kind" ? Member::kind : name == "name" ? Member::name : Member::other;
  if (name == "payload" || name == "error") {
    way_ = way_of_body(name == "error");
  } else {
    way_ = Way::header;
    header_decoder_.key(name);
  }
}

template <class Event>
void EnvelopeDecoder::forward(Event event) {
  switch (way_) {
    case Way::header:
      event(header_decoder_);
      break;
    case Way::body:
      event(*body_.decoder);
      break;
    case Way::record:
      event(*recording_);
      break;
    case Way::skip:
      break;
  }
}

void EnvelopeDecoder::end_value() {
  if (depth_ != 1) return;
  if (way_ == Way::header && !header_decoder_.failed()) {
    if (member_ == Member::kind) kind_known_ = true;
    if (member_ == Member::name) name_known_ = true;
  }
  way_ = Way::header;
  member_ = Member::other;
}

void EnvelopeDecoder::scalar(const Scalar& value) {
  forward([&value](auto& sink) { sink.scalar(value); });
  end_value();
}

void EnvelopeDecoder::start_object() {
  forward([](auto& sink) { sink.start_object(); });
  ++depth_;
}

void EnvelopeDecoder::end_object() {
  --depth_;
  forward([](auto& sink) { sink.end_object(); });
  end_value();
  if (depth_ == 0) replay_waiting();
}

void EnvelopeDecoder::replay_waiting() {
  if (repeated() || body_.begun() || header_decoder_.failed()) return;
  const Tape& waiting = is_error() ? error_tape_ : payload_tape_;
  if (!waiting.empty() && begin_body()) waiting.replay(*body_.decoder);
}

void EnvelopeDecoder::start_array() {
  forward([](auto& sink) { sink.start_array(); });
  ++depth_;
}

void EnvelopeDecoder::end_array() {
  --depth_;
  forward([](auto& sink) { sink.end_array(); });
  end_value();
}

bool EnvelopeDecoder::repeated() const noexcept {
  return repeated_ || header_decoder_.repeated() || (body_.begun() && body_.decoder->repeated());
}

Result<Message> EnvelopeDecoder::finish(std::size_t bytes) && {
  if (header_decoder_.failed()) return to_error(errors::kEnvelopeMalformed, header_decoder_.fault());
  Message message;
  message.desc = desc();
  if (message.desc != nullptr && message.desc->since > reading_.effective && !is_error()) {
    return to_error(errors::kEnvelopeUnknownName, newer_fault("/name", header_.name, message.desc->since, reading_.effective));
  }
  if (auto error = check_header(header_, message.desc)) return *std::move(error);
  if (const std::size_t limit = max_bytes_of(header_, message.desc); bytes > limit) {
    return to_error(errors::kEnvelopeTooLarge,
                    {"", rule::kSize, "at most " + std::to_string(limit) + " bytes as " + header_.name, std::to_string(bytes) + " bytes"});
  }

  if (!body_.begun()) {
    const char* const member = is_error() ? "error" : "payload";
    return to_error(errors::kPayloadInvalid, {std::string("/") + member, rule::kRequired, std::string("the member ") + member, ""});
  }
  if (body_.decoder->failed()) return to_error(errors::kPayloadInvalid, body_.decoder->fault());

  if (is_error() ? payload_seen_ : error_seen_) {  // not a member of this kind of message, and unknown members are ignored
    ++message.ignored;
    if (reading_.ignored != nullptr) list(*reading_.ignored, is_error() ? "/payload" : "/error");
  }
  message.ignored += header_decoder_.ignored() + body_.decoder->ignored();
  message.header = std::move(header_);
  if (message.header.kind == Kind::error) {
    message.error = std::move(*static_cast<Error*>(body_.value.get()));
  } else {
    message.payload = Payload(std::move(body_.value), body_.type);
  }
  return message;
}

}  // namespace loophole::wire::detail
