#pragma once
// JSON <-> typed values, by the generated tables. Decoding validates and builds in one pass over the text (SAX), with limits on size and
// depth, and tells the first fault with JSON pointer, rule, expected and found. Encoding validates the value too: an SDK never sends what
// a receiver must refuse.
//
//   text        JSON in UTF-8 without byte order mark. A number that no double holds (1e999), a lone surrogate and a zero byte are faults
//               of syntax, wherever they are.
//   unknown     members that the table does not know are skipped, whatever they hold; unknown labels of open enumerations become `unknown`.
//               Message::ignored counts both, and Ignored lists where they were. `unknown` is also a label of its own, reserved in every
//               open enumeration for what a sender has no word for: it may be sent in replies and events, never in commands.
//   newer       between two peers the lower of their highest versions is in effect, and what is newer is as unknown: it is ignored where it
//               comes in. On the way out, commands with something newer are refused (protocol.newer), because who asks for it means it;
//               replies and events go without it, because who reads them could not know it: newer members are left out, newer labels are
//               written as `unknown`.
//   twice       when a member comes twice in one object the last one counts, as for other JSON validators. The encoder never does that.
//   rules       of errors are the keywords of JSON Schema (type, required, minimum, maximum, minLength, maxLength, pattern, enum, const,
//               minItems, maxItems, minProperties, maxProperties, propertyNames) and syntax, size, depth, route, since.
//   pointers    begin at the text that was given: "/payload/name" for a message, "/name" for a bare value. A missing member is told at its
//               object, except for a whole body: "/payload", "/error".

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/messages/registry.hpp"
#include "loophole/messages/topology.hpp"
#include "loophole/wire/message.hpp"

namespace loophole::wire {

// What a receiver takes.
struct DecodeLimits {
  std::size_t max_bytes = topology::kMaxMessageBytes;  // of the text
  std::size_t max_depth = topology::kMaxDepth;         // the outermost object is depth 1
  Version effective = kNewestProtocol;                 // the protocol version in effect with the sender
};

// Members and labels that were ignored because the version in effect does not have them. A sender may not send any, so a test of a sender
// asks for this. Complete when decoding succeeds.
struct Ignored {
  static constexpr std::size_t kMaxListed = 64;  // pointers that are kept
  std::size_t count = 0;                         // of all
  std::vector<std::string> pointers;             // of the first kMaxListed, shortened to 1024 bytes each
};

// What could be read of a message that could not be decoded, so that its sender can be answered.
struct Salvage {
  std::optional<MessageId> id;      // the members of the header that could be read
  std::optional<MessageId> cid;     // the same
  std::optional<std::string> name;  // the same
  std::optional<Kind> kind;         // the same
  std::optional<Role> origin;       // the same
};

// [any-thread] One envelope. Members may come in any order and it makes no difference, not even to the error. Errors, in the order in which
// they are looked for: envelope.malformed (no JSON, header), envelope.unknownName (also for a message newer than the version in effect),
// envelope.wrongRoute (message not allowed from origin to target), envelope.tooLarge, payload.invalid. An error about an unknown name is a
// message without desc. `salvage`, when given, is filled as far as possible when decoding fails; `ignored`, when given, is filled anew.
[[nodiscard]] Result<Message> decode_message(std::string_view text, const DecodeLimits& limits = {}, Salvage* salvage = nullptr,
                                             Ignored* ignored = nullptr);

// [any-thread] The text of an envelope, for a peer with which the version `effective` is in effect. `withheld`, when given, becomes the
// number of members and labels that a reply or event goes without. Errors: payload.invalid, envelope.tooLarge; protocol.newer for a command
// with something newer, and for any newer message but an error; envelope.malformed, envelope.unknownName and envelope.wrongRoute for a
// header that a receiver would refuse.
[[nodiscard]] Result<std::string> encode_message(const Message& message, Version effective = kNewestProtocol,
                                                 std::size_t* withheld = nullptr);

// [any-thread] A bare value by its table, for files and tools. `value` points to a value-initialised object of the type; after an error its
// content is unspecified. What has no version in effect is encoded whole, and the label `unknown` is refused, which would be lost in a
// file. Errors: payload.invalid, envelope.tooLarge.
[[nodiscard]] Result<void> decode_value(const TypeDesc& type, std::string_view text, void* value, const DecodeLimits& limits = {},
                                        Ignored* ignored = nullptr);
[[nodiscard]] Result<std::string> encode_value(const TypeDesc& type, const void* value);

// [any-thread] decode_value() and encode_value() of a type.
template <class T>
[[nodiscard]] Result<T> from_json(std::string_view text, const DecodeLimits& limits = {}) {
  T value{};
  if (auto done = decode_value(describe<T>(), text, &value, limits); !done) return done.error();
  return value;
}
// [any-thread] encode_value() of a type.
template <class T>
[[nodiscard]] Result<std::string> to_json(const T& value) {
  return encode_value(describe<T>(), &value);
}

}  // namespace loophole::wire
