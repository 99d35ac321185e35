#pragma once
// MeterBars: levels as bars for a terminal, with peak hold. Pure: time and levels come in, lines come out.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loophole/aura/telemetry.hpp"
#include "loophole/core/clock.hpp"
#include "loophole/messages/project.hpp"
#include "view/peak_hold.hpp"
#include "view/terminal.hpp"

namespace loophole::cli {

// A meter and its name, as it can be printed.
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

  // [owner-thread] Takes in a frame. With the first one of another engine all is forgotten that was of the one before.
  void update(const aura::MetersView& meters, Clock::time_point now);
  // [owner-thread] Forgets all levels and clips.
  void reset() { channels_.clear(); }
  // [owner-thread] Forgets the levels: they are not known, which looks unlike silence.
  void forget_levels();
  // [owner-thread] Forgets the clips.
  void clear_clips();

  // [owner-thread] The terminal has another size.
  void resize(const TerminalTraits& traits) { traits_ = traits; }
  // [owner-thread] CLIP goes by itself so long after the newest sample above full scale; nothing: it stays.
  void hold_clips(std::optional<std::chrono::duration<double>> length) { clip_hold_ = length; }

  // [any-thread] How many of these meters, the last one apart, `rows` have room for.
  [[nodiscard]] static std::size_t shown(std::size_t meters, std::size_t rows) noexcept;
  // [owner-thread] As wide as the terminal and at most `rows`: name, bar with peak mark, decibels, CLIP. Two lines a meter, left and right;
  // one with the louder side where two do not fit; where that does not fit either, those from `first` on. The last meter, the master, is
  // always there.
  [[nodiscard]] std::vector<std::string> lines(const std::vector<MeterName>& names, Clock::time_point now, std::size_t rows,
                                               std::size_t first = 0) const;
  // [owner-thread] One plain line: "Voice -12.3 -12.9  Synth …  Master …", the louder sides marked with CLIP. In less than `width` columns
  // the master, then the loudest that fit, and how many there are besides. A level that is not known is a question mark.
  [[nodiscard]] std::string summary(const std::vector<MeterName>& names, Clock::time_point now, std::size_t width) const;
  // [owner-thread] The same behind another text, both together in `width` columns.
  [[nodiscard]] std::string line_behind(const std::string& begin, const std::vector<MeterName>& names, Clock::time_point now,
                                        std::size_t width) const;

 private:
  struct Channel {
    bool known = false;  // a frame had it
    double peak_db = -120;
    double rms_db = -120;
    std::optional<Clock::time_point> clipped{};  // last
    PeakHold hold{};
  };
  // How wide the parts of a line are.
  struct Parts {
    std::size_t name = 0;
    std::size_t bar = 0;
    bool wide = true;  // with everything
  };
  [[nodiscard]] Parts parts(const std::vector<MeterName>& names) const;
  [[nodiscard]] bool clips(const Channel& channel, Clock::time_point now) const;
  [[nodiscard]] std::string bar(const Channel& channel, double mark_db, std::size_t width) const;
  [[nodiscard]] std::string line(const Parts& parts, const std::string& name, const char* side, const Channel& channel,
                                 Clock::time_point now) const;
  [[nodiscard]] Channel louder(std::int64_t handle) const;
  [[nodiscard]] const Channel& channel(std::int64_t handle, std::uint32_t number) const;

  TerminalTraits traits_;
  std::optional<std::chrono::duration<double>> clip_hold_;
  std::uint64_t epoch_ = 0;  // of the engine that the levels are of
  std::map<std::pair<std::int64_t, std::uint32_t>, Channel> channels_;
};

}  // namespace loophole::cli
