#pragma once
// TelemetryReader: what arrives on the telemetry plane becomes the newest readings and counts; no I/O.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clock_map.hpp"
#include "loophole/aura/telemetry.hpp"
#include "loophole/core/bytes.hpp"
#include "loophole/core/clock.hpp"

namespace loophole::aura {

class TelemetryReader {
 public:
  using Topic = Telemetry::Topic;

  // [owner-thread] The text to subscribe to for a topic; empty for what is none.
  [[nodiscard]] static std::string text_of(Topic topic, int rate_hz);

  // [owner-thread] Frames under this text are taken from now on. They begin a sequence: what was not subscribed to is not missing.
  void subscribe(Topic topic, std::string text);
  // [owner-thread] Gives the text that frames came under; empty: it was not subscribed to.
  std::string unsubscribe(Topic topic);
  [[nodiscard]] bool subscribed(Topic topic) const { return !text(topic).empty(); }
  // The text that frames of a topic come under; empty: it is not subscribed to.
  [[nodiscard]] std::string_view text(Topic topic) const;
  [[nodiscard]] std::vector<std::string> texts() const;

  // [owner-thread] Frames of this epoch count from now on; what was read before is forgotten. 0: there is no engine.
  void begin_epoch(std::uint64_t epoch);

  // [owner-thread] Verifies and reads a frame that arrives at `now`; says of what there is a new one.
  std::optional<Topic> accept(std::string_view topic, Bytes frame, Clock::time_point now = Clock::now());
  // [owner-thread] When the newest frame of a topic arrived; nothing: none has in this epoch.
  [[nodiscard]] std::optional<Clock::time_point> arrived(Topic topic) const;
  // [owner-thread] How long a frame of a topic is live.
  [[nodiscard]] std::chrono::nanoseconds live_for(Topic topic) const;

  // All that was measured at the same time, however many frames it came in.
  [[nodiscard]] MetersView meters() const noexcept;
  // What the newest frame has.
  [[nodiscard]] MetersView newest_meters_frame() const noexcept;
  [[nodiscard]] const std::optional<TransportView>& transport() const noexcept { return transport_; }
  [[nodiscard]] const StatsView& stats() const noexcept { return stats_; }
  [[nodiscard]] SpectrumView spectrum(std::int64_t analyser) const noexcept;
  [[nodiscard]] TelemetryCounters counters() const;
  [[nodiscard]] TopicCounters counters(Topic topic) const;

  ClockMap clock;

 private:
  struct Feed {
    Topic topic;
    std::optional<std::uint64_t> last{};  // sequence
    Clock::time_point arrived{};          // that one
  };
  struct Spectrum {
    SpectrumView view;  // its span is set by spectrum()
    std::vector<float> magnitudes_db{};
  };

  // Whether a frame is to be taken; counts it either way.
  bool in_sequence(Feed& feed, std::uint64_t epoch, std::uint64_t sequence);
  bool read(Feed& feed, Bytes frame);
  bool read_meters(Feed& feed, Bytes frame);
  bool read_transport(Feed& feed, Bytes frame);
  bool read_stats(Feed& feed, Bytes frame);
  bool read_spectrum(Feed& feed, Bytes frame);
  bool malformed(const Feed& feed);
  void forget(Topic topic);

  std::uint64_t epoch_ = 0;
  std::map<std::string, Feed, std::less<>> feeds_;  // by text
  MetersView meters_;                               // its span is set by meters()
  std::vector<Level> levels_;
  std::vector<Level> newest_levels_;
  std::optional<TransportView> transport_;
  StatsView stats_;
  std::map<std::int64_t, Spectrum> spectra_;
  std::map<Topic, TopicCounters> counters_;
  std::uint64_t foreign_ = 0;
  std::uint64_t unassigned_ = 0;  // malformed, on no topic that could be
};

}  // namespace loophole::aura
