#pragma once
// Edit: what a command does to the project, worked out and checked but not applied yet.

#include <string>
#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/messages/plugin.hpp"
#include "loophole/model/project_state.hpp"
#include "model/handles.hpp"

namespace loophole::pulse {

struct Edit {
  std::string label;  // name of the undo step, "Add Track \"Voice\""
  std::vector<project::Change> changes;
};

// An edit and the answer to its command; the revision in the answer is filled in when the edit is committed.
template <class Reply>
struct Planned {
  Edit edit;
  Reply reply;
};

// What planning an edit reads. Handles that a refused edit took are not given again.
struct EditContext {
  const model::ProjectState& state;
  HandleSource& handles;
  const plugin::InfoReply* plugin = nullptr;  // the plugin that the command names, as the engine told it; only for nodes of that kind
};

}  // namespace loophole::pulse
