#pragma once
// Errors of edits: name the thing, point into the payload, say what to do.

#include <string>

#include "loophole/core/error.hpp"
#include "loophole/messages/scalars.hpp"

namespace loophole::pulse::edits {

[[nodiscard]] inline Error pointed(Error error, std::string pointer) {
  error.pointer = std::move(pointer);
  return error;
}

[[nodiscard]] inline Error no_track(const TrackId& id) {
  return pointed(make_error(errors::kTrackNotFound, "there is no track '" + id.str() + "'; project.snapshot has the tracks with their ids"),
                 "/trackId");
}
[[nodiscard]] inline Error no_channel(const ChannelId& id) {
  return pointed(make_error(errors::kChannelNotFound,
                            "there is no channel '" + id.str() + "'; project.snapshot has tracks, buses and master with their channels"),
                 "/channelId");
}
[[nodiscard]] inline Error no_clip(const ClipId& id) {
  return pointed(make_error(errors::kClipNotFound, "there is no clip '" + id.str() + "'; project.snapshot has the clips with their ids"),
                 "/clipId");
}
[[nodiscard]] inline Error no_node(const NodeId& id) {
  return pointed(make_error(errors::kNodeNotFound, "there is no node '" + id.str() + "'; project.snapshot has the nodes with their ids"),
                 "/nodeId");
}
[[nodiscard]] inline Error no_parameter(const ParameterId& id, std::string pointer = "/parameterId") {
  return pointed(make_error(errors::kParameterNotFound,
                            "there is no parameter '" + id.str() + "'; project.snapshot has the parameters with their ids"),
                 std::move(pointer));
}

[[nodiscard]] inline Error no_bus(const BusId& id) {
  return pointed(make_error(errors::kBusNotFound, "there is no bus '" + id.str() + "'; project.snapshot has the buses with their ids"),
                 "/busId");
}
[[nodiscard]] inline Error no_send(const SendId& id) {
  return pointed(make_error(errors::kSendNotFound, "there is no send '" + id.str() + "'; project.snapshot has the sends with their ids"),
                 "/sendId");
}

// A member of the payload that breaks a rule which its schema alone cannot say.
[[nodiscard]] inline Error invalid(std::string message, std::string pointer, std::string rule, std::string expected, std::string found) {
  Error error = pointed(make_error(errors::kPayloadInvalid, std::move(message)), std::move(pointer));
  error.rule = std::move(rule);
  error.expected = std::move(expected);
  error.found = std::move(found);
  return error;
}

// An index behind the end of `count` things called `what`; `advice` says what would do.
[[nodiscard]] inline Error no_place(std::int64_t index, std::size_t count, const std::string& what, const std::string& advice) {
  return invalid("index " + std::to_string(index) + " is behind the end: there are " + std::to_string(count) + " " + what + "; " + advice,
                 "/index", "maximum", "0 to " + std::to_string(count), std::to_string(index));
}
[[nodiscard]] inline Error no_place_to_add(std::int64_t index, std::size_t count, const std::string& what) {
  return no_place(index, count, what, "leave the index out to add at the end");
}
[[nodiscard]] inline Error no_place_to_move(std::int64_t index, std::size_t count, const std::string& what) {
  return no_place(index, count, what, std::to_string(count) + " moves to the end");
}

// A list that takes no more; `pointer` leads to what names the list, empty where nothing does.
[[nodiscard]] inline Error full(const std::string& what, std::size_t limit, std::string pointer = {}) {
  return pointed(make_error(errors::kPayloadInvalid,
                            "no more " + what + " can be added: " + std::to_string(limit) + " is the most there can be; remove some first"),
                 std::move(pointer));
}

}  // namespace loophole::pulse::edits
