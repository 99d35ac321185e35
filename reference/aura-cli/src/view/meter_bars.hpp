#pragma once
// MeterBars: levels as bars for a terminal, with peak hold. Pure: time and levels come in, lines come out.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "loophole/aura/telemetry.hpp"
#include "loophole/core/clock.hpp"
#include "loophole/messages/project.hpp"
#include "view/peak_hold.hpp"
#include "view/terminal.hpp"

namespace loophole::cli {

// A meter and its name.
struct MeterName {
  std::string name;
  std::int64_t handle = 0;
};
// Those of the tracks and the buses, then "Master".
[[nodiscard]] std::vector<MeterName> meter_names(const project::Project& project);

// [any-thread] 20·log10, not below -120.
[[nodiscard]] double decibels(double ratio) noexcept;

class MeterBars {
 public:
  explicit MeterBars(const TerminalTraits& traits) : traits_(traits) {}

  // [owner-thread] Takes in a frame.
  void update(const aura::MetersView& meters, Clock::time_point now);
  // [owner-thread] Forgets all levels.
  void reset() { channels_.clear(); }

  // [owner-thread] The terminal has another size.
  void resize(const TerminalTraits& traits) { traits_ = traits; }

  // [owner-thread] As wide as the terminal and at most `rows`: name, bar with peak mark, decibels, CLIP from the first sample above full
  // scale on. Two lines a meter, left and right; one with the louder side where two do not fit; then the last meters, and how many are
  // missing above them.
  [[nodiscard]] std::vector<std::string> lines(const std::vector<MeterName>& names, Clock::time_point now, std::size_t rows) const;
  // [owner-thread] One plain line: "Voice -12.3 -12.9  Synth …".
  [[nodiscard]] std::string summary(const std::vector<MeterName>& names) const;

 private:
  struct Channel {
    double peak_db = -120;
    double rms_db = -120;
    bool clipped = false;
    PeakHold hold;
  };
  [[nodiscard]] std::string bar(const Channel& channel, double mark_db, std::size_t width) const;
  [[nodiscard]] std::string line(const std::string& name, const char* side, const Channel& channel, Clock::time_point now) const;
  [[nodiscard]] Channel louder(std::int64_t handle) const;
  [[nodiscard]] const Channel& channel(std::int64_t handle, std::uint32_t number) const;

  TerminalTraits traits_;
  std::map<std::pair<std::int64_t, std::uint32_t>, Channel> channels_;
};

}  // namespace loophole::cli
