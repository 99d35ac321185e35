#pragma once
// SpectrumBars: a spectrum as columns for a terminal, over logarithmic frequency, with peak hold. Pure: time and magnitudes come in, lines
// come out.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loophole/aura/telemetry.hpp"
#include "loophole/core/clock.hpp"
#include "view/peak_hold.hpp"
#include "view/terminal.hpp"

namespace loophole::cli {

class SpectrumBars {
 public:
  explicit SpectrumBars(const TerminalTraits& traits) : traits_(traits) {}

  // [owner-thread] Takes in a frame. With the first one of another engine all is forgotten that was of the one before.
  void update(const aura::SpectrumView& spectrum, Clock::time_point now);
  // [owner-thread] Forgets all of it.
  void reset();
  // [owner-thread] Forgets the peaks that are held.
  void clear_peaks() { holds_.assign(holds_.size(), PeakHold()); }
  // [owner-thread] The terminal has another size.
  void resize(const TerminalTraits& traits) { traits_ = traits; }

  // The highest point: between the bins, where the neighbours of the highest bin say so.
  struct Peak {
    double frequency_hz = 0;
    double level_db = 0;
  };
  // [owner-thread] Nothing: there was no frame yet, or it is silent.
  [[nodiscard]] std::optional<Peak> peak() const;

  // [owner-thread] As wide as the terminal and as many as `rows`: decibels on the left, columns from 20 Hz to 20 kHz with the mark of the
  // peak that is held above each, then the axis with its frequencies.
  [[nodiscard]] std::vector<std::string> lines(Clock::time_point now, std::size_t rows) const;
  // [owner-thread] One plain line: "440 Hz -12.3 dB; 63 Hz -71, 250 Hz -50, …", the levels of five bands of two octaves.
  [[nodiscard]] std::string summary() const;

 private:
  [[nodiscard]] double frequency_of(double bin) const noexcept;
  [[nodiscard]] double highest_hz() const noexcept;  // right end of the axis
  // The highest of the bins within; between two bins what lies on the line from one to the other.
  [[nodiscard]] double level_between(const std::vector<double>& bins, double from_hz, double to_hz) const;
  [[nodiscard]] std::vector<std::string> axis(std::size_t width) const;

  TerminalTraits traits_;
  std::uint64_t epoch_ = 0;  // of the engine that the levels are of
  double sample_rate_hz_ = 0;
  double window_frames_ = 0;
  std::vector<double> levels_db_;  // by bin
  std::vector<PeakHold> holds_;    // by bin
};

// [any-thread] "440 Hz", "1.2 kHz".
[[nodiscard]] std::string frequency_text(double frequency_hz);

}  // namespace loophole::cli
