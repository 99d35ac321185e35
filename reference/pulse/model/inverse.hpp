#pragma once
// What takes a change back, and which parameters a change touches.

#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/model/project_state.hpp"

namespace loophole::pulse {

// [owner-thread] The change that takes `change` back, to be asked for before it is applied. Errors as ProjectState::apply(): the project
// has no such thing.
[[nodiscard]] Result<project::Change> inverse_of(const model::ProjectState& state, const project::Change& change);

// [owner-thread] Parameters that `change` moves under a hand: whose value, automation or plugin state it sets, or that it removes with what
// they belong to. To be asked for before it is applied.
[[nodiscard]] std::vector<ParameterId> touched_parameters(const model::ProjectState& state, const project::Change& change);

}  // namespace loophole::pulse
