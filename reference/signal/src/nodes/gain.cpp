#include "nodes/gain.hpp"

namespace loophole::reference_signal {

void Gain::process(const Stretch&, const NodeSetup&, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING {
  in_steps(audio.frames, [&](std::uint32_t at, std::uint32_t frames) noexcept {
    const auto gain = static_cast<float>(amplitude_of_db(gain_db_.advance(frames)));
    const Level::Line line = level_.line_to(gain, frames);
    for (std::uint32_t i = 0; i < frames; ++i) {
      audio.left[at + i] *= line.at(i);
      audio.right[at + i] *= line.at(i);
    }
  });
}

}  // namespace loophole::reference_signal
