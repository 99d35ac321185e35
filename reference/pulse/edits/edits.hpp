#pragma once
// One function a command: checks it against the project and says which changes it makes. Nothing is changed here; an error has a JSON
// pointer into the payload of the command. All functions are [owner-thread].
//
// A plan may hold changes that set what is so already. Document::stage() leaves those out, and an edit of which nothing is left is no
// transaction; so no plan compares before with after.

#include <span>

#include "edits/edit.hpp"
#include "loophole/messages/all.hpp"

namespace loophole::pulse::edits {

// ---- tracks ----

// Errors: payload.invalid (index behind the end, too many tracks).
[[nodiscard]] Result<Planned<track::AddReply>> plan(const EditContext& context, const track::Add& command);
// Errors: track.notFound.
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const track::Remove& command);
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const track::Rename& command);
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const track::SetColour& command);
// Errors: track.notFound, payload.invalid (index behind the end).
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const track::Move& command);
// Errors: track.notFound, payload.invalid (too many tracks).
[[nodiscard]] Result<Planned<track::AddReply>> plan(const EditContext& context, const track::Duplicate& command);

// ---- clips ----

// Opens the audio file to learn its length. Errors: track.notFound, clip.fileUnreadable, payload.invalid (too many clips).
[[nodiscard]] Result<Planned<clip::AddReply>> plan(const EditContext& context, const clip::Add& command);
// Errors: clip.notFound.
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const clip::Remove& command);
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const clip::SetGain& command);
// Errors: clip.notFound, track.notFound, payload.invalid (too many clips).
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const clip::Move& command);
// Opens the audio file when the clip is to end later; one that cannot be read gives no more than the clip has. Errors: clip.notFound,
// clip.outOfRange.
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const clip::Trim& command);
// Errors: clip.notFound, clip.outOfRange, payload.invalid (too many clips).
[[nodiscard]] Result<Planned<clip::SplitReply>> plan(const EditContext& context, const clip::Split& command);

// ---- nodes ----

// Errors: channel.notFound, node.kindUnsupported, payload.invalid (index behind the end, too many nodes, a plugin for another kind, none
// for kind plugin), engine.unavailable (a plugin that the context does not know).
[[nodiscard]] Result<Planned<node::AddReply>> plan(const EditContext& context, const node::Add& command);
// Errors: node.notFound.
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const node::Remove& command);
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const node::SetBypass& command);
// Errors: node.notFound, channel.notFound, payload.invalid (index behind the end, too many nodes).
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const node::Move& command);
// Errors: node.notFound, and as for a new one.
[[nodiscard]] Result<Planned<node::AddReply>> plan(const EditContext& context, const node::Replace& command);

// ---- routing ----

// Errors: payload.invalid (index behind the end, too many buses).
[[nodiscard]] Result<Planned<routing::AddBusReply>> plan(const EditContext& context, const routing::AddBus& command);
// Takes away what leads to the bus first: sends go, outputs go to the master. Errors: bus.notFound.
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const routing::RemoveBus& command);
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const routing::RenameBus& command);
// Errors: channel.notFound, bus.notFound, routing.cycle with the way round (always for the master: everything ends in it).
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const routing::SetOutput& command);
// Errors: as for the output, and payload.invalid (too many sends).
[[nodiscard]] Result<Planned<routing::AddSendReply>> plan(const EditContext& context, const routing::AddSend& command);
// Errors: send.notFound.
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const routing::RemoveSend& command);

// ---- parameters ----

// Errors: parameter.notFound, parameter.outOfRange.
[[nodiscard]] Result<Planned<parameter::SetReply>> plan(const EditContext& context, const parameter::Set& command);

// Values of several parameters as one step, as a gesture leaves them; those that are as before make no change, so that the list of changes
// may come out empty. Pointers are "/values/<index>/…". Errors: parameter.notFound, parameter.outOfRange.
[[nodiscard]] Result<Edit> plan_values(const EditContext& context, std::span<const parameter::ParameterValue> values);

// Whether `parameter` can have this value. Error: parameter.outOfRange, without a pointer.
[[nodiscard]] Result<void> check_value(const parameter::Parameter& parameter, double value);

// ---- automation ----

// The first points of a parameter make a lane of mode read. Errors: parameter.notFound, automation.unsupported, parameter.outOfRange,
// automation.invalidPoints, payload.invalid (too many points, an unknown shape).
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const automation::SetPoints& command);
// Points go, the mode stays. Errors: parameter.notFound, automation.unsupported, payload.invalid (the part ends before it begins).
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const automation::Clear& command);
// Errors: parameter.notFound, automation.unsupported, payload.invalid (an unknown mode).
[[nodiscard]] Result<Planned<Edited>> plan(const EditContext& context, const automation::SetMode& command);

// Points for a part of the timeline, by whatever command they come; `pointer` leads to what has its members.
struct PointsInPart {
  const ParameterId& parameter_id;
  std::int64_t from_frames;
  std::int64_t to_frames;
  std::span<const automation::Point> points;
  std::string pointer;
};
// The change that puts them in the place of what the part had. Errors: as automation.setPoints.
[[nodiscard]] Result<project::AutomationChanged> plan_points(const EditContext& context, const PointsInPart& part);

// ---- tempo ----

[[nodiscard]] Result<Planned<transport::SetTempoReply>> plan(const EditContext& context, const transport::SetTempo& command);

}  // namespace loophole::pulse::edits
