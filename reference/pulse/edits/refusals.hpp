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

// An index behind the end of `count` things called `what`.
[[nodiscard]] inline Error no_place(std::int64_t index, std::size_t count, const std::string& what) {
  Error error = make_error(errors::kPayloadInvalid, "index " + std::to_string(index) + " is behind the end: there are " +
                                                        std::to_string(count) + " " + what + "; leave the index out to add at the end");
  error.pointer = "/index";
  error.rule = "maximum";
  error.expected = "0 to " + std::to_string(count);
  error.found = std::to_string(index);
  return error;
}

[[nodiscard]] inline Error full(const std::string& what, std::size_t limit) {
  return make_error(errors::kPayloadInvalid, "no more " + what + " can be added: " + std::to_string(limit) + " is the most there can be");
}

}  // namespace loophole::pulse::edits
