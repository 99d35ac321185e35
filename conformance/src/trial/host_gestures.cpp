// Gestures of the suite's Pulse: protocol/gestures.md.
#include <algorithm>

#include "loophole/core/id.hpp"
#include "trial/host.hpp"

namespace loophole::conformance {
namespace {

template <class T>
std::variant<wire::Payload, Error> reply(T value) {
  return wire::Payload::of(std::move(value));
}

Error end_of(parameter::GestureEndReason reason) {
  switch (reason) {
    case parameter::GestureEndReason::lease_expired:
      return make_error(errors::kGestureExpired, "its lease ran out");
    case parameter::GestureEndReason::target_removed:
      return make_error(errors::kGestureTargetRemoved, "its parameter was removed");
    case parameter::GestureEndReason::project_closed:
      return make_error(errors::kProjectNone, "no project is open");
    default:
      return make_error(errors::kGestureNotFound, "it ended: " + std::string(to_string(reason)));
  }
}

}  // namespace

const Host::Held* Host::gesture() const {
  return gestures_.empty() ? nullptr : &gestures_.back();
}

const GrantedStream& Host::stream() const {
  const GrantedStream* found = newest_stream_ ? streams_.find(*newest_stream_) : nullptr;
  if (found == nullptr) throw CaseEnded("the peer began no gesture");
  return *found;
}

void Host::forget_gestures(Milliseconds noticed_after) {
  for (const Held& one : gestures_) streams_.over(one.streams.back(), "GEST-52", soon_after() + noticed_after);
  gestures_.clear();
}

std::optional<Host::Said> Host::respond_with_gesture(const wire::Message& command, const std::string& from, const project::Cause& cause) {
  if (const auto* wanted = command.as<parameter::GestureBegin>()) return begin(*wanted, from);
  if (const auto* wanted = command.as<parameter::GestureEnd>()) return end(*wanted, cause, command.header.id);
  return std::nullopt;
}

Host::Said Host::begin(const parameter::GestureBegin& wanted, const std::string& from) {
  if (!model_.project()) return make_error(errors::kProjectNone, "no project is open");
  if (deck_ == nullptr) return make_error(errors::kEngineUnavailable, "there is no engine");
  std::vector<parameter::GestureTarget> targets;
  for (const ParameterId& id : wanted.parameter_ids) {
    const parameter::Parameter* found = model_.parameter(id);
    if (found == nullptr) return make_error(errors::kParameterNotFound, "there is no parameter '" + id.value + "'");
    targets.push_back(
        {.parameter_id = id, .handle = found->handle, .value = found->value, .minimum = found->minimum, .maximum = found->maximum});
    const bool held = std::ranges::any_of(gestures_, [&](const Held& one) {
      return std::ranges::find(one.targets, id, &parameter::GestureTarget::parameter_id) != one.targets.end();
    });
    if (held && !wanted.take_over) return make_error(errors::kGestureConflict, "a gesture holds '" + id.value + "'");
    if (held) end_gesture(parameter::GestureEndReason::taken_over);
  }
  Held made{
      .id = GestureId("gst-" + std::to_string(++next_thing_)), .streams = {StreamId(random_hex64())}, .targets = targets, .from = from};
  streams_.granted(made.streams.back(), epoch_, targets);
  newest_stream_ = made.streams.back();
  gestures_.push_back(made);
  return reply(parameter::GestureBeginReply{.gesture_id = made.id,
                                            .stream_id = made.streams.back(),
                                            .link = deck_->link(),
                                            .lease_ms = gesture_lease_ms,
                                            .targets = std::move(targets)});
}

Host::Said Host::end(const parameter::GestureEnd& wanted, project::Cause cause, const MessageId& cid) {
  const auto open = std::ranges::find(gestures_, wanted.gesture_id, &Held::id);
  if (open == gestures_.end()) {
    const auto known = ended_.find(wanted.gesture_id.value);
    if (known != ended_.end()) return known->second;
    return make_error(errors::kGestureNotFound, "there is no gesture '" + wanted.gesture_id.value + "'");
  }
  cause.gesture_id = open->id;
  const bool commits = wanted.outcome == parameter::GestureOutcome::commit;
  std::vector<project::Change> changes;
  std::vector<parameter::ParameterValue> values;
  for (const parameter::ParameterValue& one : wanted.values) {
    const parameter::Parameter& target = parameter(one.parameter_id);
    if (one.value < target.minimum || one.value > target.maximum)
      return make_error(errors::kParameterOutOfRange, "the value is outside of its range");
    if (commits && target.value != one.value)
      changes.emplace_back(project::ParameterChanged{.parameter_id = one.parameter_id, .value = one.value});
  }
  const StreamId stream = open->streams.back();
  const std::vector<parameter::GestureTarget> targets = open->targets;
  gestures_.erase(open);
  streams_.over(stream, "GEST-15", soon_after());
  if (!changes.empty()) commit(std::move(changes), "Set Parameter", {}, cause, cid);
  for (const parameter::GestureTarget& one : targets)
    if (const auto* now = model_.parameter(one.parameter_id)) values.push_back({.parameter_id = now->id, .value = now->value});
  return reply(parameter::GestureEndReply{.revision = revision(), .values = std::move(values), .stream = streams_.report(stream)});
}

void Host::end_gesture(parameter::GestureEndReason reason) {
  if (gestures_.empty()) throw CaseEnded("the peer has no gesture open");
  const Held over = gestures_.back();
  gestures_.pop_back();
  ended_.insert_or_assign(over.id.value, end_of(reason));
  streams_.over(over.streams.back(), "GEST-64", soon_after());
  tell(parameter::GestureEnded{.gesture_id = over.id, .reason = reason, .committed = false});
}

}  // namespace loophole::conformance
