#include "trial/mirror.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "loophole/wire/codec.hpp"

namespace loophole::conformance {
namespace {

struct DoesNotFit : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class List, class Id>
auto find(List& list, const Id& id) {
  const auto found = std::ranges::find_if(list, [&](const auto& one) { return one.id == id; });
  if (found == list.end()) throw DoesNotFit("there is no '" + id.value + "' where the change looks for it");
  return found;
}

template <class List, class Thing>
void put(List& list, std::int64_t index, Thing thing) {
  if (index < 0 || index > static_cast<std::int64_t>(list.size()))
    throw DoesNotFit("the index " + std::to_string(index) + " is beyond the end");
  list.insert(list.begin() + index, std::move(thing));
}

template <class List, class Id>
auto take_out(List& list, const Id& id) {
  const auto found = find(list, id);
  auto thing = std::move(*found);
  list.erase(found);
  return thing;
}

std::vector<channel::Channel*> channels(project::Project& project) {
  std::vector<channel::Channel*> all{&project.master};
  for (auto& track : project.tracks) all.push_back(&track.channel);
  for (auto& bus : project.buses) all.push_back(&bus.channel);
  return all;
}

channel::Channel& channel_of(project::Project& project, const ChannelId& id) {
  for (channel::Channel* one : channels(project))
    if (one->id == id) return *one;
  throw DoesNotFit("there is no channel '" + id.value + "'");
}

// The list of the chain that has the node.
std::vector<node::Node>& chain_with(project::Project& project, const NodeId& id) {
  for (channel::Channel* one : channels(project))
    if (std::ranges::find(one->nodes, id, &node::Node::id) != one->nodes.end()) return one->nodes;
  throw DoesNotFit("there is no node '" + id.value + "'");
}

std::vector<clip::Clip>& clips_with(project::Project& project, const ClipId& id) {
  for (track::Track& track : project.tracks)
    if (std::ranges::find(track.clips, id, &clip::Clip::id) != track.clips.end()) return track.clips;
  throw DoesNotFit("there is no clip '" + id.value + "'");
}

parameter::Parameter* parameter_of(project::Project& project, const ParameterId& id) {
  for (channel::Channel* one : channels(project)) {
    if (one->gain.id == id) return &one->gain;
    for (channel::Send& send : one->sends)
      if (send.level.id == id) return &send.level;
    for (node::Node& node : one->nodes)
      for (parameter::Parameter& parameter : node.parameters)
        if (parameter.id == id) return &parameter;
  }
  return nullptr;
}

parameter::Parameter& known_parameter(project::Project& project, const ParameterId& id) {
  if (parameter::Parameter* found = parameter_of(project, id)) return *found;
  throw DoesNotFit("there is no parameter '" + id.value + "'");
}

struct Apply {
  project::Project& in;

