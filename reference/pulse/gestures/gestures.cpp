#include "gestures/gestures.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <utility>

#include "edits/edits.hpp"
#include "edits/refusals.hpp"
#include "loophole/core/id.hpp"
#include "service/hub.hpp"
#include "service/owed.hpp"

namespace loophole::pulse {

using parameter::GestureEndReason;

namespace {

constexpr std::int64_t kLeaseMs = 5'000;
constexpr std::size_t kRememberedEnds = 1'024;

std::string at(const std::string& list, std::size_t index) {
  return "/" + list + "/" + std::to_string(index);
}

}  // namespace

Result<void> Gestures::check_free(const ParameterId& parameter, const std::string& pointer) const {
  if (!holds(parameter)) return {};
  const parameter::Parameter* known = hub_.parameter(parameter);
  return edits::pointed(make_error(errors::kGestureConflict, (known == nullptr ? parameter.str() : known->name) +
                                                                 " is being moved by a gesture; wait for its end, or begin with takeOver"),
                        pointer);
}

// ---- begin ----

Result<void> Gestures::check_begin(const parameter::GestureBegin& command) const {
  if (auto document = hub_.need_document(); !document) return std::move(document).error();
  std::set<ParameterId> seen;
  for (std::size_t i = 0; i < command.parameter_ids.size(); ++i) {
    const ParameterId& id = command.parameter_ids[i];
    if (hub_.parameter(id) == nullptr) return edits::no_parameter(id, at("parameterIds", i));
    if (!seen.insert(id).second)
      return edits::pointed(make_error(errors::kPayloadInvalid, "parameter '" + id.str() + "' is named twice"), at("parameterIds", i));
    if (command.take_over) continue;
    if (auto free = check_free(id, at("parameterIds", i)); !free) return free;
  }
  return {};
}

void Gestures::begin(session::Server::Request<parameter::GestureBegin> request) {
  hub_.flush();
  if (auto valid = check_begin(request.command()); !valid) return request.fail(std::move(valid).error());
  // Its parameters may have come with the edit before.
  hub_.engine().when_ready([this, owed = owed(std::move(request))](Result<void> running) {
    if (!running) return owed->fail(running.error());
    // Things may have changed while the engine was waited for.
    if (auto valid = check_begin(owed->command()); !valid) return owed->fail(std::move(valid).error());
    begin_now(std::move(*owed));
  });
}

void Gestures::begin_now(session::Server::Request<parameter::GestureBegin> request) {
  const parameter::GestureBegin& command = request.command();
  for (const ParameterId& id : command.parameter_ids) {
    if (const auto holder = held_.find(id); holder != held_.end()) abandon(GestureId(holder->second), GestureEndReason::taken_over);
  }
  Gesture gesture{.id = GestureId(random_id("gst")),
                  .client = request.client(),
                  .instance = request.instance_id(),
                  .on_abandon = command.on_abandon,
                  .stream = StreamId(random_hex64()),
                  .targets = {},
                  .phase = Phase::opening};
  stream::Open open{.stream_id = gesture.stream, .handles = {}, .lease_ms = kLeaseMs};
  for (const ParameterId& id : command.parameter_ids) {
    const Handle handle = hub_.parameter(id)->handle;
    gesture.targets.push_back({.parameter = id, .handle = handle});
    open.handles.push_back(handle);
    held_[id] = gesture.id;
  }
  const GestureId id = gesture.id;
  gestures_.emplace(id, std::move(gesture));
  hub_.engine().call(std::move(open),
                     [this, id, owed = owed(std::move(request))](const Result<envelope::Empty>& answer) { opened(id, *owed, answer); });
}

void Gestures::opened(const GestureId& id, session::Server::Request<parameter::GestureBegin>& request,
                      const Result<envelope::Empty>& answer) {
  const auto entry = gestures_.find(id);
  if (entry == gestures_.end()) return request.fail(why_not_open(id));  // it was ended while it was being opened
  const session::EngineLink* link = hub_.engine().link();
  if (!answer || link == nullptr) {
    (void)release(id);
    return request.fail(answer ? hub_.engine().unavailable() : answer.error());
  }
  Gesture& gesture = entry->second;
  gesture.phase = Phase::open;
  parameter::GestureBeginReply reply{.gesture_id = id, .stream_id = gesture.stream, .link = *link, .lease_ms = kLeaseMs, .targets = {}};
  for (const Target& target : gesture.targets) {
    const parameter::Parameter* parameter = hub_.parameter(target.parameter);
    reply.targets.push_back({.parameter_id = target.parameter,
                             .handle = target.handle,
                             .value = parameter->value,
                             .minimum = parameter->minimum,
                             .maximum = parameter->maximum});
  }
  request.reply(std::move(reply));
}

// ---- end ----

Error Gestures::why_not_open(const GestureId& id) const {
  const auto known = ended_.find(id);
  const std::string name = "gesture '" + id.str() + "'";
  if (known != ended_.end()) {
    if (known->second == GestureEndReason::target_removed)
      return make_error(errors::kGestureTargetRemoved, name + " ended when a parameter of it was removed; nothing was committed");
    if (known->second == GestureEndReason::lease_expired)
      return make_error(errors::kGestureExpired, name + " ended because neither samples nor an end came in time");
    return make_error(errors::kGestureNotFound, name + " has ended already: " + std::string(to_string(known->second)));
  }
  return make_error(errors::kGestureNotFound, "no " + name + " of this client is open");
}

Result<std::vector<parameter::ParameterValue>> Gestures::final_values(const Gesture& gesture, const parameter::GestureEnd& command) const {
  // What is left out keeps the value before the gesture, and so does all of it on revert.
  std::vector<parameter::ParameterValue> values;
  for (const Target& target : gesture.targets)
    values.push_back({.parameter_id = target.parameter, .value = hub_.parameter(target.parameter)->value});
  std::set<ParameterId> seen;
  for (std::size_t i = 0; i < command.values.size(); ++i) {
    const parameter::ParameterValue& given = command.values[i];
    const auto own =
        std::find_if(values.begin(), values.end(), [&](const auto& value) { return value.parameter_id == given.parameter_id; });
    if (own == values.end() || !seen.insert(given.parameter_id).second)
      return edits::pointed(
          make_error(errors::kPayloadInvalid, "parameter '" + given.parameter_id.str() +
                                                  (own == values.end() ? "' is not a target of the gesture" : "' is named twice")),
          at("values", i) + "/parameterId");
    if (auto valid = edits::check_value(*hub_.parameter(given.parameter_id), given.value); !valid)
      return edits::pointed(std::move(valid).error(), at("values", i) + "/value");
    if (command.outcome == parameter::GestureOutcome::commit) own->value = given.value;
  }
  return values;
}

Result<void> Gestures::add_automation(const Gesture& gesture, const parameter::GestureEnd& command, const EditContext& context,
                                      Edit& edit) {
  if (!command.automation) return {};
  std::set<ParameterId> seen;
  for (std::size_t i = 0; i < command.automation->size(); ++i) {
    const parameter::GestureAutomation& given = (*command.automation)[i];
    const bool own = std::any_of(gesture.targets.begin(), gesture.targets.end(),
                                 [&](const Target& target) { return target.parameter == given.parameter_id; });
    if (!own || !seen.insert(given.parameter_id).second)
      return edits::pointed(make_error(errors::kPayloadInvalid, "parameter '" + given.parameter_id.str() +
                                                                    (own ? "' is named twice" : "' is not a target of the gesture")),
                            at("automation", i) + "/parameterId");
    auto change = edits::plan_points(context, {.parameter_id = given.parameter_id,
                                               .from_frames = given.from_frames,
                                               .to_frames = given.to_frames,
                                               .points = given.points,
                                               .pointer = at("automation", i)});
    if (!change) return std::move(change).error();
    if (command.outcome != parameter::GestureOutcome::commit) continue;
    if (edit.changes.empty()) edit.label = "Draw Automation of " + context.state.parameter(given.parameter_id)->name;
    edit.changes.emplace_back(*std::move(change));
  }
  return {};
}

void Gestures::end(session::Server::Request<parameter::GestureEnd> request) {
  hub_.flush();
  auto document = hub_.need_document();
  if (!document) return request.fail(std::move(document).error());
  const GestureId id = request.command().gesture_id;
  const auto entry = gestures_.find(id);
  if (entry == gestures_.end() || entry->second.client != request.client() || entry->second.phase == Phase::opening)
    return request.fail(why_not_open(id));
  auto values = final_values(entry->second, request.command());
  if (!values) return request.fail(std::move(values).error());
  auto edit = edits::plan_values((*document)->edit_context(), *values);
  if (!edit) return request.fail(std::move(edit).error());
  if (auto added = add_automation(entry->second, request.command(), (*document)->edit_context(), *edit); !added)
    return request.fail(std::move(added).error());
  // Committed before the engine is told: when the disk is full nothing has happened, and the gesture is still there to be reverted.
  Provenance provenance{.cause = cause_of(request)};
  provenance.cause.gesture_id = id;
  const MessageId command = request.command_id();
  hub_.submit(*std::move(edit), std::move(provenance), command,
              [this, id, values = *values, owed = owed(std::move(request))](Result<Revision> revision) {
                if (!revision) return owed->fail(std::move(revision).error());
                const Gesture gesture = release(id);
                close_and_answer(gesture, values, *revision, *owed);
              });
  hub_.flush();  // whatever comes next may not find the gesture open
}

void Gestures::close_and_answer(const Gesture& gesture, std::vector<parameter::ParameterValue> values, Revision revision,
                                session::Server::Request<parameter::GestureEnd>& request) {
  parameter::GestureEndReply reply{.revision = revision, .values = std::move(values), .stream = {}};
  // The engine is away: it comes back with the committed values, and what it knew of the stream is gone with it.
  if (gesture.phase == Phase::waiting) return request.reply(std::move(reply));
  stream::Close close{.stream_id = gesture.stream, .values = {}};
  for (std::size_t i = 0; i < gesture.targets.size(); ++i)
    close.values.push_back({.handle = gesture.targets[i].handle, .value = reply.values[i].value});
  closing_[gesture.stream] = std::nullopt;
  const auto set = close.values;
  hub_.engine().call(std::move(close), [this, gesture, set, reply = std::move(reply),
                                        owed = owed(std::move(request))](const Result<stream::CloseReply>& answer) mutable {
    const auto expired = closing_.extract(gesture.stream);
    if (answer) {
      hub_.engine().values_set(set);
      reply.stream = answer->report;
    } else {
      if (!expired.empty() && expired.mapped()) reply.stream = expired.mapped()->report;
      restore_committed(gesture);
    }
    owed->reply(std::move(reply));
  });
}

// ---- ends without the client ----

std::vector<engine::HandleValue> Gestures::committed_values(const Gesture& gesture) const {
  std::vector<engine::HandleValue> values;
  for (const Target& target : gesture.targets) {
    if (const parameter::Parameter* parameter = hub_.parameter(target.parameter))
      values.push_back({.handle = target.handle, .value = parameter->value});
  }
  return values;
}

void Gestures::restore_committed(const Gesture& gesture) {
  for (const engine::HandleValue& value : committed_values(gesture)) hub_.engine().set_value(value.handle, value.value);
}

void Gestures::tell_ended(const GestureId& id, GestureEndReason reason, bool committed) {
  hub_.server().broadcast(parameter::GestureEnded{.gesture_id = id, .reason = reason, .committed = committed});
}

void Gestures::remember(const GestureId& id, GestureEndReason reason) {
  ended_[id] = reason;
  const auto now = Clock::now();
  ended_order_.emplace_back(id, now);
  // A client that was away for its whole lease still asks with the right to be told (GEST-63).
  while (ended_order_.size() > kRememberedEnds && now - ended_order_.front().second > std::chrono::milliseconds(kLeaseMs)) {
    ended_.erase(ended_order_.front().first);
    ended_order_.pop_front();
  }
}

Gestures::Gesture Gestures::release(const GestureId& id) {
  Gesture gesture = std::move(gestures_.extract(id).mapped());
  for (const Target& target : gesture.targets) held_.erase(target.parameter);
  return gesture;
}

void Gestures::abandon(const GestureId& id, GestureEndReason reason) {
  if (!gestures_.contains(id)) return;
  const Gesture gesture = release(id);
  remember(id, reason);
  spdlog::info("gesture {} ended without its client: {}", id.str(), to_string(reason));
  // Without an engine nobody knows the last values.
  if (gesture.phase == Phase::waiting) return tell_ended(id, reason, false);
  const bool revert = gesture.on_abandon == parameter::OnAbandon::revert;
  stream::Close close{.stream_id = gesture.stream, .values = revert ? committed_values(gesture) : std::vector<engine::HandleValue>{}};
  closing_[gesture.stream] = std::nullopt;
  hub_.engine().call(std::move(close), [this, gesture, reason](const Result<stream::CloseReply>& answer) {
    const auto expired = closing_.extract(gesture.stream);
    if (answer) return conclude(gesture, reason, answer->last_values);
    conclude(gesture, reason, !expired.empty() && expired.mapped() ? expired.mapped()->values : std::vector<engine::HandleValue>{});
  });
}

void Gestures::conclude(const Gesture& gesture, GestureEndReason reason, const std::vector<engine::HandleValue>& last_values) {
  const auto not_committed = [this, gesture, reason] {
    restore_committed(gesture);
    tell_ended(gesture.id, reason, false);
  };
  Document* document = hub_.document();
  if (document == nullptr || gesture.on_abandon == parameter::OnAbandon::revert) return not_committed();
  std::vector<parameter::ParameterValue> values;
  for (const Target& target : gesture.targets) {
    const auto last =
        std::find_if(last_values.begin(), last_values.end(), [&](const auto& value) { return value.handle == target.handle; });
    if (last != last_values.end()) values.push_back({.parameter_id = target.parameter, .value = last->value});
  }
  auto edit = edits::plan_values(document->edit_context(), values);
  if (!edit) spdlog::warn("the last values of gesture {} cannot be committed: {}", gesture.id.str(), to_string(edit.error()));
  if (!edit || edit->changes.empty()) return not_committed();
  edit->label += " (abandoned)";
  Provenance provenance{.origin = project::TransactionOrigin::abandoned,
                        .cause = {.instance_id = gesture.instance, .command_id = {}, .gesture_id = gesture.id}};
  hub_.submit(*std::move(edit), std::move(provenance), {}, [this, gesture, reason, not_committed](Result<Revision> revision) {
    if (!revision) return not_committed();
    tell_ended(gesture.id, reason, true);
  });
  hub_.flush();
}

void Gestures::drop(const GestureId& id, GestureEndReason reason) {
  if (!gestures_.contains(id)) return;
  const Gesture gesture = release(id);
  remember(id, reason);
  spdlog::info("gesture {} ended: {}", id.str(), to_string(reason));
  if (gesture.phase != Phase::waiting) {
    hub_.engine().call(stream::Close{.stream_id = gesture.stream, .values = committed_values(gesture)},
                       [this, gesture](const Result<stream::CloseReply>& answer) {
                         if (!answer) restore_committed(gesture);
                       });
  }
  tell_ended(id, reason, false);
}

// Telling one end may end others: a client that reads too slowly is disconnected by it. So what is to be ended is picked out first.
template <class Matches>
std::vector<GestureId> Gestures::those(Matches matches) const {
  std::vector<GestureId> ids;
  for (const auto& [id, gesture] : gestures_)
    if (matches(gesture)) ids.push_back(id);
  return ids;
}

void Gestures::client_gone(session::ClientKey client) {
  hub_.flush();
  for (const GestureId& id : those([&](const Gesture& gesture) { return gesture.client == client; }))
    abandon(id, GestureEndReason::lease_expired);
}

void Gestures::stream_expired(const stream::Expired& event) {
  if (const auto closing = closing_.find(event.stream_id); closing != closing_.end()) {
    closing->second = event;
    return;
  }
  for (const GestureId& id : those([&](const Gesture& gesture) { return gesture.stream == event.stream_id; })) {
    const Gesture gesture = release(id);
    remember(id, GestureEndReason::lease_expired);
    spdlog::info("gesture {} ended without its client: its lease is over", id.str());
    conclude(gesture, GestureEndReason::lease_expired, event.values);
  }
}

void Gestures::engine_lost() {
  for (auto& [id, gesture] : gestures_) {
    if (gesture.phase == Phase::open) gesture.phase = Phase::waiting;
  }
}

void Gestures::engine_back() {
  for (auto& [id, gesture] : gestures_) {
    if (gesture.phase != Phase::waiting) continue;
    gesture.stream = StreamId(random_hex64());
    gesture.phase = Phase::open;
    stream::Open open{.stream_id = gesture.stream, .handles = {}, .lease_ms = kLeaseMs};
    for (const Target& target : gesture.targets) open.handles.push_back(target.handle);
    hub_.engine().call(std::move(open), [this, id = id, stream = gesture.stream](const Result<envelope::Empty>& answer) {
      const auto entry = gestures_.find(id);
      if (entry == gestures_.end() || entry->second.stream != stream) return;
      const session::EngineLink* link = hub_.engine().link();
      if (link == nullptr) return;  // lost again; the next one gets its own stream
      if (!answer) {
        spdlog::error("gesture {} cannot go on: {}", id.str(), to_string(answer.error()));
        return drop(id, GestureEndReason::engine_lost);
      }
      hub_.server().send(entry->second.client, parameter::GestureResumed{.gesture_id = id, .stream_id = stream, .link = *link});
    });
  }
}

void Gestures::engine_gone() {
  for (const GestureId& id : those([](const Gesture& gesture) { return gesture.phase == Phase::waiting; }))
    drop(id, GestureEndReason::engine_lost);
}

void Gestures::model_changed(const std::vector<project::Change>& changes) {
  const bool removal = std::any_of(changes.begin(), changes.end(), [](const project::Change& change) {
    return std::holds_alternative<project::TrackRemoved>(change) || std::holds_alternative<project::NodeRemoved>(change) ||
           std::holds_alternative<project::BusRemoved>(change) || std::holds_alternative<project::SendRemoved>(change);
  });
  if (!removal) return;
  const auto has_lost_a_target = [this](const Gesture& gesture) {
    return std::any_of(gesture.targets.begin(), gesture.targets.end(),
                       [this](const Target& target) { return hub_.parameter(target.parameter) == nullptr; });
  };
  for (const GestureId& id : those(has_lost_a_target)) drop(id, GestureEndReason::target_removed);
}

void Gestures::project_closing() {
  for (const GestureId& id : those([](const Gesture&) { return true; })) drop(id, GestureEndReason::project_closed);
}

}  // namespace loophole::pulse
