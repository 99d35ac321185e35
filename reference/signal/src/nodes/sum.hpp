#pragma once
// Sum: passes on its inputs, which the plan has summed. The output, whose sum the driver plays, mixers of buses, and returns. No
// parameters.

#include "nodes/processor.hpp"

namespace loophole::reference_signal {

class Sum final : public Processor {
 public:
  void process(const Stretch&, const NodeSetup&, StereoBlock) noexcept LOOPHOLE_NONBLOCKING override {}
};

}  // namespace loophole::reference_signal
