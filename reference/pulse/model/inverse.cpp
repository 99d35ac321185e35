#include "model/inverse.hpp"

#include <algorithm>
#include <iterator>

#include "model/overloaded.hpp"

namespace loophole::pulse {
namespace {

template <class Items, class Id>
std::int64_t index_in(const Items& items, const Id& id) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.id == id; });
  return std::distance(items.begin(), found);
}

Error no_track(const TrackId& id) {
  return make_error(errors::kTrackNotFound, "there is no track '" + id.str() + "' in the project");
}

}  // namespace

Result<project::Change> inverse_of(const model::ProjectState& state, const project::Change& change) {
  using Inverse = Result<project::Change>;
  return std::visit(
      overloaded{
          [](const project::TrackAdded& added) -> Inverse { return project::Change(project::TrackRemoved{.track_id = added.track.id}); },
          [&](const project::TrackRemoved& removed) -> Inverse {
            const auto index = state.track_index(removed.track_id);
            if (!index) return no_track(removed.track_id);
            return project::Change(
                project::TrackAdded{.index = static_cast<std::int64_t>(*index), .track = state.project().tracks[*index]});
          },
          [&](const project::TrackRenamed& renamed) -> Inverse {
            const track::Track* track = state.track(renamed.track_id);
            if (track == nullptr) return no_track(renamed.track_id);
            return project::Change(project::TrackRenamed{.track_id = renamed.track_id, .name = track->name});
          },
          [](const project::ClipAdded& added) -> Inverse {
            return project::Change(project::ClipRemoved{.track_id = added.track_id, .clip_id = added.clip.id});
          },
          [&](const project::ClipRemoved& removed) -> Inverse {
            TrackId owner;
            const clip::Clip* clip = state.clip(removed.clip_id, &owner);
            if (clip == nullptr)
              return make_error(errors::kClipNotFound, "there is no clip '" + removed.clip_id.str() + "' in the project");
            return project::Change(
                project::ClipAdded{.track_id = owner, .index = index_in(state.track(owner)->clips, removed.clip_id), .clip = *clip});
          },
          [](const project::NodeAdded& added) -> Inverse {
            return project::Change(project::NodeRemoved{.track_id = added.track_id, .node_id = added.node.id});
          },
          [&](const project::NodeRemoved& removed) -> Inverse {
            TrackId owner;
            const node::Node* node = state.node(removed.node_id, &owner);
            if (node == nullptr)
              return make_error(errors::kNodeNotFound, "there is no node '" + removed.node_id.str() + "' in the project");
            return project::Change(
                project::NodeAdded{.track_id = owner, .index = index_in(state.track(owner)->nodes, removed.node_id), .node = *node});
          },
          [&](const project::ParameterChanged& changed) -> Inverse {
            const parameter::Parameter* parameter = state.parameter(changed.parameter_id);
            if (parameter == nullptr)
              return make_error(errors::kParameterNotFound, "there is no parameter '" + changed.parameter_id.str() + "' in the project");
            return project::Change(project::ParameterChanged{.parameter_id = changed.parameter_id, .value = parameter->value});
          },
      },
      change);
}

std::vector<ParameterId> touched_parameters(const model::ProjectState& state, const project::Change& change) {
  std::vector<ParameterId> touched;
  const auto add_node = [&](const node::Node& node) {
    for (const parameter::Parameter& parameter : node.parameters) touched.push_back(parameter.id);
  };
  if (const auto* changed = std::get_if<project::ParameterChanged>(&change)) touched.push_back(changed->parameter_id);
  if (const auto* removed = std::get_if<project::NodeRemoved>(&change)) {
    if (const node::Node* node = state.node(removed->node_id)) add_node(*node);
  }
  if (const auto* removed = std::get_if<project::TrackRemoved>(&change)) {
    if (const track::Track* track = state.track(removed->track_id)) {
      touched.push_back(track->gain.id);
      for (const node::Node& node : track->nodes) add_node(node);
    }
  }
  return touched;
}

}  // namespace loophole::pulse
