#pragma once
// RandomEdits: a user who edits without a plan, with every command there is; the same seed always asks for the same.

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "document/document.hpp"
#include "edits/edits.hpp"
#include "model/catalogue.hpp"

namespace loophole::pulse::test {

class RandomEdits {
 public:
  RandomEdits(std::uint32_t seed, std::filesystem::path sound) : random_(seed), sound_(std::move(sound)) {}

  // Something that can be done to the document now. It may change nothing: a name that is given again, a clip moved to where it is.
  Edit next(Document& document) {
    for (;;) {
      const auto& [name, make] = kKinds[up_to(kKinds.size())];
      // Removing is rarer than adding, or there would never be much of a project; the larger it is, the less rare.
      const std::string kind(name);
      const bool removes = kind.find("remove") != std::string::npos;
      const std::size_t size = everything(document.project());
      if (removes ? up_to(60) > size : (kind == "track.duplicate" && size > 40)) continue;
      if (auto edit = (this->*make)(document)) {
        ++made[kind];
        return *std::move(edit);
      }
    }
  }

  // How often each command was accepted.
  std::map<std::string, int> made;

  // 0 to below `count`.
  std::size_t up_to(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); }

 private:
  using Made = std::optional<Edit>;
  using Make = Made (RandomEdits::*)(Document&);

  // ---- picking ----

