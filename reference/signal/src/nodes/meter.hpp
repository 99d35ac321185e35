#pragma once
// Meter: measures peak and RMS of both channels while somebody watches, and passes audio on. No parameters.

#include "nodes/processor.hpp"

namespace loophole::reference_signal {

class Meter final : public Processor {
 public:
  explicit Meter(std::uint32_t handle) : levels_(handle) {}
  void process(const Stretch& stretch, const NodeSetup&, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING override {
    if (!stretch.measuring) return;
    levels_.measure(0, {audio.left, audio.frames});
    levels_.measure(1, {audio.right, audio.frames});
  }
  signal::rt::MeterLevels* levels() noexcept LOOPHOLE_NONBLOCKING override { return &levels_; }

 private:
  signal::rt::MeterLevels levels_;
};

}  // namespace loophole::reference_signal
