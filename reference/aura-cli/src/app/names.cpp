#include "app/names.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace loophole::cli {
namespace {

constexpr std::string_view kMaster = "Master";

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
  });
}

// A thing that a name may mean: how it can be called, and its id.
template <class T>
struct Candidate {
  std::vector<std::string> names{};
  std::string id{};
  const T* thing = nullptr;
};

template <class T>
Result<const T*> choose(const std::vector<Candidate<T>>& candidates, std::string_view name, std::string_view kind, std::string_view lister,
                        const errors::Code& code) {
  std::vector<const Candidate<T>*> found;
  for (const Candidate<T>& one : candidates) {
    if (one.id == name) return one.thing;
    if (std::any_of(one.names.begin(), one.names.end(), [&](const std::string& text) { return same(text, name); })) found.push_back(&one);
  }
  if (found.size() == 1) return found.front()->thing;
  if (found.empty())
    return make_error(
        code, "there is no " + std::string(kind) + " '" + std::string(name) + "'; `aura-cli " + std::string(lister) + "` shows them");
  std::string ids;
  for (const auto* one : found) ids += (ids.empty() ? "" : ", ") + one->id;
  return make_error(code, std::to_string(found.size()) + " things are called '" + std::string(name) + "'; give the id of the " +
                              std::string(kind) + " instead: " + ids);
}

void add_parameter(std::vector<Candidate<parameter::Parameter>>& out, const std::vector<std::string>& prefixes,
                   const parameter::Parameter& parameter) {
  Candidate<parameter::Parameter> one{.names = {}, .id = parameter.id.str(), .thing = &parameter};
  for (const std::string& prefix : prefixes)
    for (const std::string& name : {parameter.name, parameter.key}) one.names.push_back(prefix + "/" + name);
  out.push_back(std::move(one));
}

// A channel and how it is called: as the track or the bus that it belongs to.
struct Strip {
  std::string name;
  std::string owner_id;
  const channel::Channel* channel = nullptr;
};

std::vector<Strip> strips(const project::Project& project) {
  std::vector<Strip> all;
  for (const track::Track& track : project.tracks) all.push_back({track.name, track.id.str(), &track.channel});
  for (const routing::Bus& bus : project.buses) all.push_back({bus.name, bus.id.str(), &bus.channel});
  all.push_back({std::string(kMaster), project.id.str(), &project.master});
  return all;
}

std::string name_of(const project::Project& project, const BusId& id) {
  for (const routing::Bus& bus : project.buses)
    if (bus.id == id) return bus.name;
  return id.str();
}

}  // namespace

Result<const track::Track*> find_track(const project::Project& project, std::string_view name) {
  std::vector<Candidate<track::Track>> candidates;
  for (const track::Track& track : project.tracks) candidates.push_back({.names = {track.name}, .id = track.id.str(), .thing = &track});
  return choose(candidates, name, "track", "track list", errors::kTrackNotFound);
}

Result<const routing::Bus*> find_bus(const project::Project& project, std::string_view name) {
  std::vector<Candidate<routing::Bus>> candidates;
  for (const routing::Bus& bus : project.buses) candidates.push_back({.names = {bus.name}, .id = bus.id.str(), .thing = &bus});
  return choose(candidates, name, "bus", "bus list", errors::kBusNotFound);
}

Result<const channel::Channel*> find_channel(const project::Project& project, std::string_view name) {
  std::vector<Candidate<channel::Channel>> candidates;
  for (const Strip& strip : strips(project))
    candidates.push_back({.names = {strip.name, strip.owner_id}, .id = strip.channel->id.str(), .thing = strip.channel});
  return choose(candidates, name, "channel", "project show", errors::kChannelNotFound);
}

Result<const channel::Send*> find_send(const project::Project& project, std::string_view name) {
  std::vector<Candidate<channel::Send>> candidates;
  for (const Strip& strip : strips(project))
    for (const channel::Send& send : strip.channel->sends)
      candidates.push_back({.names = {strip.name + "/" + name_of(project, send.bus_id)}, .id = send.id.str(), .thing = &send});
  return choose(candidates, name, "send", "project show", errors::kSendNotFound);
}

