#pragma once
// Private to the engine server: the spectrum of one analyser, from the samples that its board brings.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "loophole/signal/rt/spectrum_board.hpp"

namespace loophole::signal {

class SpectrumAnalysis {
 public:
  static constexpr std::size_t kWindowFrames = 2'048;
  static constexpr std::size_t kBins = kWindowFrames / 2 + 1;
  static constexpr float kSilenceDb = -200;

  SpectrumAnalysis();
  ~SpectrumAnalysis();
  SpectrumAnalysis(SpectrumAnalysis&&) noexcept;
  SpectrumAnalysis& operator=(SpectrumAnalysis&&) noexcept;

  // Samples that follow those before; behind a gap everything begins anew.
  void take(const rt::AnalyserRun& run);
  // Whether the samples of a whole window came.
  [[nodiscard]] bool full() const noexcept { return filled_ == kWindowFrames; }
  // Decibels of each bin from 0 Hz, over the newest window, weighted with Hann: a sine of full scale in the middle of a bin has 0, nothing
  // is below kSilenceDb. Valid until the next call.
  [[nodiscard]] std::span<const float> magnitudes_db();

 private:
  struct Transform;
  std::unique_ptr<Transform> transform_;
  std::vector<float> ring_ = std::vector<float>(kWindowFrames);
  std::size_t next_ = 0;    // in the ring
  std::size_t filled_ = 0;  // of the ring
  std::uint64_t end_ = 0;   // engine frames at the end of the newest run
};

}  // namespace loophole::signal
