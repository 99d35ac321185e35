#include "nodes/pan.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace loophole::reference_signal {
namespace {

float side_gain(double away) noexcept {
  return away >= 1.0 ? 0.0F : static_cast<float>(std::cos(std::max(away, 0.0) * std::numbers::pi / 2));
}

}  // namespace

void Pan::process(const Stretch&, const NodeSetup&, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING {
  in_steps(audio.frames, [&](std::uint32_t at, std::uint32_t frames) noexcept {
    const double position = position_.advance(frames);
    const Level::Line left = left_.line_to(side_gain(position), frames);
    const Level::Line right = right_.line_to(side_gain(-position), frames);
    for (std::uint32_t i = 0; i < frames; ++i) {
      audio.left[at + i] *= left.at(i);
      audio.right[at + i] *= right.at(i);
    }
  });
}

}  // namespace loophole::reference_signal
