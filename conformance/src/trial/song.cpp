#include "trial/song.hpp"

#include <algorithm>
#include <stdexcept>

#include "trial/mirror.hpp"

namespace loophole::conformance::song {
namespace {

parameter::Parameter parameter(const std::string& id, const std::string& owner, std::string key, double minimum, double maximum,
                               double value, std::string unit, Handle handle) {
  return {.id = ParameterId(id),
          .owner_id = OwnerId(owner),
          .key = key,
          .name = std::move(key),
          .kind = parameter::ParameterKind::float_,
          .minimum = minimum,
          .maximum = maximum,
          .initial = value,
          .value = value,
          .step = 0,
          .unit = std::move(unit),
          .curve = parameter::Curve::linear,
          .labels = {},
          .automatable = true,
          .hidden = false,
          .smoothing_ms = 10,
          .handle = handle,
          .automation = {}};
}

channel::Channel channel(const std::string& id, const std::string& gain, Handle first_handle) {
  return {.id = ChannelId(id),
          .nodes = {},
          .gain = parameter(gain, id, "gain", -60, 12, 0, "dB", first_handle),
          .meter_handle = first_handle + 1,
          .sends = {},
          .output = {}};
}

node::Node filter(const std::string& id, const std::string& cutoff, const std::string& resonance, Handle first_handle) {
  return {.id = NodeId(id),
          .kind = node::NodeKind::filter,
          .name = "Filter",
          .bypassed = false,
          .status = NodeStatus::ready,
          .plugin = {},
          .state = {},
          .meter_handle = {},
          .parameters = {parameter(cutoff, id, "cutoff", 20, 20'000, 440, "Hz", first_handle),
                         parameter(resonance, id, "resonance", 0.1, 10, 0.7, "", first_handle + 1)}};
}

std::string numbered(const char* prefix, std::int64_t number) {
  return std::string(prefix) + "-" + std::to_string(number);
}

// Handles of thing number n: four of them, beyond those of the first project.
Handle handle_of(std::int64_t number) {
  return 1'000 + 4 * number;
}

template <class List, class Id>
std::optional<std::int64_t> index_of(const List& list, const Id& id) {
  const auto found = std::ranges::find_if(list, [&](const auto& one) { return one.id == id; });
  if (found == list.end()) return std::nullopt;
  return found - list.begin();
}

}  // namespace

track::Track track(std::int64_t number, const std::string& name) {
  return {.id = TrackId(numbered("trk", number)),
          .name = name,
          .colour = {},
          .clips = {},
          .channel = channel(numbered("chn", number), numbered("prm", 10 * number), handle_of(number))};
}

project::Project project() {
  project::Project made{.id = ProjectId("prj-1"),
                        .name = "Song",
                        .sample_rate_hz = 48'000,
                        .tempo_bpm = 120,
                        .master = channel("chn-0", "prm-1", 1),
                        .tracks = {},
                        .buses = {}};
  track::Track first{.id = kTrack, .name = "Voice", .colour = {}, .clips = {}, .channel = channel("chn-1", "prm-2", 3)};
  first.channel.nodes = {filter("nod-1", "prm-3", "prm-4", 5)};
  const track::Track second{.id = kOtherTrack, .name = "Drums", .colour = {}, .clips = {}, .channel = channel("chn-2", "prm-5", 7)};
  made.tracks = {std::move(first), second};
  made.buses = {{.id = BusId("bus-1"), .name = "Echo", .channel = channel("chn-3", "prm-6", 9)}};
  return made;
}

std::vector<Handle> meters(const project::Project& project) {
  std::vector<Handle> handles{project.master.meter_handle};
  for (const auto& one : project.tracks) handles.push_back(one.channel.meter_handle);
  for (const auto& one : project.buses) handles.push_back(one.channel.meter_handle);
  return handles;
}

std::optional<project::Change> inverse(const project::Project& before, const project::Change& change) {
  if (const auto* added = std::get_if<project::TrackAdded>(&change)) return project::TrackRemoved{.track_id = added->track.id};
  if (const auto* tempo = std::get_if<project::TempoChanged>(&change)) {
    (void)tempo;
    return project::TempoChanged{.tempo_bpm = before.tempo_bpm};
  }
  if (const auto* removed = std::get_if<project::TrackRemoved>(&change)) {
    const auto index = index_of(before.tracks, removed->track_id);
    if (index) return project::TrackAdded{.index = *index, .track = before.tracks[static_cast<std::size_t>(*index)]};
  } else if (const auto* moved = std::get_if<project::TrackMoved>(&change)) {
    const auto index = index_of(before.tracks, moved->track_id);
    if (index) return project::TrackMoved{.track_id = moved->track_id, .index = *index};
  } else if (const auto* changed = std::get_if<project::TrackChanged>(&change)) {
    const auto index = index_of(before.tracks, changed->track_id);
    if (index) {
      const track::Track& was = before.tracks[static_cast<std::size_t>(*index)];
      return project::TrackChanged{.track_id = was.id, .name = was.name, .colour = was.colour};
    }
  } else if (const auto* value = std::get_if<project::ParameterChanged>(&change)) {
    Mirror mirror;
    mirror.take(project::SnapshotReply{.revision = 1, .path = {}, .project = before});
    if (const auto* was = mirror.parameter(value->parameter_id))
      return project::ParameterChanged{.parameter_id = was->id, .value = was->value};
  }
  return std::nullopt;
}

std::int64_t Shuffle::below(std::size_t end) {
  return end == 0 ? 0 : static_cast<std::int64_t>(random_() % end);
}

const channel::Channel& Shuffle::any_channel(const project::Project& now) {
  const auto which = static_cast<std::size_t>(below(1 + now.tracks.size() + now.buses.size()));
  if (which == 0) return now.master;
  if (which <= now.tracks.size()) return now.tracks[which - 1].channel;
  return now.buses[which - 1 - now.tracks.size()].channel;
}

// A change of this type, where the project has what it is about. Parameters and tracks that cases move stay.
std::optional<project::Change> Shuffle::one(const project::Project& now, std::size_t type) {
  const std::int64_t number = number_++;
  const auto any_track = [&]() -> const track::Track& { return now.tracks[static_cast<std::size_t>(below(now.tracks.size()))]; };
  const track::Track& on = any_track();
  const channel::Channel& in = any_channel(now);
  const std::string name = numbered("Thing", number);
  const auto value = [&](double low, double high) { return low + (high - low) * static_cast<double>(random_() % 1'000) / 1'000.0; };
  switch (type) {
    case 0:
      return project::TrackAdded{.index = below(now.tracks.size() + 1), .track = track(number, name)};
    case 1:
      if (on.id == kTrack || on.id == kOtherTrack) return std::nullopt;
      return project::TrackRemoved{.track_id = on.id};
    case 2:
      return project::TrackMoved{.track_id = on.id, .index = below(now.tracks.size())};
    case 3:
      return project::TrackChanged{
          .track_id = on.id, .name = name, .colour = number % 2 == 0 ? std::optional<std::string>("#102030") : std::nullopt};
    case 4:
      return project::ClipAdded{.track_id = on.id,
                                .index = below(on.clips.size() + 1),
                                .clip = {.id = ClipId(numbered("clp", number)),
                                         .name = name,
                                         .path = "/tmp/" + name + ".wav",
                                         .start_frames = 100 * number,
                                         .offset_frames = 0,
                                         .length_frames = 4'800,
                                         .gain_db = 0}};
    case 5:
    case 6:
    case 7: {
      if (on.clips.empty()) return std::nullopt;
      clip::Clip clip = on.clips[static_cast<std::size_t>(below(on.clips.size()))];
      if (type == 5) return project::ClipRemoved{.track_id = on.id, .clip_id = clip.id};
      if (type == 6) {
        const track::Track& to = any_track();
        return project::ClipMoved{
            .clip_id = clip.id, .track_id = to.id, .index = below(to.clips.size() + (to.id == on.id ? 0 : 1)), .start_frames = 7 * number};
      }
      clip.gain_db = value(-20, 6);
      return project::ClipChanged{.track_id = on.id, .clip = clip};
    }
    case 8:
      return project::NodeAdded{.channel_id = in.id,
                                .index = below(in.nodes.size() + 1),
                                .node = filter(numbered("nod", number), numbered("prm", 10 * number + 1), numbered("prm", 10 * number + 2),
                                               handle_of(number) + 2)};
    case 9:
    case 10:
    case 11: {
      if (in.nodes.empty()) return std::nullopt;
      const node::Node& node = in.nodes[static_cast<std::size_t>(below(in.nodes.size()))];
      if (type != 11 && node.id == NodeId("nod-1")) return std::nullopt;  // where it goes may be removed
      if (type == 9) return project::NodeRemoved{.channel_id = in.id, .node_id = node.id};
      if (type == 10) {
        const channel::Channel& to = any_channel(now);
        return project::NodeMoved{.node_id = node.id, .channel_id = to.id, .index = below(to.nodes.size() + (to.id == in.id ? 0 : 1))};
      }
      return project::NodeChanged{.node_id = node.id, .name = name, .bypassed = number % 2 == 0, .status = NodeStatus::ready, .state = {}};
    }
    case 12:
      return project::BusAdded{.index = below(now.buses.size() + 1),
                               .bus = {.id = BusId(numbered("bus", number)),
                                       .name = name,
                                       .channel = channel(numbered("chn", number), numbered("prm", 10 * number), handle_of(number))}};
    case 13:
      if (now.buses.empty()) return std::nullopt;
      return project::BusChanged{.bus_id = now.buses[static_cast<std::size_t>(below(now.buses.size()))].id, .name = name};
    case 14:
      if (now.buses.empty()) return std::nullopt;
      return project::SendAdded{.channel_id = on.channel.id,
                                .index = below(on.channel.sends.size() + 1),
                                .send = {.id = SendId(numbered("snd", number)),
                                         .bus_id = now.buses.front().id,
                                         .pre_fader = false,
                                         .level = parameter(numbered("prm", 10 * number + 3), numbered("snd", number), "level", -60, 12, -6,
                                                            "dB", handle_of(number) + 1)}};
    case 15:
      if (on.channel.sends.empty()) return std::nullopt;
      return project::SendRemoved{.channel_id = on.channel.id, .send_id = on.channel.sends.front().id};
    case 16:
      if (now.buses.empty()) return std::nullopt;
      return project::OutputChanged{.channel_id = on.channel.id,
                                    .bus_id = on.channel.output ? std::nullopt : std::optional(now.buses.front().id)};
    case 17:
      return project::AutomationChanged{
          .parameter_id = on.channel.gain.id,
          .automation =
              automation::Lane{.mode = automation::Mode::read,
                               .points = {{.position_frames = number, .value = value(-60, 12), .shape = automation::Shape::linear}}}};
    case 18:
      return project::TempoChanged{.tempo_bpm = 60 + static_cast<double>(below(120))};
    default:
      return project::ParameterChanged{.parameter_id = in.gain.id, .value = value(-60, 12)};
  }
}

std::vector<project::Change> Shuffle::next(const project::Project& now) {
  constexpr std::size_t kTypes = 22;  // those beyond the table above are values of parameters, which are changed most
  Mirror mirror;
  mirror.take(project::SnapshotReply{.revision = 1, .path = {}, .project = now});
  std::vector<project::Change> changes;
  const auto wanted = static_cast<std::size_t>(1 + below(3));
  for (Revision revision = 2; changes.size() < wanted;) {
    auto change = one(*mirror.project(), static_cast<std::size_t>(below(kTypes)));
    if (!change) continue;
    const auto misfit =
        mirror.take(project::Changed{.revision = revision, .cause = {}, .label = "Step", .origin = {}, .changes = {*change}});
    if (misfit) throw std::logic_error(*misfit);
    ++revision;
    changes.push_back(*std::move(change));
  }
  return changes;
}

}  // namespace loophole::conformance::song
