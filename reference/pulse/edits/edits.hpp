#pragma once
// One function a command: checks it against the project and says which changes it makes. Nothing is changed here; an error has a JSON
// pointer into the payload of the command. All functions are [owner-thread].

#include <span>

#include "edits/edit.hpp"
#include "loophole/messages/all.hpp"

namespace loophole::pulse::edits {

// Errors: payload.invalid (index behind the end, too many tracks).
[[nodiscard]] Result<Planned<track::AddReply>> plan(const EditContext& context, const track::Add& command);
// Errors: track.notFound.
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const track::Remove& command);
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const track::Rename& command);

// Opens the audio file to learn its length. Errors: track.notFound, clip.fileUnreadable.
[[nodiscard]] Result<Planned<clip::AddReply>> plan(const EditContext& context, const clip::Add& command);
// Errors: clip.notFound.
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const clip::Remove& command);

// Errors: track.notFound, node.kindUnsupported, payload.invalid (index behind the end).
[[nodiscard]] Result<Planned<node::AddReply>> plan(const EditContext& context, const node::Add& command);
// Errors: node.notFound.
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const node::Remove& command);

// Errors: parameter.notFound, parameter.outOfRange.
[[nodiscard]] Result<Planned<parameter::SetReply>> plan(const EditContext& context, const parameter::Set& command);

// Values of several parameters as one step, as a gesture leaves them; those that are as before make no change, so that the list of changes
// may come out empty. Pointers are "/values/<index>/…". Errors: parameter.notFound, parameter.outOfRange.
[[nodiscard]] Result<Edit> plan_values(const EditContext& context, std::span<const parameter::ParameterValue> values);

// Whether `parameter` can have this value. Error: parameter.outOfRange, without a pointer.
[[nodiscard]] Result<void> check_value(const parameter::Parameter& parameter, double value);

}  // namespace loophole::pulse::edits
