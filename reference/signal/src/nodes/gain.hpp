#pragma once
// Gain: level in dB. Key: gain; of a send, level.

#include "nodes/level.hpp"
#include "nodes/processor.hpp"

namespace loophole::reference_signal {

class Gain final : public Processor {
 public:
  explicit Gain(std::string_view key = "gain") : Processor({{key, &gain_db_}}) {}
  void process(const Stretch& stretch, const NodeSetup& setup, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING override;

 private:
  SmoothedParameter gain_db_{0.0};
  Level level_;
};

}  // namespace loophole::reference_signal
