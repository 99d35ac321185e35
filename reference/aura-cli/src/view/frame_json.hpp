#pragma once
// Telemetry as JSON, for lines that other programs read. Frames are no messages of the control plane, so they have no JSON Schema.

#include <nlohmann/json.hpp>

#include "loophole/aura/telemetry.hpp"

namespace loophole::cli {

[[nodiscard]] nlohmann::json frame_json(const aura::MetersView& meters);
[[nodiscard]] nlohmann::json frame_json(const aura::TransportView& transport);
[[nodiscard]] nlohmann::json frame_json(const aura::SpectrumView& spectrum);  // to a hundredth of a decibel
[[nodiscard]] nlohmann::json frame_json(const aura::StatsView& stats);

}  // namespace loophole::cli
