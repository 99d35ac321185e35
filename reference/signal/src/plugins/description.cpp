#include "plugins/description.hpp"

#include <algorithm>
#include <cmath>

namespace loophole::reference_signal {

float PluginControl::port_value(double value) const noexcept LOOPHOLE_NONBLOCKING {
  if (steps()) value = std::round(value);
  if (choices.empty()) return static_cast<float>(value);
  const double last = static_cast<double>(choices.size() - 1);
  return choices[static_cast<std::size_t>(std::clamp(value, 0.0, last))];
}

double PluginControl::parameter_value(float value) const noexcept {
  if (choices.empty()) return steps() ? std::round(static_cast<double>(value)) : static_cast<double>(value);
  const auto nearest = std::ranges::min_element(choices, [value](float a, float b) { return std::fabs(a - value) < std::fabs(b - value); });
  return static_cast<double>(nearest - choices.begin());
}

plugin::PluginParameter PluginControl::at_rate(double sample_rate) const {
  plugin::PluginParameter scaled = parameter;
  if (!times_rate) return scaled;
  scaled.minimum *= sample_rate;
  scaled.maximum *= sample_rate;
  scaled.initial *= sample_rate;
  scaled.step *= sample_rate;
  return scaled;
}

}  // namespace loophole::reference_signal
