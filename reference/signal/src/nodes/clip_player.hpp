#pragma once
// ClipPlayer: plays clips at their place on the timeline, added to its input. No parameters. What is not in memory is
// silent, and counted.

#include "nodes/processor.hpp"

namespace loophole::reference_signal {

class ClipPlayer final : public Processor {
 public:
  // A clip that ends before its file does is faded out over this many frames.
  static constexpr std::uint64_t kCutFrames = 64;

  void process(const Stretch& stretch, const NodeSetup& setup, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING override;
};

}  // namespace loophole::reference_signal
