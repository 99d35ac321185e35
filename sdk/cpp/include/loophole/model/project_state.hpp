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

  // [owner-thread] Errors: track.notFound, clip.notFound, node.notFound, parameter.notFound; internal.fault for a change that does not fit
  // (an index behind the end, an identifier that is there already). The project is then as it was. Pointers got from this object before
  // are not valid afterwards.
  [[nodiscard]] Result<void> apply(const project::Change& change);

  // [any-thread] as long as nobody applies a change. nullptr or nothing: the project has no such thing. `owner`, when given, is set to the
  // track of what was found.
  [[nodiscard]] const track::Track* track(const TrackId& id) const;
  [[nodiscard]] std::optional<std::size_t> track_index(const TrackId& id) const;
  [[nodiscard]] const clip::Clip* clip(const ClipId& id, TrackId* owner = nullptr) const;
  [[nodiscard]] const node::Node* node(const NodeId& id, TrackId* owner = nullptr) const;
  [[nodiscard]] const parameter::Parameter* parameter(const ParameterId& id) const;

 private:
  // Where something is: its track and its place in the list there.
  struct Place {
    TrackId track;
    std::size_t index = 0;
  };
  // A parameter is the project's gain (no track), a track's gain (no node), or one of a node's parameters.
  struct ParameterPlace {
    std::optional<TrackId> track;
    std::optional<NodeId> node;
    std::size_t index = 0;
  };

  Result<void> apply_one(const project::TrackAdded& change);
  Result<void> apply_one(const project::TrackRemoved& change);
  Result<void> apply_one(const project::TrackRenamed& change);
  Result<void> apply_one(const project::ClipAdded& change);
  Result<void> apply_one(const project::ClipRemoved& change);
  Result<void> apply_one(const project::NodeAdded& change);
  Result<void> apply_one(const project::NodeRemoved& change);
  Result<void> apply_one(const project::ParameterChanged& change);

  [[nodiscard]] Result<void> check_new(const track::Track& track) const;
  [[nodiscard]] Result<void> check_new(const clip::Clip& clip) const;
  [[nodiscard]] Result<void> check_new(const node::Node& node) const;
  [[nodiscard]] Result<void> check_new(const parameter::Parameter& parameter) const;

  void index(const track::Track& track, std::size_t place);
  void index(const node::Node& node, const TrackId& owner, std::size_t place);
  void forget(const track::Track& track);
  void forget(const node::Node& node);
  // Renumbers what stands from `first` on.
  void renumber_tracks(std::size_t first);
  void renumber_clips(const track::Track& track, std::size_t first);
  void renumber_nodes(const track::Track& track, std::size_t first);

  [[nodiscard]] track::Track* find_track(const TrackId& id);
  [[nodiscard]] parameter::Parameter* find_parameter(const ParameterId& id);

  project::Project project_;
  std::unordered_map<TrackId, std::size_t> tracks_;
  std::unordered_map<ClipId, Place> clips_;
  std::unordered_map<NodeId, Place> nodes_;
  std::unordered_map<ParameterId, ParameterPlace> parameters_;
};

}  // namespace loophole::model
