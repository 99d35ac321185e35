#pragma once
// What the registry says about a message. loophole/messages/registry.hpp finds one by name.

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "loophole/messages/scalars.hpp"
#include "loophole/wire/type_desc.hpp"

namespace loophole::wire {

// Who says something to whom.
struct Route {
  Role from;  // who
  Role to;    // to whom
  friend bool operator==(const Route&, const Route&) = default;
};

// What schemas/ say of a message.
struct MessageDesc {
  std::string_view name;                     // "track.add"
  Kind kind;                                 // command or event
  std::string_view summary;                  // for people
  std::span<const Route> routes;             // who may send it to whom
  const TypeDesc* payload;                   // what it carries
  const TypeDesc* reply;                     // of the successful answer; nullptr for events
  std::shared_ptr<void> (*make_payload)();   // a value-initialised payload
  std::shared_ptr<void> (*make_reply)();     // nullptr for events
  std::span<const std::string_view> errors;  // codes that it may be answered with
  Version since;                             // the first version that has it
  std::uint32_t max_bytes;                   // of the whole envelope
  bool idempotent;                           // may be executed twice
  bool undoable;                             // makes a step of the history

  // Whether it may be sent so.
  [[nodiscard]] bool allows(Role from, Role to) const noexcept {
    for (const Route& route : routes)
      if (route == Route{from, to}) return true;
    return false;
  }
};

// Message<T>::desc() for a generated message type; specialised in loophole/messages/<domain>.hpp.
template <class T>
struct MessageOf;

}  // namespace loophole::wire
