#pragma once
// TestTone: adds a sine to its input while the transport plays. Keys: frequency (Hz), level (dB).

#include "nodes/level.hpp"
#include "nodes/processor.hpp"

namespace loophole::reference_signal {

class TestTone final : public Processor {
 public:
  TestTone() : Processor({{"frequency", &frequency_hz_}, {"level", &level_db_}}) {}
  void process(const Stretch& stretch, const NodeSetup& setup, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING override;
  void reset() noexcept LOOPHOLE_NONBLOCKING override { phase_ = 0; }

 private:
  SmoothedParameter frequency_hz_{440.0};
  SmoothedParameter level_db_{-12.0};
  Level level_;
  double phase_ = 0;  // in turns, 0 … 1
};

}  // namespace loophole::reference_signal
