#include "nodes/pan.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace loophole::reference_signal {
namespace {

float side_gain(double away) noexcept LOOPHOLE_NONBLOCKING {
  return away >= 1.0 ? 0.0F : static_cast<float>(std::cos(std::max(away, 0.0) * std::numbers::pi / 2));
}

}  // namespace

void Pan::process(const Stretch&, const NodeSetup&, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING {
  const auto step = [&](std::uint32_t at, std::uint32_t frames) noexcept {
    const SmoothedParameter::Line position = position_.next(frames);
    const GainLine left = left_.line(position, [](double place) noexcept { return side_gain(place); });
    const GainLine right = right_.line(position, [](double place) noexcept { return side_gain(-place); });
    for (std::uint32_t i = 0; i < frames; ++i) {
      audio.left[at + i] *= left.at(i);
      audio.right[at + i] *= right.at(i);
    }
  };
  in_steps(audio.frames, step, position_);
}

}  // namespace loophole::reference_signal
