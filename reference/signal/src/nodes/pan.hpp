#pragma once
// Pan: position between left (-1) and right (1). Key: position. In the middle both sides pass unchanged; towards one side the other one
// goes down along a quarter of a cosine, to silence at the end.

#include "nodes/level.hpp"
#include "nodes/processor.hpp"

namespace loophole::reference_signal {

class Pan final : public Processor {
 public:
  Pan() : Processor({{"position", &position_}}) {}
  void process(const Stretch& stretch, const NodeSetup& setup, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING override;

 private:
  SmoothedParameter position_{0.0};
  Level left_;
  Level right_;
};

}  // namespace loophole::reference_signal
