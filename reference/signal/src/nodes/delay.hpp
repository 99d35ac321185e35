#pragma once
// Delay: echoes. Keys: time (ms, at most 4000), feedback (0 … 1; a little less is used, so that it dies away), mix (0 dry … 1 wet).
//
// Another time is reached by crossfading to it, so that nothing is bent in pitch on the way; while the time goes on to change, one
// crossfade follows the other.

#include <vector>

#include "nodes/level.hpp"
#include "nodes/processor.hpp"

namespace loophole::reference_signal {

class Delay final : public Processor {
 public:
  static constexpr double kMostMs = 4'000;

  // [io-thread]
  explicit Delay(double sample_rate);
  void process(const Stretch& stretch, const NodeSetup& setup, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING override;
  void reset() noexcept LOOPHOLE_NONBLOCKING override;

 private:
  static constexpr std::uint32_t kFadeFrames = 1'024;
  static constexpr std::uint32_t kOnsetFrames = 256;

  void aim(double time_ms, double sample_rate) noexcept LOOPHOLE_NONBLOCKING;
  [[nodiscard]] std::size_t place(std::uint32_t ago) const noexcept LOOPHOLE_NONBLOCKING { return (at_ - ago) & (left_.size() - 1); }

  SmoothedParameter time_ms_{300.0};
  SmoothedParameter feedback_{0.3};
  SmoothedParameter mix_{0.3};
  std::vector<float> left_;
  std::vector<float> right_;
  std::size_t at_ = 0;
  std::size_t forget_ = 0;    // frames that are still to be forgotten
  std::uint32_t frames_ = 0;  // of the echo; 0: not known yet
  std::uint32_t before_ = 0;  // what it was
  std::uint32_t fading_ = 0;  // frames until only the new one is heard
};

}  // namespace loophole::reference_signal
