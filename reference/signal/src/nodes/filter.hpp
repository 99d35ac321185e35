#pragma once
// Filter: resonant low-pass of second order. Keys: cutoff (Hz), resonance (0 has no peak, 1 has a quality of 20).
//
// A state-variable filter with trapezoidal integrators: it may be modulated at any rate without clicks, and its cutoff is right up to half
// the sample rate. (V. Zavalishin, The Art of VA Filter Design, chapter 4.)

#include <array>

#include "nodes/processor.hpp"

namespace loophole::reference_signal {

class Filter final : public Processor {
 public:
  Filter() : Processor({{"cutoff", &cutoff_hz_}, {"resonance", &resonance_}}) {}
  void process(const Stretch& stretch, const NodeSetup& setup, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING override;
  void reset() noexcept LOOPHOLE_NONBLOCKING override { channels_ = {}; }

 private:
  struct Channel {
    double band = 0;
    double low = 0;
  };
  void tune(double cutoff_hz, double resonance, double sample_rate) noexcept LOOPHOLE_NONBLOCKING;
  void run(Channel& channel, float* samples, std::uint32_t frames) const noexcept LOOPHOLE_NONBLOCKING;

  SmoothedParameter cutoff_hz_{1'000.0};
  SmoothedParameter resonance_{0.0};
  std::array<Channel, 2> channels_{};
  double tuned_cutoff_ = -1;
  double tuned_resonance_ = -1;
  double tuned_rate_ = -1;
  double a1_ = 0;
  double a2_ = 0;
  double a3_ = 0;
};

}  // namespace loophole::reference_signal
