#pragma once
// Things by name: a user types "Synth/Cutoff" where the protocol wants an identifier. Everything can also be given by its id.
//
//   track        Synth
//   bus          Reverb
//   channel      Synth, Reverb, Master
//   node         Synth/Filter, Reverb/Delay, Master/Filter
//   clip         Voice/Front_Center
//   analyser     Synth/Analyser, Synth
//   send         Synth/Reverb
//   parameter    Synth/Cutoff, Synth/Filter/Cutoff, Synth/Gain (the channel's own), Synth/Reverb/Level (a send's), Master/Gain
//
// Names are compared without regard to case; parameters also by key. What is ambiguous is refused with the ids to choose from.

#include <string>
#include <string_view>
#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/messages/project.hpp"

namespace loophole::cli {

[[nodiscard]] Result<const track::Track*> find_track(const project::Project& project, std::string_view name);
[[nodiscard]] Result<const routing::Bus*> find_bus(const project::Project& project, std::string_view name);
[[nodiscard]] Result<const channel::Channel*> find_channel(const project::Project& project, std::string_view name);
[[nodiscard]] Result<const channel::Send*> find_send(const project::Project& project, std::string_view name);
[[nodiscard]] Result<const node::Node*> find_node(const project::Project& project, std::string_view name);
[[nodiscard]] Result<const clip::Clip*> find_clip(const project::Project& project, std::string_view name);
[[nodiscard]] Result<const parameter::Parameter*> find_parameter(const project::Project& project, std::string_view name);

// A node and its full name, such as "Synth/Filter".
struct NamedNode {
  std::string name;
  const node::Node* node = nullptr;
};
// All analysers of a project, in the order of its tracks and buses; those of the master last.
[[nodiscard]] std::vector<NamedNode> all_analysers(const project::Project& project);
// By its name, its id, or the name of its channel; with an empty name the only one. Error node.notFound, which names those to choose from.
[[nodiscard]] Result<NamedNode> find_analyser(const project::Project& project, std::string_view name);

// A parameter and the shortest of its full names, such as "Synth/Filter/Cutoff".
struct NamedParameter {
  std::string name;
  const parameter::Parameter* parameter = nullptr;
};
// All parameters of a project, in the order of its tracks, buses and chains; those of the master last. Of `only`, where that is given.
[[nodiscard]] std::vector<NamedParameter> all_parameters(const project::Project& project, const channel::Channel* only = nullptr);

// Whether a name has this in it, without regard to case; a pattern with * or ? is about the whole name, as file names are in a shell. An
// empty pattern is like everything.
[[nodiscard]] bool is_like(const std::string& name, const std::string& pattern);

}  // namespace loophole::cli
