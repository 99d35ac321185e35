#pragma once
// Copies of things of a project. Everything in a copy has an id and a handle of its own; values, automation and where it leads are kept.

#include <string>

#include "loophole/messages/project.hpp"
#include "model/handles.hpp"

namespace loophole::pulse {

// [owner-thread] A copy of a track with everything on it.
[[nodiscard]] track::Track copy_of(const track::Track& track, std::string name, HandleSource& handles);

}  // namespace loophole::pulse
