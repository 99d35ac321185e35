#include "app/names.hpp"

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

}  // namespace

Result<const track::Track*> find_track(const project::Project& project, std::string_view name) {
  std::vector<Candidate<track::Track>> candidates;
  for (const track::Track& track : project.tracks) candidates.push_back({.names = {track.name}, .id = track.id.str(), .thing = &track});
  return choose(candidates, name, "track", "track list", errors::kTrackNotFound);
}

Result<const node::Node*> find_node(const project::Project& project, std::string_view name) {
  std::vector<Candidate<node::Node>> candidates;
  for (const track::Track& track : project.tracks)
    for (const node::Node& node : track.channel.nodes)
      candidates.push_back({.names = {track.name + "/" + node.name}, .id = node.id.str(), .thing = &node});
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
  for (const track::Track& track : project.tracks) {
    for (const node::Node& node : track.channel.nodes)
      for (const parameter::Parameter& parameter : node.parameters)
        add_parameter(candidates, {track.name, track.name + "/" + node.name}, parameter);
    add_parameter(candidates, {track.name}, track.channel.gain);
  }
  add_parameter(candidates, {std::string(kMaster)}, project.master.gain);
  return choose(candidates, name, "parameter", "parameter list", errors::kParameterNotFound);
}

std::vector<NamedParameter> all_parameters(const project::Project& project) {
  std::vector<NamedParameter> all;
  for (const track::Track& track : project.tracks) {
    for (const node::Node& node : track.channel.nodes)
      for (const parameter::Parameter& parameter : node.parameters)
        all.push_back({.name = track.name + "/" + node.name + "/" + parameter.name, .parameter = &parameter});
    all.push_back({.name = track.name + "/" + track.channel.gain.name, .parameter = &track.channel.gain});
  }
  all.push_back({.name = std::string(kMaster) + "/" + project.master.gain.name, .parameter = &project.master.gain});
  return all;
}

}  // namespace loophole::cli
