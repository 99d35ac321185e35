#include "loophole/wire/codec.hpp"
#include "parse.hpp"

namespace loophole::wire {
namespace {

using detail::Fault;

Error error_of_text(const Fault& fault, const errors::Code& malformed) {
  const bool limit = fault.rule == detail::rule::kSize || fault.rule == detail::rule::kDepth;
  return detail::to_error(limit ? errors::kEnvelopeTooLarge : malformed, fault);
}

Result<Message> decode_parsed(std::string_view text, const DecodeLimits& limits, Ignored* ignored) {
  const detail::Reading reading{limits.effective, ignored};
  detail::EnvelopeDecoder decoder(reading);
  if (const auto fault = detail::parse(text, limits, decoder)) return error_of_text(*fault, errors::kEnvelopeMalformed);
  if (!decoder.repeated()) return std::move(decoder).finish(text.size());

  // A member comes twice. Rare enough to start over, and then the last one counts.
  detail::Tape tape;
  if (const auto fault = detail::parse(text, limits, tape)) return error_of_text(*fault, errors::kEnvelopeMalformed);
  tape.keep_last_members();
  if (ignored != nullptr) *ignored = {};
  detail::EnvelopeDecoder again(reading);
  tape.replay(again);
  return std::move(again).finish(text.size());
}

}  // namespace

Result<Message> decode_message(std::string_view text, const DecodeLimits& limits, Salvage* salvage, Ignored* ignored) {
  if (ignored != nullptr) *ignored = {};
  auto message = decode_parsed(text, limits, ignored);
  if (!message && salvage != nullptr) {
    *salvage = {};
    detail::SalvageReader reader(*salvage);
    // Stops where the text stops being JSON or breaks a limit; what came before is what can be had.
    static_cast<void>(detail::parse(text, limits, reader));
  }
  return message;
}

Result<void> decode_value(const TypeDesc& type, std::string_view text, void* value, const DecodeLimits& limits, Ignored* ignored) {
  if (ignored != nullptr) *ignored = {};
  // Files and single values, where speed is no matter: by way of a Tape, so that `value` is written once whatever comes twice.
  detail::Tape tape;
  if (const auto fault = detail::parse(text, limits, tape)) return error_of_text(*fault, errors::kPayloadInvalid);
  tape.keep_last_members();
  detail::ValueDecoder decoder(type, value, {limits.effective, ignored});
  tape.replay(decoder);
  if (decoder.failed()) return detail::to_error(errors::kPayloadInvalid, decoder.fault());
  return {};
}

}  // namespace loophole::wire