  template <class T>
  const T* one_of(const std::vector<T>& list) {
    return list.empty() ? nullptr : &list[up_to(list.size())];
  }
  static std::size_t everything(const project::Project& project) {
    std::size_t count = project.buses.size();
    for (const track::Track& track : project.tracks) count += 1 + track.clips.size() + track.channel.nodes.size();
    return count;
  }
  static std::vector<const channel::Channel*> channels(const project::Project& project) {
    std::vector<const channel::Channel*> all{&project.master};
    for (const track::Track& track : project.tracks) all.push_back(&track.channel);
    for (const routing::Bus& bus : project.buses) all.push_back(&bus.channel);
    return all;
  }
  const channel::Channel& a_channel(Document& document) { return **one_of(channels(document.project())); }
  const clip::Clip* a_clip(Document& document) {
    const track::Track* track = one_of(document.project().tracks);
    return track == nullptr ? nullptr : one_of(track->clips);
  }
  const node::Node* a_node(Document& document) { return one_of(a_channel(document).nodes); }
  const parameter::Parameter& a_parameter(Document& document) {
    const channel::Channel& channel = a_channel(document);
    std::vector<const parameter::Parameter*> all{&channel.gain};
    for (const channel::Send& send : channel.sends) all.push_back(&send.level);
    for (const node::Node& node : channel.nodes)
      for (const parameter::Parameter& parameter : node.parameters) all.push_back(&parameter);
    return **one_of(all);
  }
  double a_value(const parameter::Parameter& parameter) {
    return std::uniform_real_distribution<double>(parameter.minimum, parameter.maximum)(random_);
  }
  std::int64_t a_place() { return static_cast<std::int64_t>(up_to(1'000)); }
  std::int64_t below(std::size_t count) { return static_cast<std::int64_t>(up_to(count)); }
  std::string a_name() { return "Name " + std::to_string(up_to(20)); }
  node::NodeKind a_kind() { return node_catalogue()[up_to(node_catalogue().size())].kind; }

  template <class Command>
  static Made tried(Document& document, const Command& command) {
    auto planned = edits::plan(document.edit_context(), command);
    if (!planned) return {};
    return std::move(planned->edit);
  }

  // ---- tracks ----

  Made add_track(Document& d) { return tried(d, track::Add{.name = a_name(), .index = below(d.project().tracks.size() + 1)}); }
  Made remove_track(Document& d) {
    const track::Track* track = one_of(d.project().tracks);
    return track == nullptr ? Made() : tried(d, track::Remove{.track_id = track->id});
  }
  Made move_track(Document& d) {
    const track::Track* track = one_of(d.project().tracks);
    return track == nullptr ? Made() : tried(d, track::Move{.track_id = track->id, .index = below(d.project().tracks.size())});
  }
  Made rename_track(Document& d) {
    const track::Track* track = one_of(d.project().tracks);
    return track == nullptr ? Made() : tried(d, track::Rename{.track_id = track->id, .name = a_name()});
  }
  Made colour_track(Document& d) {
    const track::Track* track = one_of(d.project().tracks);
    if (track == nullptr) return {};
    track::SetColour command{.track_id = track->id, .colour = {}};
    if (up_to(3) > 0) command.colour = up_to(2) == 0 ? "#e8a33d" : "#3de8a3";
    return tried(d, command);
  }
  Made duplicate_track(Document& d) {
    const track::Track* track = one_of(d.project().tracks);
    return track == nullptr ? Made() : tried(d, track::Duplicate{.track_id = track->id, .name = {}});
  }

  // ---- clips ----

  Made add_clip(Document& d) {
    const track::Track* track = one_of(d.project().tracks);
    return track == nullptr ? Made()
                            : tried(d, clip::Add{.track_id = track->id, .path = sound_.string(), .start_frames = a_place(), .name = {}});
  }
  Made remove_clip(Document& d) {
    const clip::Clip* clip = a_clip(d);
    return clip == nullptr ? Made() : tried(d, clip::Remove{.clip_id = clip->id});
  }
  Made move_clip(Document& d) {
    const clip::Clip* clip = a_clip(d);
    if (clip == nullptr) return {};
    clip::Move command{.clip_id = clip->id, .start_frames = a_place(), .track_id = {}};
    if (up_to(2) == 0) command.track_id = one_of(d.project().tracks)->id;
    return tried(d, command);
  }
  Made trim_clip(Document& d) {
    const clip::Clip* clip = a_clip(d);
    if (clip == nullptr) return {};
    const std::int64_t start = clip->start_frames + below(60) - 30;
    return tried(d, clip::Trim{.clip_id = clip->id, .start_frames = std::max<std::int64_t>(0, start), .length_frames = 1 + below(120)});
  }
  Made split_clip(Document& d) {
    const clip::Clip* clip = a_clip(d);
    if (clip == nullptr) return {};
    return tried(d, clip::Split{.clip_id = clip->id,
                                .position_frames = clip->start_frames + below(static_cast<std::size_t>(clip->length_frames) + 1)});
  }
  Made clip_gain(Document& d) {
    const clip::Clip* clip = a_clip(d);
    return clip == nullptr ? Made() : tried(d, clip::SetGain{.clip_id = clip->id, .gain_db = -0.5 * static_cast<double>(up_to(12))});
  }

  // ---- nodes ----

  Made add_node(Document& d) {
    const channel::Channel& channel = a_channel(d);
    return tried(d,
                 node::Add{.channel_id = channel.id, .kind = a_kind(), .plugin = {}, .name = {}, .index = below(channel.nodes.size() + 1)});
  }
  Made remove_node(Document& d) {
    const node::Node* node = a_node(d);
    return node == nullptr ? Made() : tried(d, node::Remove{.node_id = node->id});
  }
  Made move_node(Document& d) {
    const node::Node* node = a_node(d);
    if (node == nullptr) return {};
    return tried(d, node::Move{.node_id = node->id, .index = below(3), .channel_id = a_channel(d).id});
  }
  Made bypass_node(Document& d) {
    const node::Node* node = a_node(d);
    return node == nullptr ? Made() : tried(d, node::SetBypass{.node_id = node->id, .bypassed = up_to(2) == 0});
  }
  Made replace_node(Document& d) {
    const node::Node* node = a_node(d);
    return node == nullptr ? Made() : tried(d, node::Replace{.node_id = node->id, .kind = a_kind(), .plugin = {}, .name = {}});
  }

  // ---- routing ----

  Made add_bus(Document& d) {
    if (d.project().buses.size() > 6) return {};
    return tried(d, routing::AddBus{.name = a_name(), .index = below(d.project().buses.size() + 1)});
  }
  Made remove_bus(Document& d) {
    const routing::Bus* bus = one_of(d.project().buses);
    return bus == nullptr ? Made() : tried(d, routing::RemoveBus{.bus_id = bus->id});
  }
  Made rename_bus(Document& d) {
    const routing::Bus* bus = one_of(d.project().buses);
    return bus == nullptr ? Made() : tried(d, routing::RenameBus{.bus_id = bus->id, .name = a_name()});
  }
  Made set_output(Document& d) {
    routing::SetOutput command{.channel_id = a_channel(d).id, .bus_id = {}};
    const routing::Bus* bus = one_of(d.project().buses);
    if (bus != nullptr && up_to(4) > 0) command.bus_id = bus->id;
    return tried(d, command);
  }
  Made add_send(Document& d) {
    const routing::Bus* bus = one_of(d.project().buses);
    if (bus == nullptr) return {};
    return tried(d, routing::AddSend{.channel_id = a_channel(d).id, .bus_id = bus->id, .pre_fader = up_to(2) == 0});
  }
  Made remove_send(Document& d) {
    std::vector<SendId> all;
    for (const channel::Channel* channel : channels(d.project()))
      for (const channel::Send& send : channel->sends) all.push_back(send.id);
    const SendId* send = one_of(all);
    return send == nullptr ? Made() : tried(d, routing::RemoveSend{.send_id = *send});
  }

  // ---- values ----

  Made set_parameter(Document& d) {
    const parameter::Parameter& parameter = a_parameter(d);
    return tried(d, parameter::Set{.parameter_id = parameter.id, .value = a_value(parameter)});
  }
  Made set_points(Document& d) {
    const parameter::Parameter& parameter = a_parameter(d);
    automation::SetPoints command{.parameter_id = parameter.id, .from_frames = a_place(), .to_frames = 0, .points = {}};
    command.to_frames = command.from_frames + 1 + a_place();
    for (std::int64_t at = command.from_frames + below(200); at < command.to_frames; at += 1 + below(200))
      command.points.push_back({.position_frames = at,
                                .value = a_value(parameter),
                                .shape = up_to(2) == 0 ? automation::Shape::hold : automation::Shape::linear});
    return tried(d, command);
  }
  Made clear_points(Document& d) {
    automation::Clear command{.parameter_id = a_parameter(d).id, .from_frames = {}, .to_frames = {}};
    if (up_to(2) == 0) command.from_frames = a_place();
    if (up_to(2) == 0) command.to_frames = command.from_frames.value_or(0) + a_place();
    return tried(d, command);
  }
  Made set_mode(Document& d) {
    using automation::Mode;
    constexpr std::array kModes{Mode::off, Mode::read, Mode::touch, Mode::latch, Mode::write};
    return tried(d, automation::SetMode{.parameter_id = a_parameter(d).id, .mode = kModes[up_to(kModes.size())]});
  }
  Made set_tempo(Document& d) { return tried(d, transport::SetTempo{.tempo_bpm = 60.0 + 0.25 * static_cast<double>(up_to(400))}); }

  static constexpr std::array<std::pair<std::string_view, Make>, 28> kKinds{{
      {"track.add", &RandomEdits::add_track},
      {"track.remove", &RandomEdits::remove_track},
      {"track.move", &RandomEdits::move_track},
      {"track.rename", &RandomEdits::rename_track},
      {"track.setColour", &RandomEdits::colour_track},
      {"track.duplicate", &RandomEdits::duplicate_track},
      {"clip.add", &RandomEdits::add_clip},
      {"clip.remove", &RandomEdits::remove_clip},
      {"clip.move", &RandomEdits::move_clip},
      {"clip.trim", &RandomEdits::trim_clip},
      {"clip.split", &RandomEdits::split_clip},
      {"clip.setGain", &RandomEdits::clip_gain},
      {"node.add", &RandomEdits::add_node},
      {"node.remove", &RandomEdits::remove_node},
      {"node.move", &RandomEdits::move_node},
      {"node.setBypass", &RandomEdits::bypass_node},
      {"node.replace", &RandomEdits::replace_node},
      {"routing.addBus", &RandomEdits::add_bus},
      {"routing.removeBus", &RandomEdits::remove_bus},
      {"routing.renameBus", &RandomEdits::rename_bus},
      {"routing.setOutput", &RandomEdits::set_output},
      {"routing.addSend", &RandomEdits::add_send},
      {"routing.removeSend", &RandomEdits::remove_send},
      {"parameter.set", &RandomEdits::set_parameter},
      {"automation.setPoints", &RandomEdits::set_points},
      {"automation.clear", &RandomEdits::clear_points},
      {"automation.setMode", &RandomEdits::set_mode},
      {"transport.setTempo", &RandomEdits::set_tempo},
  }};

  std::mt19937 random_;
  std::filesystem::path sound_;
};

// Stages and commits; the revision, which is the present one when the edit changes nothing.
inline Revision do_edit(Document& document, Edit edit) {
  (void)document.stage(std::move(edit), {}).value();
  document.commit().value();
  return document.revision();
}

inline Revision do_undo(Document& document) {
  auto step = document.step_to_undo().value();
  (void)document.stage(std::move(step.edit), {.origin = project::TransactionOrigin::undo, .cause = {}, .step = step.step}).value();
  document.commit().value();
  return document.revision();
}

inline Revision do_redo(Document& document) {
  auto step = document.step_to_redo().value();
  (void)document.stage(std::move(step.edit), {.origin = project::TransactionOrigin::redo, .cause = {}, .step = step.step}).value();
  document.commit().value();
  return document.revision();
}

}  // namespace loophole::pulse::test
