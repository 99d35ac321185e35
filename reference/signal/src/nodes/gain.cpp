#include "nodes/gain.hpp"

namespace loophole::reference_signal {

void Gain::process(const Stretch&, const NodeSetup&, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING {
  const auto step = [&](std::uint32_t at, std::uint32_t frames) noexcept {
    const GainLine line = level_.line(gain_db_.next(frames), amplitude_of_db);
    for (std::uint32_t i = 0; i < frames; ++i) {
      audio.left[at + i] *= line.at(i);
      audio.right[at + i] *= line.at(i);
    }
  };
  in_steps(audio.frames, step, gain_db_);
}

}  // namespace loophole::reference_signal
