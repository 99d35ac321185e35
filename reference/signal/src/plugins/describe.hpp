#pragma once
// From what lilv knows of a plugin to a PluginDescription. Reads files only: no code of the plugin runs.

#include <lilv/lilv.h>

#include "plugins/description.hpp"

namespace loophole::reference_signal {

// [plugin-thread] A plugin that this engine cannot use has its fault set, and says of itself what it can.
[[nodiscard]] PluginDescription describe(LilvWorld* world, const LilvPlugin* plugin);

// Features that plugins may ask for; the instance provides them.
[[nodiscard]] bool offers_feature(std::string_view uri) noexcept;

}  // namespace loophole::reference_signal
