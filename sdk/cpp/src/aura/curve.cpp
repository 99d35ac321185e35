#include "loophole/aura/curve.hpp"

#include <algorithm>
#include <cmath>

namespace loophole::aura {
namespace {

// Amplitude ratios below this are silence on a decibel curve: -120 dB.
constexpr double kSilence = 1e-6;

parameter::Curve effective_curve(const parameter::Parameter& parameter) {
  using parameter::Curve;
  if (parameter.curve == Curve::exponential && !(parameter.minimum > 0 && parameter.maximum > 0)) return Curve::linear;
  if (parameter.curve == Curve::decibel && (parameter.unit == "dB" || parameter.minimum < 0)) return Curve::linear;
  return parameter.curve == Curve::unknown ? Curve::linear : parameter.curve;
}

double decibels(double ratio) {
  return 20.0 * std::log10(std::max(ratio, kSilence));
}

double interpolate(const parameter::Parameter& parameter, double position) {
  const double low = parameter.minimum;
  const double high = parameter.maximum;
  switch (effective_curve(parameter)) {
    case parameter::Curve::exponential:
      return low * std::pow(high / low, position);
    case parameter::Curve::decibel:
      return std::pow(10.0, (decibels(low) + position * (decibels(high) - decibels(low))) / 20.0);
    default:
      return low + position * (high - low);
  }
}

}  // namespace

double to_plain(const parameter::Parameter& parameter, double position) {
  if (std::isnan(position)) return position;
  // The ends are exact, whatever the curve rounds to.
  if (position <= 0) return parameter.minimum;
  if (position >= 1) return parameter.maximum;
  double value = interpolate(parameter, position);
  if (parameter.kind != parameter::ParameterKind::float_) value = std::round(value);
  return std::clamp(value, parameter.minimum, parameter.maximum);
}

double to_position(const parameter::Parameter& parameter, double value) {
  const double low = parameter.minimum;
  const double high = parameter.maximum;
  if (std::isnan(value)) return value;
  if (value <= low || high <= low) return 0;
  if (value >= high) return 1;
  switch (effective_curve(parameter)) {
    case parameter::Curve::exponential:
      return std::log(value / low) / std::log(high / low);
    case parameter::Curve::decibel:
      return (decibels(value) - decibels(low)) / (decibels(high) - decibels(low));
    default:
      return (value - low) / (high - low);
  }
}

}  // namespace loophole::aura
