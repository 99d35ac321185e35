#pragma once
// How a control of 0 to 1 maps to a parameter.

#include "loophole/messages/parameter.hpp"

namespace loophole::aura {

// [any-thread] The value at a position, 0 … 1, of a control: by the curve of the parameter, whole for kinds other than float. Positions
// outside are moved to the nearest end; NaN stays NaN.
//   linear        in proportion
//   exponential   equal ratios for equal distances
//   decibel       linear in decibels; a parameter whose unit is not dB is an amplitude ratio, and position 0 is its minimum
[[nodiscard]] double to_plain(const parameter::Parameter& parameter, double position);

// [any-thread] The position, 0 … 1, of a value; the inverse of to_plain().
[[nodiscard]] double to_position(const parameter::Parameter& parameter, double value);

}  // namespace loophole::aura
