#pragma once
// Message: one control message, decoded. Header, typed payload or error; immutable and cheap to copy.

#include <memory>
#include <optional>
#include <utility>

#include "loophole/core/error.hpp"
#include "loophole/messages/envelope.hpp"
#include "loophole/wire/message_desc.hpp"

namespace loophole::wire {

// A value of some generated type, with its table. Copies share the value.
class Payload {
 public:
  Payload() = default;
  // A value that is of the type.
  Payload(std::shared_ptr<const void> value, const TypeDesc* type) : value_(std::move(value)), type_(type) {}

  // A copy of the value, with its table.
  template <class T>
  [[nodiscard]] static Payload of(T value) {
    return {std::make_shared<const T>(std::move(value)), &describe<T>()};
  }

  // The value when it is a T, else nullptr.
  template <class T>
  [[nodiscard]] const T* as() const noexcept {
    return type_ == &describe<T>() ? static_cast<const T*>(value_.get()) : nullptr;
  }

  [[nodiscard]] const void* data() const noexcept { return value_.get(); }  // the value; of type()
  [[nodiscard]] const TypeDesc* type() const noexcept { return type_; }     // nullptr: it is empty
  [[nodiscard]] bool empty() const noexcept { return type_ == nullptr; }    // whether it has a value

 private:
  std::shared_ptr<const void> value_;
  const TypeDesc* type_ = nullptr;
};

struct Message {
  envelope::Header header;            // all members but payload and error
  const MessageDesc* desc = nullptr;  // of header.name
  Payload payload;                    // empty for errors
  std::optional<Error> error;         // for errors only
  std::size_t ignored = 0;            // of a decoded message: members and labels that the version in effect does not have

  // The payload, if it is of this type.
  template <class T>
  [[nodiscard]] const T* as() const noexcept {
    return payload.as<T>();
  }
};

// [any-thread] Messages with a filled header (v, ts) and the given id.
template <class C>
[[nodiscard]] Message make_command(MessageId id, Role origin, Role target, C command);
template <class E>
[[nodiscard]] Message make_event(MessageId id, Role origin, Role target, E event, std::optional<MessageId> cause = {});
// [any-thread] The same by table.
[[nodiscard]] Message make_message(MessageId id, Role origin, Role target, Kind kind, const MessageDesc& desc, Payload payload,
                                   std::optional<MessageId> cid = {});
// Answers to `command`, in the opposite direction, with its id as cid.
[[nodiscard]] Message make_reply(MessageId id, const Message& command, Payload reply);
[[nodiscard]] Message make_error_reply(MessageId id, const Message& command, Error error);

template <class C>
Message make_command(MessageId id, Role origin, Role target, C command) {
  return make_message(std::move(id), origin, target, Kind::command, MessageOf<C>::desc(), Payload::of(std::move(command)));
}
template <class E>
Message make_event(MessageId id, Role origin, Role target, E event, std::optional<MessageId> cause) {
  return make_message(std::move(id), origin, target, Kind::event, MessageOf<E>::desc(), Payload::of(std::move(event)), std::move(cause));
}

}  // namespace loophole::wire
