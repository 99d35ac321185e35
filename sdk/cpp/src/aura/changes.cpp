#include "loophole/aura/changes.hpp"

#include <utility>
#include <variant>

#include "changes_impl.hpp"
#include "kept_handler.hpp"

namespace loophole::aura {
namespace {

using model::ProjectState;

template <class Thing>
std::size_t index_in(const std::vector<Thing>& list, const Thing* thing) {
  return static_cast<std::size_t>(thing - list.data());
}

// Things as they are, with their place; nullptr where there is none.
template <class Thing, class HolderId>
struct Found {
  const Thing* thing = nullptr;
  HolderId holder{};
  std::size_t index = 0;

  [[nodiscard]] Placed<Thing, HolderId> copy() const {
    if (thing == nullptr) return {};
    return {.thing = *thing, .holder = holder, .index = index};
  }
};

Found<track::Track, ProjectId> find(const ProjectState& state, const TrackId& id) {
  const track::Track* track = state.track(id);
  if (track == nullptr) return {};
  return {.thing = track, .holder = state.project().id, .index = index_in(state.project().tracks, track)};
}

Found<routing::Bus, ProjectId> find(const ProjectState& state, const BusId& id) {
  const routing::Bus* bus = state.bus(id);
  if (bus == nullptr) return {};
  return {.thing = bus, .holder = state.project().id, .index = index_in(state.project().buses, bus)};
}

Found<clip::Clip, TrackId> find(const ProjectState& state, const ClipId& id) {
  Found<clip::Clip, TrackId> found;
  found.thing = state.clip(id, &found.holder);
  if (found.thing != nullptr) found.index = index_in(state.track(found.holder)->clips, found.thing);
  return found;
}

Found<node::Node, ChannelId> find(const ProjectState& state, const NodeId& id) {
  Found<node::Node, ChannelId> found;
  found.thing = state.node(id, &found.holder);
  if (found.thing != nullptr) found.index = index_in(state.channel(found.holder)->nodes, found.thing);
  return found;
}

Found<channel::Send, ChannelId> find(const ProjectState& state, const SendId& id) {
  Found<channel::Send, ChannelId> found;
  found.thing = state.send(id, &found.holder);
  if (found.thing != nullptr) found.index = index_in(state.channel(found.holder)->sends, found.thing);
  return found;
}

}  // namespace

// --- before ------------------------------------------------------------------------------------------------------------------------------

bool Changes::Impl::listening() const noexcept {
  return on_bus || on_track || on_clip || on_node || on_send || on_output || on_channel || on_parameter || on_automation || on_tempo;
}

void Changes::Impl::note(const ProjectState& state, const project::Change& change) {
  std::visit([&](const auto& one) { note_one(state, one); }, change);
}

void Changes::Impl::note_track(const ProjectState& state, const TrackId& id, bool moved) {
  if (on_track) notes_.tracks.note(id, [&] { return find(state, id).copy(); }).moved |= moved;
}
void Changes::Impl::note_clip(const ProjectState& state, const ClipId& id, bool moved) {
  if (on_clip) notes_.clips.note(id, [&] { return find(state, id).copy(); }).moved |= moved;
}
void Changes::Impl::note_node(const ProjectState& state, const NodeId& id, bool moved) {
  if (on_node) notes_.nodes.note(id, [&] { return find(state, id).copy(); }).moved |= moved;
}
void Changes::Impl::note_bus(const ProjectState& state, const BusId& id) {
  if (on_bus) notes_.buses.note(id, [&] { return find(state, id).copy(); });
}
void Changes::Impl::note_send(const ProjectState& state, const SendId& id) {
  if (on_send) notes_.sends.note(id, [&] { return find(state, id).copy(); });
}
void Changes::Impl::note_channel(const ProjectState& state, const ChannelId& id) {
  if (!on_channel) return;
  notes_.channels.note(id, [&] {
    const channel::Channel* channel = state.channel(id);
    return channel == nullptr ? std::nullopt : std::optional(*channel);
  });
}

void Changes::Impl::note_one(const ProjectState& state, const project::TrackAdded& change) {
  note_track(state, change.track.id, false);
}
void Changes::Impl::note_one(const ProjectState& state, const project::TrackRemoved& change) {
  note_track(state, change.track_id, false);
}
void Changes::Impl::note_one(const ProjectState& state, const project::TrackMoved& change) {
  note_track(state, change.track_id, true);
}
void Changes::Impl::note_one(const ProjectState& state, const project::TrackChanged& change) {
  note_track(state, change.track_id, false);
}
void Changes::Impl::note_one(const ProjectState& state, const project::ClipAdded& change) {
  note_clip(state, change.clip.id, false);
}
void Changes::Impl::note_one(const ProjectState& state, const project::ClipRemoved& change) {
  note_clip(state, change.clip_id, false);
}
void Changes::Impl::note_one(const ProjectState& state, const project::ClipMoved& change) {
  note_clip(state, change.clip_id, true);
}
void Changes::Impl::note_one(const ProjectState& state, const project::ClipChanged& change) {
  note_clip(state, change.clip.id, false);
}
void Changes::Impl::note_one(const ProjectState& state, const project::NodeAdded& change) {
  note_node(state, change.node.id, false);
  note_channel(state, change.channel_id);
}
void Changes::Impl::note_one(const ProjectState& state, const project::NodeRemoved& change) {
  note_node(state, change.node_id, false);
  note_channel(state, change.channel_id);
}
void Changes::Impl::note_one(const ProjectState& state, const project::NodeMoved& change) {
  note_node(state, change.node_id, true);
  if (on_channel) note_channel(state, find(state, change.node_id).holder);
  note_channel(state, change.channel_id);
}
void Changes::Impl::note_one(const ProjectState& state, const project::NodeChanged& change) {
  note_node(state, change.node_id, false);
}
void Changes::Impl::note_one(const ProjectState& state, const project::BusAdded& change) {
  note_bus(state, change.bus.id);
}
void Changes::Impl::note_one(const ProjectState& state, const project::BusRemoved& change) {
  note_bus(state, change.bus_id);
}
void Changes::Impl::note_one(const ProjectState& state, const project::BusChanged& change) {
  note_bus(state, change.bus_id);
}
void Changes::Impl::note_one(const ProjectState& state, const project::SendAdded& change) {
  note_send(state, change.send.id);
  note_channel(state, change.channel_id);
}
void Changes::Impl::note_one(const ProjectState& state, const project::SendRemoved& change) {
  note_send(state, change.send_id);
  note_channel(state, change.channel_id);
}
void Changes::Impl::note_one(const ProjectState& state, const project::OutputChanged& change) {
  note_channel(state, change.channel_id);
  if (!on_output) return;
  notes_.outputs.note(change.channel_id, [&] {
    const channel::Channel* channel = state.channel(change.channel_id);
    return channel == nullptr ? std::nullopt : channel->output;
  });
}
void Changes::Impl::note_one(const ProjectState& state, const project::ParameterChanged& change) {
  if (!on_parameter) return;
  notes_.parameters.note(change.parameter_id, [&] {
    const parameter::Parameter* parameter = state.parameter(change.parameter_id);
    return parameter == nullptr ? std::nullopt : std::optional(parameter->value);
  });
}
void Changes::Impl::note_one(const ProjectState& state, const project::AutomationChanged& change) {
  if (!on_automation) return;
  notes_.lanes.note(change.parameter_id, [&] {
    const parameter::Parameter* parameter = state.parameter(change.parameter_id);
    return parameter == nullptr ? std::nullopt : parameter->automation;
  });
}
void Changes::Impl::note_one(const ProjectState& state, const project::TempoChanged&) {
  if (on_tempo && !notes_.tempo) notes_.tempo = state.project().tempo_bpm;
}
void Changes::Impl::note_one(const ProjectState&, const project::UnknownChanged&) {}

// --- after -------------------------------------------------------------------------------------------------------------------------------

// A handler may wait, and the project move on or go; so each thing is looked up when it is told, and handlers are copied.
template <class Notes, class Change, class Find>
void Changes::Impl::tell_placed(const Notes& notes, const std::function<void(const Change&)>& handler, const Mirror& mirror,
                                const ChangeCause& cause, const Find& find_now) {
  for (const auto& note : notes) {
    const auto call = handler;
    if (!call || mirror.state() == nullptr) return;
    const auto now = find_now(*mirror.state(), note.id);
    const auto* before = note.before.thing ? &*note.before.thing : nullptr;
    if (before == nullptr && now.thing == nullptr) continue;  // came and went within the transaction
    const ChangeKind kind = before == nullptr      ? ChangeKind::added
                            : now.thing == nullptr ? ChangeKind::removed
                            : note.moved           ? ChangeKind::moved
                                                   : ChangeKind::changed;
    call({.kind = kind,
          .id = note.id,
          .before = before,
          .after = now.thing,
          .holder_before = note.before.holder,
          .holder_after = now.holder,
          .index_before = note.before.index,
          .index_after = now.index,
          .cause = cause});
  }
}

void Changes::Impl::tell(ChangeNoteSet notes, const Mirror& mirror, const ChangeCause& cause) {
  const auto find_now = [](const ProjectState& state, const auto& id) { return find(state, id); };
  tell_placed(notes.buses.all(), on_bus, mirror, cause, find_now);
  tell_placed(notes.tracks.all(), on_track, mirror, cause, find_now);
  tell_placed(notes.clips.all(), on_clip, mirror, cause, find_now);
  tell_placed(notes.nodes.all(), on_node, mirror, cause, find_now);
  tell_placed(notes.sends.all(), on_send, mirror, cause, find_now);
  for (const auto& note : notes.outputs.all()) {
    const auto handler = on_output;
    const channel::Channel* channel = mirror.state() == nullptr ? nullptr : mirror.state()->channel(note.id);
    if (handler && channel != nullptr) handler({.channel = note.id, .before = note.before, .after = channel->output, .cause = cause});
  }
  for (const auto& note : notes.channels.all()) {
    const auto handler = on_channel;
    const channel::Channel* channel = mirror.state() == nullptr ? nullptr : mirror.state()->channel(note.id);
    if (handler && channel != nullptr && note.before) handler({.id = note.id, .before = &*note.before, .after = channel, .cause = cause});
  }
  for (const auto& note : notes.parameters.all()) {
    const auto handler = on_parameter;
    const parameter::Parameter* parameter = mirror.state() == nullptr ? nullptr : mirror.state()->parameter(note.id);
    if (handler && parameter != nullptr && note.before)
      handler({.id = note.id, .before = *note.before, .after = parameter->value, .parameter = *parameter, .cause = cause});
  }
  for (const auto& note : notes.lanes.all()) {
    const auto handler = on_automation;
    const parameter::Parameter* parameter = mirror.state() == nullptr ? nullptr : mirror.state()->parameter(note.id);
    if (!handler || parameter == nullptr) continue;
    handler({.id = note.id,
             .before = note.before ? &*note.before : nullptr,
             .after = parameter->automation ? &*parameter->automation : nullptr,
             .cause = cause});
  }
  if (const auto handler = on_tempo; handler && notes.tempo && mirror.project() != nullptr)
    handler({.before = *notes.tempo, .after = mirror.project()->tempo_bpm, .cause = cause});
}

void Changes::Impl::tell_transport(const transport::Changed& changed) {
  const auto before = std::exchange(transport_, changed);
  if (const auto handler = on_transport) handler({.before = before, .after = changed});
}

// --- the public face ---------------------------------------------------------------------------------------------------------------------

Changes::Changes(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Changes::~Changes() = default;

void Changes::on_bus(std::function<void(const BusChange&)> handler) {
  impl_->on_bus = kept(std::move(handler));
}
void Changes::on_track(std::function<void(const TrackChange&)> handler) {
  impl_->on_track = kept(std::move(handler));
}
void Changes::on_clip(std::function<void(const ClipChange&)> handler) {
  impl_->on_clip = kept(std::move(handler));
}
void Changes::on_node(std::function<void(const NodeChange&)> handler) {
  impl_->on_node = kept(std::move(handler));
}
void Changes::on_send(std::function<void(const SendChange&)> handler) {
  impl_->on_send = kept(std::move(handler));
}
void Changes::on_output(std::function<void(const OutputChange&)> handler) {
  impl_->on_output = kept(std::move(handler));
}
void Changes::on_channel(std::function<void(const ChannelChange&)> handler) {
  impl_->on_channel = kept(std::move(handler));
}
void Changes::on_parameter(std::function<void(const ParameterChange&)> handler) {
  impl_->on_parameter = kept(std::move(handler));
}
void Changes::on_automation(std::function<void(const AutomationChange&)> handler) {
  impl_->on_automation = kept(std::move(handler));
}
void Changes::on_tempo(std::function<void(const TempoChange&)> handler) {
  impl_->on_tempo = kept(std::move(handler));
}
void Changes::on_transport(std::function<void(const TransportChange&)> handler) {
  impl_->on_transport = kept(std::move(handler));
}

}  // namespace loophole::aura
