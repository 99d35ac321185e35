#include <string>

#include "encoder.hpp"
#include "envelope_decoder.hpp"
#include "loophole/messages/topology.hpp"
#include "loophole/wire/codec.hpp"

namespace loophole::wire {
namespace {

using detail::Audience;
using detail::Encoder;
using detail::Fault;

Error error_of_value(const Fault& fault) {
  if (fault.rule == detail::rule::kSince) return detail::to_error(errors::kProtocolNewer, fault);
  return detail::to_error(fault.rule == detail::rule::kDepth ? errors::kEnvelopeTooLarge : errors::kPayloadInvalid, fault);
}

// What the message must carry as its body.
struct Body {
  std::string_view member;
  const TypeDesc* wanted = nullptr;
  const TypeDesc* type = nullptr;
  const void* value = nullptr;
};

Body body_of(const Message& message) {
  if (message.header.kind == Kind::error) {
    const Error* const error = message.error ? &*message.error : nullptr;
    return {"error", &describe<Error>(), error == nullptr ? nullptr : &describe<Error>(), error};
  }
  const bool reply = message.header.kind == Kind::reply;
  return {"payload", reply ? message.desc->reply : message.desc->payload, message.payload.type(), message.payload.data()};
}

}  // namespace

Result<std::string> encode_message(const Message& message, Version effective, std::size_t* withheld) {
  std::string text;
  text.reserve(512);
  text += '{';
  // No header means more to its receiver than it says, so what is newer in it can always be left out.
  Encoder header(text, {effective, Audience::Newer::leave_out}, {}, 1);
  if (!header.members(describe<envelope::Header>(), &message.header)) return error_of_value(header.fault());
  if (auto error = detail::check_header(message.header, message.desc)) return *std::move(error);
  const Kind kind = message.header.kind;
  if (kind != Kind::error && message.desc->since > effective)
    return error_of_value(detail::newer_fault("/name", message.header.name, message.desc->since, effective));

  const Body body = body_of(message);
  const std::string pointer = "/" + std::string(body.member);
  if (body.value == nullptr)
    return detail::to_error(errors::kPayloadInvalid, {pointer, detail::rule::kRequired, "the member " + std::string(body.member), ""});
  if (body.type != body.wanted)
    return detail::to_error(errors::kPayloadInvalid,
                            {pointer, detail::rule::kType, "a " + std::string(body.wanted->name), std::string(body.type->name)});

  text += ",\"";
  text += body.member;
  text += "\":";
  Encoder encoder(text, {effective, kind == Kind::command ? Audience::Newer::refuse : Audience::Newer::leave_out}, pointer, 1);
  if (!encoder.value(*body.type, body.value)) return error_of_value(encoder.fault());
  text += '}';
  if (withheld != nullptr) *withheld = header.withheld() + encoder.withheld();

  if (const std::size_t limit = detail::max_bytes_of(message.header, message.desc); text.size() > limit) {
    return detail::to_error(errors::kEnvelopeTooLarge,
                            {"", detail::rule::kSize, "at most " + std::to_string(limit) + " bytes as " + message.header.name,
                             std::to_string(text.size()) + " bytes"});
  }
  return text;
}

Result<std::string> encode_value(const TypeDesc& type, const void* value) {
  std::string text;
  Encoder encoder(text);
  if (!encoder.value(type, value)) return error_of_value(encoder.fault());
  return text;
}

}  // namespace loophole::wire
