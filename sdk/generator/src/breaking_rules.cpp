#include "breaking.hpp"

namespace loophole::schema {

std::span<const BreakingRule> breaking_rules() {
  static constexpr BreakingRule kRules[] = {
      // Versions
      {"breaking-version", "The protocol version does not fall, and the lowest minor version that is spoken does not rise.",
       "Keep what was released, or raise the major version."},
      {"breaking-since-low", "What is new has a `since` above the released version.",
       "Give it the next minor version, so that it is not said to peers that do not know it."},
      {"breaking-since-changed", "What stays keeps its `since`.", "Put the released version back."},

      // Messages and errors
      {"breaking-message-removed", "Messages stay, under their names.", "Keep it, and mark it `deprecated`."},
      {"breaking-message-kind", "A command stays a command, an event stays an event.", "Add a message of the other kind."},
      {"breaking-route-removed", "Routes of a message stay.", "Keep the route; a receiver may answer with an error."},
      {"breaking-route-added", "A message gets no new routes.", "Add a new message for the other edge."},
      {"breaking-message-limit", "maxBytes stays.", "Keep it; split what does not fit into several messages, or add a message."},
      {"breaking-message-idempotent", "Whether a command may be repeated stays.", "Add a new command."},
      {"breaking-message-undoable", "Whether a command makes an undo step stays.", "Add a new command."},
      {"breaking-message-error-removed", "The list of a command's errors grows only.",
       "Keep it in the list; it need never be given again."},
      {"breaking-message-error-category", "A command fails in no category in which it could not fail before.",
       "Give the failure a code of a category that its errors have, or add a new command."},
      {"breaking-error-removed", "Error codes stay.", "Keep it in the register; it need never be given again."},
      {"breaking-error-category", "An error stays in its category.", "Add a new code in the other category."},

      // Types
      {"breaking-type-removed", "Documents and the types of the envelope stay.", "Keep it."},
      {"breaking-type-changed", "A value keeps its type.", "Add a new optional member of the new type and keep this one."},
      {"breaking-field-removed", "Members stay, under their names.", "Keep it, and say in its description that it is out of use."},
      {"breaking-field-added", "New members are optional.", "Make it optional, with x-since and a default or a meaning for its absence."},
      {"breaking-field-required", "Required members stay required, optional ones optional.",
       "Keep it as it was; for another rule add a new optional member or a new message."},
      {"breaking-default", "What the absence of a member means stays.", "Keep the default; senders that want another value say it."},
      {"breaking-number-bound", "Bounds of numbers stay.", "Keep them; add a new optional member with the other bounds."},
      {"breaking-string-bound", "Lengths of strings stay.", "Keep them; add a new optional member with the other lengths."},
      {"breaking-string-pattern", "The characters of a string stay.", "Keep them; add a new optional member with other characters."},
      {"breaking-array-bound", "Bounds of arrays stay.", "Keep them; add a new optional member with the other bounds."},
      {"breaking-map-bound", "Bounds of maps stay.", "Keep them; add a new optional member with the other bounds."},
      {"breaking-unit", "Units stay.", "Add a new optional member in the other unit and keep this one."},
      {"breaking-const", "Constants stay.", "Add a new member or a new type with the other constant."},
      {"breaking-label-removed", "Labels stay, under their names.", "Keep it, and say in its description that it is out of use."},
      {"breaking-label-added", "A closed enumeration gets no new labels.", "Add a new optional member with an open enumeration (x-open)."},
      {"breaking-enum-open", "Open enumerations stay open, closed ones closed.", "Put x-open back; add a new optional member."},
      {"breaking-alternative-removed", "Alternatives of a union stay, under their tags.", "Keep it; it need never be sent again."},
      {"breaking-alternative-added", "A union gets no new alternatives.", "Add a new optional member, or a new message, that carries it."},
      {"breaking-union-tag", "The tag of a union stays.", "Put the name of the tag back."},

      // Topology
      {"breaking-role-removed", "Roles stay.", "Keep it."},
      {"breaking-plane-removed", "Planes stay.", "Keep it."},
      {"breaking-edge-removed", "Edges stay.", "Keep it; nothing need be sent over it."},
      {"breaking-limit", "Limits stay.", "Keep it; a process that takes more says so in its hello."},

      // Frames
      {"breaking-frame-removed", "Frames stay, under their names.", "Keep the file; the frame need never be sent again."},
      {"breaking-frame-plane", "A frame stays on its plane.", "Add a new frame on the other plane."},
      {"breaking-frame-namespace", "The namespace of frames stays.", "Put it back."},
      {"breaking-frame-root", "The root of a frame stays.", "Put it back, or add a new frame with a file_identifier of its own."},
      {"breaking-frame-identifier", "The file_identifier of a frame stays.",
       "Put it back, or add a new frame with an identifier of its own."},
      {"breaking-frame-topic", "The topic of a frame stays.", "Put it back, or add a new frame with a topic of its own."},
      {"breaking-frame-type-removed", "Tables, structs and enumerations stay, under their names.", "Keep it."},
      {"breaking-frame-type-kind", "A table stays a table, a struct stays a struct.", "Add a new type and a new field of it."},
      {"breaking-frame-struct", "The fields of a struct stay: names, types and order.",
       "Add a new struct, and a new field of the table for it."},
      {"breaking-frame-field-removed", "Fields stay, under their names.", "Keep it, and say in its comment that it is out of use."},
      {"breaking-frame-field-added", "New fields are not required.", "Take `required` away and say what its absence means."},
      {"breaking-frame-field-id", "Ids of fields stay and are never given again.", "Put the id back; a new field gets the next free one."},
      {"breaking-frame-field-type", "A field keeps its type.", "Add a new field of the new type and keep this one."},
      {"breaking-frame-field-required", "Required fields stay required, optional ones optional.", "Put it back."},
      {"breaking-frame-field-default", "Defaults of fields stay.",
       "Put it back; defaults are not in the bytes, so each side reads its own."},
      {"breaking-frame-field-unit", "Units of fields stay.", "Add a new field in the other unit and keep this one."},
      {"breaking-frame-field-range", "What readers of frames check stays.", "Keep it; add a new field with the other range."},
      {"breaking-frame-enum", "Values of enumerations stay: names, numbers and type.", "Put it back; a new value gets a new number."},
  };
  return kRules;
}

}  // namespace loophole::schema
