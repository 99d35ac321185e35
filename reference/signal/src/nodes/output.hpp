#pragma once
// Output: its inputs, summed by the plan, are what the driver plays. No parameters.

#include "nodes/processor.hpp"

namespace loophole::reference_signal {

class Output final : public Processor {
 public:
  void process(const Stretch&, const NodeSetup&, StereoBlock) noexcept LOOPHOLE_NONBLOCKING override {}
};

}  // namespace loophole::reference_signal
