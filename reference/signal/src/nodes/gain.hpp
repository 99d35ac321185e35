#pragma once
// Gain: level in dB. Key: gain.

#include "nodes/level.hpp"
#include "nodes/processor.hpp"

namespace loophole::reference_signal {

class Gain final : public Processor {
 public:
  Gain() : Processor({{"gain", &gain_db_}}) {}
  void process(const Stretch& stretch, const NodeSetup& setup, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING override;

 private:
  SmoothedParameter gain_db_{0.0};
  Level level_;
};

}  // namespace loophole::reference_signal
