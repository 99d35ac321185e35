#pragma once
// ProjectState: a project, and the one function that changes it. Pulse edits its model with it, Aura's mirror follows with it, so that both
// are the same by construction.
//
// 1. Start from a full state: ProjectState state(snapshot.project).
// 2. Apply the changes of each transaction in their order: state.apply(change). A change is made as a whole or not at all.
// 3. Read project(), or find things by id.
//
// Everything is found by id through an index beside the project, so that a change of one parameter costs the same in a project of any size;
// adding and removing cost what moving the elements behind them in their list costs.

#include <cstddef>
#include <optional>
#include <unordered_map>

#include "loophole/core/result.hpp"
#include "loophole/messages/project.hpp"

namespace loophole::model {

class ProjectState {
 public:
  // [owner-thread] Identifiers in `project` are unique within their kind; of two equal ones the first is found.
  explicit ProjectState(project::Project project);

  // [any-thread] as long as nobody applies a change.
  [[nodiscard]] const project::Project& project() const noexcept { return project_; }

  // [owner-thread] Errors: track.notFound, clip.notFound, channel.notFound, node.notFound, bus.notFound, send.notFound, parameter.notFound;
  // internal.fault for a change that does not fit (an index behind the end, an identifier that is there already, a bus that something
  // still leads to); protocol.newer for `unknown.changed`, after which only a snapshot helps. The project is then as it was. Pointers got
  // from this object before are not valid afterwards.
  [[nodiscard]] Result<void> apply(const project::Change& change);

  // [owner-thread] The name of the project belongs to the file (project.saveAs) and is in no transaction.
  void rename(std::string name) { project_.name = std::move(name); }

  // [any-thread] as long as nobody applies a change. nullptr or nothing: the project has no such thing. `owner`, when given, is set to
  // what holds it.
  [[nodiscard]] const track::Track* track(const TrackId& id) const;
  [[nodiscard]] std::optional<std::size_t> track_index(const TrackId& id) const;
  [[nodiscard]] const routing::Bus* bus(const BusId& id) const;
  [[nodiscard]] std::optional<std::size_t> bus_index(const BusId& id) const;
  [[nodiscard]] const channel::Channel* channel(const ChannelId& id) const;
  [[nodiscard]] const clip::Clip* clip(const ClipId& id, TrackId* owner = nullptr) const;
  [[nodiscard]] const node::Node* node(const NodeId& id, ChannelId* owner = nullptr) const;
  [[nodiscard]] const channel::Send* send(const SendId& id, ChannelId* owner = nullptr) const;
  [[nodiscard]] const parameter::Parameter* parameter(const ParameterId& id) const;

 private:
  // Where something is: what holds it and its place in the list there.
  template <class OwnerId>
  struct Place {
    OwnerId owner;
    std::size_t index = 0;
  };
  // A channel is a track's, a bus's, or (neither) the master.
  struct ChannelPlace {
    std::optional<TrackId> track;
    std::optional<BusId> bus;
  };
  // A parameter is one of a node's, the level of a send, or (neither) the gain of a channel.
  struct ParameterPlace {
    ChannelId channel;
    std::optional<NodeId> node;
    std::optional<SendId> send;
    std::size_t index = 0;
  };
  struct Identifiers;  // of one new thing: what must not occur twice

  Result<void> apply_one(const project::TrackAdded& change);
  Result<void> apply_one(const project::TrackRemoved& change);
  Result<void> apply_one(const project::TrackMoved& change);
  Result<void> apply_one(const project::TrackChanged& change);
  Result<void> apply_one(const project::ClipAdded& change);
  Result<void> apply_one(const project::ClipRemoved& change);
  Result<void> apply_one(const project::ClipMoved& change);
  Result<void> apply_one(const project::ClipChanged& change);
  Result<void> apply_one(const project::NodeAdded& change);
  Result<void> apply_one(const project::NodeRemoved& change);
  Result<void> apply_one(const project::NodeMoved& change);
  Result<void> apply_one(const project::NodeChanged& change);
  Result<void> apply_one(const project::BusAdded& change);
  Result<void> apply_one(const project::BusRemoved& change);
  Result<void> apply_one(const project::BusChanged& change);
  Result<void> apply_one(const project::SendAdded& change);
  Result<void> apply_one(const project::SendRemoved& change);
  Result<void> apply_one(const project::OutputChanged& change);
  Result<void> apply_one(const project::ParameterChanged& change);
  Result<void> apply_one(const project::AutomationChanged& change);
  Result<void> apply_one(const project::TempoChanged& change);
  Result<void> apply_one(const project::UnknownChanged& change);

  // Whether everything with an identifier in a new thing is new to the project, and occurs in it once.
  Result<void> check_new(const track::Track& track) const;
  Result<void> check_new(const channel::Channel& channel, Identifiers& seen) const;
  Result<void> check_new(const node::Node& node, Identifiers& seen) const;
  Result<void> check_new(const channel::Send& send, Identifiers& seen) const;

  void index(const track::Track& track, std::size_t place);
  void index(const routing::Bus& bus, std::size_t place);
  void index(const channel::Channel& channel, ChannelPlace place);
  void index(const node::Node& node, const ChannelId& owner, std::size_t place);
  void index(const channel::Send& send, const ChannelId& owner, std::size_t place);
  void forget(const track::Track& track);
  void forget(const channel::Channel& channel);
  void forget(const node::Node& node);
  // Numbers again what stands from `first` on.
  void renumber_tracks(std::size_t first);
  void renumber_buses(std::size_t first);
  void renumber_clips(const track::Track& track, std::size_t first);
  void renumber_nodes(const channel::Channel& channel, std::size_t first);
  void renumber_sends(const channel::Channel& channel, std::size_t first);

  [[nodiscard]] track::Track* find_track(const TrackId& id);
  [[nodiscard]] routing::Bus* find_bus(const BusId& id);
  [[nodiscard]] channel::Channel* find_channel(const ChannelId& id);
  [[nodiscard]] node::Node* find_node(const NodeId& id);
  [[nodiscard]] parameter::Parameter* find_parameter(const ParameterId& id);
  // Whether some channel or send leads to the bus.
  [[nodiscard]] bool leads_to(const BusId& bus) const;

  project::Project project_;
  std::unordered_map<TrackId, std::size_t> tracks_;
  std::unordered_map<BusId, std::size_t> buses_;
  std::unordered_map<ChannelId, ChannelPlace> channels_;
  std::unordered_map<ClipId, Place<TrackId>> clips_;
  std::unordered_map<NodeId, Place<ChannelId>> nodes_;
  std::unordered_map<SendId, Place<ChannelId>> sends_;
  std::unordered_map<ParameterId, ParameterPlace> parameters_;
};

}  // namespace loophole::model
