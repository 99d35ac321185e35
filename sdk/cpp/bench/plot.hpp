#pragma once
// A measurement as a picture: value over percentile, the percentiles on a logarithmic axis (as HdrHistogram draws them), so that the last
// thousandth has as much room as the first half.

#include <string>
#include <string_view>

#include "report.hpp"

namespace loophole::bench {

// An <svg> for a page that defines the classes grid, axis, label, ours, floor, beside, dot and goal.
[[nodiscard]] std::string plot_of(const Measurement& measurement);

// Text for HTML and SVG, in elements and in attributes.
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace loophole::bench
