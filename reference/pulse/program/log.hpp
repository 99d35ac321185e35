#pragma once
// The log of a Pulse: standard error, so that standard output belongs to whoever runs it.

#include <string>

namespace loophole::pulse {

// [any-thread] Once, before a Pulse is made. `level`: debug, info, warning, error or off.
void prepare_log(const std::string& level);

}  // namespace loophole::pulse