Result<const node::Node*> find_node(const project::Project& project, std::string_view name) {
  std::vector<Candidate<node::Node>> candidates;
  for (const Strip& strip : strips(project))
    for (const node::Node& node : strip.channel->nodes)
      candidates.push_back({.names = {strip.name + "/" + node.name}, .id = node.id.str(), .thing = &node});
  return choose(candidates, name, "node", "project show", errors::kNodeNotFound);
}

Result<const clip::Clip*> find_clip(const project::Project& project, std::string_view name) {
  std::vector<Candidate<clip::Clip>> candidates;
  for (const track::Track& track : project.tracks)
    for (const clip::Clip& clip : track.clips)
      candidates.push_back({.names = {track.name + "/" + clip.name}, .id = clip.id.str(), .thing = &clip});
  return choose(candidates, name, "clip", "project show", errors::kClipNotFound);
}

Result<const parameter::Parameter*> find_parameter(const project::Project& project, std::string_view name) {
  std::vector<Candidate<parameter::Parameter>> candidates;
  for (const Strip& strip : strips(project)) {
    for (const node::Node& node : strip.channel->nodes)
      for (const parameter::Parameter& parameter : node.parameters)
        add_parameter(candidates, {strip.name, strip.name + "/" + node.name}, parameter);
    for (const channel::Send& send : strip.channel->sends)
      add_parameter(candidates, {strip.name + "/" + name_of(project, send.bus_id)}, send.level);
    add_parameter(candidates, {strip.name}, strip.channel->gain);
  }
  return choose(candidates, name, "parameter", "parameter list", errors::kParameterNotFound);
}

std::vector<NamedNode> all_analysers(const project::Project& project) {
  std::vector<NamedNode> all;
  for (const Strip& strip : strips(project))
    for (const node::Node& node : strip.channel->nodes)
      if (node.kind == node::NodeKind::analyser && node.meter_handle) all.push_back({.name = strip.name + "/" + node.name, .node = &node});
  return all;
}

Result<NamedNode> find_analyser(const project::Project& project, std::string_view name) {
  const std::vector<NamedNode> all = all_analysers(project);
  if (all.empty())
    return make_error(errors::kNodeNotFound, "the project has no analyser; `aura-cli node add Master analyser` adds one to the master");
  std::vector<NamedNode> found;
  std::string names;
  for (const NamedNode& one : all) {
    if (one.node->id.str() == name) return one;
    const std::string channel = one.name.substr(0, one.name.size() - one.node->name.size() - 1);
    if (name.empty() || same(one.name, name) || same(channel, name)) found.push_back(one);
    names += (names.empty() ? "" : ", ") + one.name + " (" + one.node->id.str() + ")";
  }
  if (found.size() == 1) return found.front();
  if (name.empty())
    return make_error(errors::kNodeNotFound, "the project has " + std::to_string(all.size()) + " analysers; say which: " + names);
  if (found.empty()) return make_error(errors::kNodeNotFound, "there is no analyser '" + std::string(name) + "'; the project has " + names);
  return make_error(errors::kNodeNotFound,
                    "'" + std::string(name) + "' means " + std::to_string(found.size()) + " analysers; give the id of one: " + names);
}

std::vector<NamedParameter> all_parameters(const project::Project& project, const channel::Channel* only) {
  std::vector<NamedParameter> all;
  for (const Strip& strip : strips(project)) {
    if (only != nullptr && strip.channel != only) continue;
    for (const node::Node& node : strip.channel->nodes)
      for (const parameter::Parameter& parameter : node.parameters)
        all.push_back({.name = strip.name + "/" + node.name + "/" + parameter.name, .parameter = &parameter});
    for (const channel::Send& send : strip.channel->sends)
      all.push_back({.name = strip.name + "/" + name_of(project, send.bus_id) + "/" + send.level.name, .parameter = &send.level});
    all.push_back({.name = strip.name + "/" + strip.channel->gain.name, .parameter = &strip.channel->gain});
  }
  return all;
}

bool is_like(const std::string& name, const std::string& pattern) {
  const bool whole = pattern.find_first_of("*?") != std::string::npos;
  return ::fnmatch((whole ? pattern : "*" + pattern + "*").c_str(), name.c_str(), FNM_CASEFOLD) == 0;
}

}  // namespace loophole::cli
