// What the suite's Pulse answers: the session, the project, the transport. Gestures are in host_gestures.cpp.
#include <algorithm>

#include "loophole/core/id.hpp"
#include "loophole/messages/device.hpp"
#include "loophole/messages/plugin.hpp"
#include "loophole/messages/registry.hpp"
#include "loophole/messages/track.hpp"
#include "loophole/messages/transport.hpp"
#include "trial/host.hpp"
#include "trial/song.hpp"

namespace loophole::conformance {
namespace {

template <class T>
std::variant<wire::Payload, Error> reply(T value) {
  return wire::Payload::of(std::move(value));
}

std::vector<std::string> routed(loophole::Kind kind, Role from, Role to) {
  std::vector<std::string> names;
  for (const wire::MessageDesc* one : wire::all_messages())
    if (one->kind == kind && one->allows(from, to)) names.emplace_back(one->name);
  return names;
}

}  // namespace

Host::Said Host::respond_hello(const session::Hello& hello, const std::string& from) {
  if (hello.protocol.major != 1 || hello.protocol.min_minor > 0)
    return make_error(errors::kProtocolVersionUnsupported, "the client speaks " + std::to_string(hello.protocol.major) + "." +
                                                               std::to_string(hello.protocol.min_minor) + ", this Pulse 1.0");
  for (auto& [name, other] : guests_) {  // its first connection is given up (HELLO-7)
    if (name == from || other.instance != hello.instance_id) continue;
    send(name, encoded(wire::make_event(MessageId(next_id()), Role::pulse, Role::aura,
                                        session::Goodbye{.reason = session::GoodbyeReason::closing, .message = {}})));
    other.instance.reset();
  }
  Guest& guest = guests_[from];
  guest.instance = hello.instance_id;
  peer_ = from;
  goodbye_.reset();
  trial_.greeted(0, Milliseconds(lease_ms));
  session::HelloReply now{.session_id = SessionId("s-" + instance_),
                          .role = Role::pulse,
                          .instance_id = InstanceId(instance_),
                          .software = {.name = "loophole-conformance", .version = LOOPHOLE_VERSION},
                          .protocol = {.major = 1, .minor = 0},
                          .capabilities = {},
                          .heartbeat_interval_ms = heartbeat_ms,
                          .lease_ms = lease_ms,
                          .limits = {.max_message_bytes = 16'777'216, .max_depth = 32, .max_frame_bytes = 1'048'576},
                          .engine = {},
                          .fingerprint = {}};
  if (deck_ != nullptr) now.engine = deck_->link();
  return reply(std::move(now));
}

Host::Said Host::respond(const wire::Message& command, const std::string& from) {
  if (const auto* hello = command.as<session::Hello>()) return respond_hello(*hello, from);
  if (command.as<session::Describe>() != nullptr)
    return reply(session::DescribeReply{.handles = routed(loophole::Kind::command, Role::aura, Role::pulse),
                                        .sends = routed(loophole::Kind::event, Role::pulse, Role::aura),
                                        .protocol = {.major = 1, .minor = 0},
                                        .fingerprint = std::string(wire::kModelFingerprint)});
  if (command.as<session::Counters>() != nullptr) return reply(session::CountersReply{});
  const project::Cause cause{.instance_id = *guests_[from].instance, .command_id = command.header.id, .gesture_id = {}};
  if (auto said = respond_with_project(command)) return *std::move(said);
  if (auto said = respond_with_edit(command, cause)) return *std::move(said);
  if (auto said = respond_with_gesture(command, from, cause)) return *std::move(said);
  if (auto said = respond_with_engine(command)) return *std::move(said);
  return make_error(errors::kEnvelopeUnknownName, "the suite's Pulse does not serve " + command.header.name);
}

// --- The project

std::optional<Host::Said> Host::respond_with_project(const wire::Message& command) {
  const std::string path = "/tmp/song.loophole";
  if (command.as<project::Snapshot>() != nullptr) {
    if (!model_.project()) return reply(project::SnapshotReply{});
    return reply(project::SnapshotReply{.revision = revision(), .path = path, .project = model_.project()});
  }
  if (const auto* wanted = command.as<project::Changes>()) {
    if (!model_.project()) return make_error(errors::kProjectNone, "no project is open");
    const Revision first = log_.empty() ? revision() + 1 : log_.front().revision;
    if (wanted->project_id != project().id || wanted->since_revision + 1 < first)
      return make_error(errors::kProjectRevisionUnavailable, "transactions begin with " + std::to_string(first));
    project::ChangesReply now{.name = project().name, .path = path, .revision = revision(), .transactions = {}};
    for (const project::Changed& one : log_)
      if (one.revision > wanted->since_revision) now.transactions.push_back(one);
    return reply(std::move(now));
  }
  if (command.as<project::New>() != nullptr || command.as<project::Open>() != nullptr)
    return make_error(errors::kProjectAlreadyOpen, "a project is open");
  if (command.as<project::Save>() != nullptr) return reply(project::SaveReply{.path = path, .revision = revision()});
  if (command.as<history::List>() != nullptr) {
    history::ListReply now{.entries = {}, .position = static_cast<std::int64_t>(done_)};
    for (const Step& one : steps_) now.entries.push_back({.revision = one.revision, .label = one.label});
    return reply(std::move(now));
  }
  return std::nullopt;
}

const parameter::Parameter& Host::parameter(const ParameterId& id) {
  const parameter::Parameter* found = model_.parameter(id);
  if (found == nullptr) throw SuiteFault("the suite's project has no parameter '" + id.value + "'");
  return *found;
}

double Host::value(const ParameterId& id) {
  return parameter(id).value;
}

std::string Host::project_text() const {
  return *wire::to_json(project());
}

project::Changed Host::commit(std::vector<project::Change> changes, std::string label, project::TransactionOrigin origin,
                              std::optional<project::Cause> cause, std::optional<MessageId> cid) {
  Step step{.forward = changes, .backward = {}, .label = label, .revision = revision() + 1};
  Mirror scratch = model_;
  bool leads_back = true;
  for (const project::Change& change : changes) {
    auto back = song::inverse(*scratch.project(), change);
    leads_back = leads_back && back.has_value();
    if (back) step.backward.insert(step.backward.begin(), *std::move(back));
    if (const auto misfit = scratch.take(
            project::Changed{.revision = scratch.revision() + 1, .cause = {}, .label = label, .origin = origin, .changes = {change}}))
      throw SuiteFault("a change of the suite does not fit: " + *misfit);
  }
  project::Changed made{
      .revision = revision() + 1,
      .cause = cause.value_or(project::Cause{.instance_id = InstanceId("i-somebody-else"), .command_id = MessageId("7"), .gesture_id = {}}),
      .label = std::move(label),
      .origin = origin,
      .changes = std::move(changes)};
  if (const auto misfit = model_.take(made)) throw SuiteFault("a transaction of the suite does not fit: " + *misfit);
  log_.push_back(made);
  if (origin == project::TransactionOrigin::edit && leads_back) {
    steps_.resize(done_);
    steps_.push_back(std::move(step));
    done_ = steps_.size();
  }
  if (!swallows_) tell(made, std::move(cid));
  return made;
}

Host::Said Host::undo(bool redo, const project::Cause& cause, const MessageId& cid) {
  if (!redo && done_ == 0) return make_error(errors::kHistoryNothingToUndo, "there is nothing to undo");
  if (redo && done_ == steps_.size()) return make_error(errors::kHistoryNothingToRedo, "there is nothing to do again");
  const Step& step = steps_[redo ? done_ : done_ - 1];
  const auto made = commit(redo ? step.forward : step.backward, step.label,
                           redo ? project::TransactionOrigin::redo : project::TransactionOrigin::undo, cause, cid);
  done_ += redo ? std::size_t{1} : std::size_t{0} - 1;
  return reply(history::StepReply{.revision = made.revision, .label = made.label});
}

std::optional<Host::Said> Host::respond_with_edit(const wire::Message& command, const project::Cause& cause) {
  const MessageId& cid = command.header.id;
  const auto made = [&](project::Change change, std::string label) {
    return commit({std::move(change)}, std::move(label), {}, cause, cid).revision;
  };
  const auto known = [&](const TrackId& id) {
    return std::ranges::find(project().tracks, id, &track::Track::id) != project().tracks.end();
  };
  const auto unknown_track = [](const TrackId& id) { return make_error(errors::kTrackNotFound, "there is no track '" + id.value + "'"); };
  if (const auto* wanted = command.as<track::Add>()) {
    const auto end = static_cast<std::int64_t>(project().tracks.size());
    const track::Track added = song::track(next_thing_++, wanted->name);
    const Revision at = made(project::TrackAdded{.index = std::min(wanted->index.value_or(end), end), .track = added}, "Add Track");
    return reply(track::AddReply{.track_id = added.id, .channel_id = added.channel.id, .revision = at});
  }
  if (const auto* wanted = command.as<track::Remove>()) {
    if (!known(wanted->track_id)) return unknown_track(wanted->track_id);
    return reply(Edited{made(project::TrackRemoved{.track_id = wanted->track_id}, "Remove Track")});
  }
  if (const auto* wanted = command.as<track::Rename>()) {
    if (!known(wanted->track_id)) return unknown_track(wanted->track_id);
    const auto found = std::ranges::find(project().tracks, wanted->track_id, &track::Track::id);
    return reply(
        Edited{made(project::TrackChanged{.track_id = wanted->track_id, .name = wanted->name, .colour = found->colour}, "Rename Track")});
  }
  if (const auto* wanted = command.as<parameter::Get>()) {
    const parameter::Parameter* found = model_.parameter(wanted->parameter_id);
    if (found == nullptr) return make_error(errors::kParameterNotFound, "there is no parameter '" + wanted->parameter_id.value + "'");
    return reply(parameter::GetReply{.value = found->value, .engine_value = {}, .revision = revision()});
  }
  if (const auto* wanted = command.as<parameter::Set>()) {
    const parameter::Parameter* found = model_.parameter(wanted->parameter_id);
    if (found == nullptr) return make_error(errors::kParameterNotFound, "there is no parameter '" + wanted->parameter_id.value + "'");
    if (wanted->value < found->minimum || wanted->value > found->maximum)
      return make_error(errors::kParameterOutOfRange, "the value is outside of its range");
    const Revision at = made(project::ParameterChanged{.parameter_id = wanted->parameter_id, .value = wanted->value}, "Set Parameter");
    return reply(parameter::SetReply{.value = wanted->value, .revision = at});
  }
  if (const auto* wanted = command.as<transport::SetTempo>()) {
    const Revision at = made(project::TempoChanged{.tempo_bpm = wanted->tempo_bpm}, "Set Tempo");
    return reply(transport::SetTempoReply{.tempo_bpm = wanted->tempo_bpm, .revision = at});
  }
  if (command.as<history::Undo>() != nullptr) return undo(false, cause, cid);
  if (command.as<history::Redo>() != nullptr) return undo(true, cause, cid);
  return std::nullopt;
}

void Host::close_project() {
  const ProjectId id = project().id;
  for (const Held& one : gestures_) {
    (void)one;
    end_gesture(parameter::GestureEndReason::project_closed);
    break;  // the suite's cases hold one
  }
  model_ = {};
  log_.clear();
  steps_.clear();
  done_ = 0;
  tell(project::Closed{.project_id = id});
}

void Host::open_another_project() {
  project::Project other = song::project();
  other.id = ProjectId("prj-2");
  other.name = "Another Song";
  model_.take(project::SnapshotReply{.revision = 40, .path = {}, .project = other});
  log_.clear();
  tell(project::Opened{.project_id = other.id, .name = other.name, .path = "/tmp/song.loophole", .revision = 40});
}

// --- Engine and transport

std::optional<Host::Said> Host::respond_with_engine(const wire::Message& command) {
  if (command.as<engine::Status>() != nullptr) {
    const engine::Changed now = engine_state();
    return reply(engine::StatusReply{.state = now.state,
                                     .restarts = now.restarts,
                                     .epochs = {epoch_},
                                     .process_id = 0,
                                     .recovery_ms = 0,
                                     .effective = now.effective,
                                     .latency_frames = now.latency_frames,
                                     .model_digest = {},
                                     .engine_digest = {},
                                     .link = now.link});
  }
  const transport::StateReply still{
      .playing = false, .position_frames = 0, .position_beats = 0, .tempo_bpm = model_.project() ? project().tempo_bpm : 120, .loop = {}};
  if (command.header.name.starts_with("transport.")) return reply(still);
  if (command.as<device::List>() != nullptr) return reply(device::ListReply{});
  if (command.as<plugin::List>() != nullptr) return reply(plugin::ListReply{});
  if (command.as<plugin::Scan>() != nullptr) return reply(plugin::ScanReply{});
  return std::nullopt;
}

}  // namespace loophole::conformance
