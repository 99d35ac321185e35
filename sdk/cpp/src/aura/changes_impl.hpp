#pragma once
// Changes::Impl: takes down what a transaction is about to change, and tells it when all of it is in the mirror.

#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "loophole/aura/changes.hpp"
#include "loophole/aura/mirror.hpp"

namespace loophole::aura {

// Things of one kind that a transaction names, each once, as they were before it.
template <class Id, class Before>
class ChangeNotes {
 public:
  struct Note {
    Id id;
    Before before;
    bool moved = false;
  };

  // `before` is asked for at the first mention.
  template <class Ask>
  Note& note(const Id& id, const Ask& before) {
    const auto [known, fresh] = places_.try_emplace(id, notes_.size());
    if (fresh) notes_.push_back({.id = id, .before = before()});
    return notes_[known->second];
  }
  [[nodiscard]] const std::vector<Note>& all() const noexcept { return notes_; }

 private:
  std::vector<Note> notes_;
  std::unordered_map<Id, std::size_t> places_;
};

// A thing that has a place in a list of its holder.
template <class Thing, class HolderId>
struct Placed {
  std::optional<Thing> thing{};
  HolderId holder{};
  std::size_t index = 0;
};

// All that a transaction names.
struct ChangeNoteSet {
  ChangeNotes<TrackId, Placed<track::Track, ProjectId>> tracks;
  ChangeNotes<ClipId, Placed<clip::Clip, TrackId>> clips;
  ChangeNotes<NodeId, Placed<node::Node, ChannelId>> nodes;
  ChangeNotes<BusId, Placed<routing::Bus, ProjectId>> buses;
  ChangeNotes<SendId, Placed<channel::Send, ChannelId>> sends;
  ChangeNotes<ChannelId, std::optional<BusId>> outputs;
  ChangeNotes<ChannelId, std::optional<channel::Channel>> channels;
  ChangeNotes<ParameterId, std::optional<double>> parameters;
  ChangeNotes<ParameterId, std::optional<automation::Lane>> lanes;
  std::optional<double> tempo;
};

class Changes::Impl {
 public:
  // Whether anybody wants to know about changes of the project.
  [[nodiscard]] bool listening() const noexcept;
  // Before a change is applied to `state`.
  void note(const model::ProjectState& state, const project::Change& change);
  // What was noted since the last take(): the next transaction begins with nothing.
  [[nodiscard]] ChangeNoteSet take() { return std::exchange(notes_, {}); }
  // All of the transaction is in the mirror.
  void tell(ChangeNoteSet notes, const Mirror& mirror, const ChangeCause& cause);
  void tell_transport(const transport::Changed& changed);
  void forget_transport() { transport_.reset(); }

  std::function<void(const BusChange&)> on_bus;
  std::function<void(const TrackChange&)> on_track;
  std::function<void(const ClipChange&)> on_clip;
  std::function<void(const NodeChange&)> on_node;
  std::function<void(const SendChange&)> on_send;
  std::function<void(const OutputChange&)> on_output;
  std::function<void(const ChannelChange&)> on_channel;
  std::function<void(const ParameterChange&)> on_parameter;
  std::function<void(const AutomationChange&)> on_automation;
  std::function<void(const TempoChange&)> on_tempo;
  std::function<void(const TransportChange&)> on_transport;

 private:
  void note_one(const model::ProjectState& state, const project::TrackAdded& change);
  void note_one(const model::ProjectState& state, const project::TrackRemoved& change);
  void note_one(const model::ProjectState& state, const project::TrackMoved& change);
  void note_one(const model::ProjectState& state, const project::TrackChanged& change);
  void note_one(const model::ProjectState& state, const project::ClipAdded& change);
  void note_one(const model::ProjectState& state, const project::ClipRemoved& change);
  void note_one(const model::ProjectState& state, const project::ClipMoved& change);
  void note_one(const model::ProjectState& state, const project::ClipChanged& change);
  void note_one(const model::ProjectState& state, const project::NodeAdded& change);
  void note_one(const model::ProjectState& state, const project::NodeRemoved& change);
  void note_one(const model::ProjectState& state, const project::NodeMoved& change);
  void note_one(const model::ProjectState& state, const project::NodeChanged& change);
  void note_one(const model::ProjectState& state, const project::BusAdded& change);
  void note_one(const model::ProjectState& state, const project::BusRemoved& change);
  void note_one(const model::ProjectState& state, const project::BusChanged& change);
  void note_one(const model::ProjectState& state, const project::SendAdded& change);
  void note_one(const model::ProjectState& state, const project::SendRemoved& change);
  void note_one(const model::ProjectState& state, const project::OutputChanged& change);
  void note_one(const model::ProjectState& state, const project::ParameterChanged& change);
  void note_one(const model::ProjectState& state, const project::AutomationChanged& change);
  void note_one(const model::ProjectState& state, const project::TempoChanged& change);
  void note_one(const model::ProjectState& state, const project::UnknownChanged& change);

  void note_track(const model::ProjectState& state, const TrackId& id, bool moved);
  void note_clip(const model::ProjectState& state, const ClipId& id, bool moved);
  void note_node(const model::ProjectState& state, const NodeId& id, bool moved);
  void note_bus(const model::ProjectState& state, const BusId& id);
  void note_send(const model::ProjectState& state, const SendId& id);
  void note_channel(const model::ProjectState& state, const ChannelId& id);

  template <class Notes, class Change, class Find>
  void tell_placed(const Notes& notes, const std::function<void(const Change&)>& handler, const Mirror& mirror, const ChangeCause& cause,
                   const Find& find);

  ChangeNoteSet notes_;
  std::optional<transport::Changed> transport_;
};

}  // namespace loophole::aura
