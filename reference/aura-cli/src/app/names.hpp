#pragma once
// Things by name: a user types "Synth/Cutoff" where the protocol wants an identifier. Everything can also be given by its id.
//
//   track        Synth
//   node         Synth/Filter            clip   Voice/Front_Center
//   parameter    Synth/Cutoff, Synth/Filter/Cutoff, Synth/Gain (the track's own), Master/Gain (the project's)
//
// Names are compared without regard to case; parameters also by key. What is ambiguous is refused with the ids to choose from.

#include <string>
#include <string_view>
#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/messages/project.hpp"

namespace loophole::cli {

[[nodiscard]] Result<const track::Track*> find_track(const project::Project& project, std::string_view name);
[[nodiscard]] Result<const node::Node*> find_node(const project::Project& project, std::string_view name);
[[nodiscard]] Result<const clip::Clip*> find_clip(const project::Project& project, std::string_view name);
[[nodiscard]] Result<const parameter::Parameter*> find_parameter(const project::Project& project, std::string_view name);

// A parameter and the shortest of its full names, such as "Synth/Filter/Cutoff".
struct NamedParameter {
  std::string name;
  const parameter::Parameter* parameter = nullptr;
};
// All parameters of a project, in the order of its tracks and chains; the project's own last.
[[nodiscard]] std::vector<NamedParameter> all_parameters(const project::Project& project);

}  // namespace loophole::cli