  void operator()(const project::TrackAdded& c) const { put(in.tracks, c.index, c.track); }
  void operator()(const project::TrackRemoved& c) const { (void)take_out(in.tracks, c.track_id); }
  void operator()(const project::TrackMoved& c) const {
    auto track = take_out(in.tracks, c.track_id);
    put(in.tracks, c.index, std::move(track));
  }
  void operator()(const project::TrackChanged& c) const {
    const auto track = find(in.tracks, c.track_id);
    track->name = c.name;
    track->colour = c.colour;
  }
  void operator()(const project::ClipAdded& c) const { put(find(in.tracks, c.track_id)->clips, c.index, c.clip); }
  void operator()(const project::ClipRemoved& c) const { (void)take_out(find(in.tracks, c.track_id)->clips, c.clip_id); }
  void operator()(const project::ClipMoved& c) const {
    auto clip = take_out(clips_with(in, c.clip_id), c.clip_id);
    clip.start_frames = c.start_frames;
    put(find(in.tracks, c.track_id)->clips, c.index, std::move(clip));
  }
  void operator()(const project::ClipChanged& c) const { *find(find(in.tracks, c.track_id)->clips, c.clip.id) = c.clip; }
  void operator()(const project::NodeAdded& c) const { put(channel_of(in, c.channel_id).nodes, c.index, c.node); }
  void operator()(const project::NodeRemoved& c) const { (void)take_out(channel_of(in, c.channel_id).nodes, c.node_id); }
  void operator()(const project::NodeMoved& c) const {
    auto node = take_out(chain_with(in, c.node_id), c.node_id);
    put(channel_of(in, c.channel_id).nodes, c.index, std::move(node));
  }
  void operator()(const project::NodeChanged& c) const {
    const auto node = find(chain_with(in, c.node_id), c.node_id);
    node->name = c.name;
    node->bypassed = c.bypassed;
    node->status = c.status;
    node->state = c.state;
  }
  void operator()(const project::BusAdded& c) const { put(in.buses, c.index, c.bus); }
  void operator()(const project::BusRemoved& c) const {
    (void)take_out(in.buses, c.bus_id);
    for (channel::Channel* one : channels(in)) {
      if (one->output == c.bus_id) throw DoesNotFit("an output still leads to the bus '" + c.bus_id.value + "'");
      if (std::ranges::find(one->sends, c.bus_id, &channel::Send::bus_id) != one->sends.end())
        throw DoesNotFit("a send still leads to the bus '" + c.bus_id.value + "'");
    }
  }
  void operator()(const project::BusChanged& c) const { find(in.buses, c.bus_id)->name = c.name; }
  void operator()(const project::SendAdded& c) const { put(channel_of(in, c.channel_id).sends, c.index, c.send); }
  void operator()(const project::SendRemoved& c) const { (void)take_out(channel_of(in, c.channel_id).sends, c.send_id); }
  void operator()(const project::OutputChanged& c) const { channel_of(in, c.channel_id).output = c.bus_id; }
  void operator()(const project::ParameterChanged& c) const { known_parameter(in, c.parameter_id).value = c.value; }
  void operator()(const project::AutomationChanged& c) const { known_parameter(in, c.parameter_id).automation = c.automation; }
  void operator()(const project::TempoChanged& c) const { in.tempo_bpm = c.tempo_bpm; }
  void operator()(const project::UnknownChanged&) const {
    throw DoesNotFit("unknown.changed, and nothing in it is newer than the version in effect");
  }
};

}  // namespace

void Mirror::take(const project::SnapshotReply& snapshot) {
  project_ = snapshot.project;
  revision_ = snapshot.revision;
  follows_ = true;
}

std::optional<std::string> Mirror::take(const project::Changed& changed) {
  if (!follows_) return std::nullopt;
  follows_ = false;
  if (!project_) return "a transaction of no project";
  if (changed.revision != revision_ + 1) return "revision " + std::to_string(changed.revision) + " after " + std::to_string(revision_);
  try {
    for (const project::Change& change : changed.changes) std::visit(Apply{*project_}, change);
  } catch (const DoesNotFit& fault) {
    return "a change of revision " + std::to_string(changed.revision) + " does not fit: " + fault.what();
  }
  revision_ = changed.revision;
  follows_ = true;
  return std::nullopt;
}

std::optional<std::string> Mirror::difference(const project::SnapshotReply& snapshot) const {
  if (!follows_) return "a transaction did not fit";
  if (snapshot.revision != revision_)
    return "the snapshot has revision " + std::to_string(snapshot.revision) + ", the transactions led to " + std::to_string(revision_);
  if (snapshot.project == project_) return std::nullopt;
  const auto text = [](const std::optional<project::Project>& one) {
    if (!one) return std::string("none");
    const auto json = wire::to_json(*one);
    return json ? *json : loophole::to_string(json.error());
  };
  return "the transactions led to\n" + text(project_) + "\nand the snapshot has\n" + text(snapshot.project);
}

const parameter::Parameter* Mirror::parameter(const ParameterId& id) {
  return project_ ? parameter_of(*project_, id) : nullptr;
}

}  // namespace loophole::conformance
