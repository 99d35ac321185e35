#pragma once
// Telemetry: meters, spectra, transport position and load, straight from Signal.
//
// 1. client.telemetry().subscribe(Telemetry::Topic::meters), or set a handler, which subscribes too. What nobody subscribes to is not
// computed.
// 2. Poll the client; then read meters(), spectrum(), transport() and stats() when it is time to draw: they never wait, and have the newest
// frame while it is live. Or be called with every frame.
// 3. playhead() says where the transport is that is heard now, heard_at_ns() when a frame of the engine is heard.
//
// What is shown is live. An engine may hang, or end together with Pulse, so that nothing tells of its end: when a topic has brought nothing
// for live_for(), its view is as it was before the first frame, and find() gives nullptr. Draw that as "not known", never as silence; hold
// or fade what was drawn. Who wants the newest frame however old it is asks for it: meters(1h), whose `age` says how old. on_silent() tells
// when a topic falls silent, for who draws only when something arrives.
//
// Subscriptions follow the engine: after a restart they go on in the new epoch, and after the connection to Pulse was lost with the next
// Pulse. Frames of another epoch than the engine's are dropped and counted, and so is what sequence numbers show as missing.

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "loophole/core/clock.hpp"
#include "loophole/core/error.hpp"
#include "loophole/frames/engine_stats.hpp"
#include "loophole/frames/spectrum.hpp"

namespace loophole::aura {

// Levels of one channel of one meter since the frame before; 1.0 is full scale.
struct Level {
  std::uint32_t handle = 0;   // meter_handle of a channel
  std::uint32_t channel = 0;  // 0: left, 1: right
  float peak = 0;             // highest absolute sample
  float rms = 0;              // root of the mean square
  std::uint32_t clipped = 0;  // samples above full scale; 65535: that many or more
  friend bool operator==(const Level&, const Level&) = default;
};

// The newest levels of all meters.
struct MetersView {
  std::uint64_t epoch = 0;          // 0: no frame yet
  std::uint64_t sequence = 0;       // of its topic, rising by one with each frame
  std::uint64_t engine_frames = 0;  // rendered since the start of the engine
  std::uint64_t time_ns = 0;        // when that was, CLOCK_MONOTONIC
  std::uint32_t length_frames = 0;  // that the levels cover
  std::chrono::nanoseconds age{0};  // since the frame arrived here
  // By handle and channel. Valid until the next poll(), or in a handler until it returns. Meters that do not fit into one frame come in
  // several of the same engine_frames: meters() has them together, a handler is called with each.
  std::span<const Level> levels{};

  // The level of a meter; nullptr: there is none in this reading, or nothing is live.
  [[nodiscard]] const Level* find(std::int64_t handle, std::uint32_t channel) const noexcept;
};

// Where the engine renders; what is heard is the Playhead.
struct TransportView {
  std::uint64_t epoch = 0;              // the start of the engine that it is of
  std::uint64_t sequence = 0;           // of its topic, rising by one with each frame
  std::uint64_t engine_frames = 0;      // rendered since that start
  std::uint64_t time_ns = 0;            // CLOCK_MONOTONIC
  std::uint64_t position_frames = 0;    // on the timeline
  std::uint32_t sample_rate_hz = 0;     // of the engine
  bool playing = false;                 // whether it moves
  double position_beats = 0;            // the same position in quarter notes
  double tempo_bpm = 120;               // quarter notes a minute
  bool loop_enabled = false;            // whether it goes round
  std::uint64_t loop_start_frames = 0;  // first frame of the loop
  std::uint64_t loop_end_frames = 0;    // first frame after it
  std::chrono::nanoseconds age{0};      // since the frame arrived here
};

// The newest analysis of one analyser.
struct SpectrumView {
  std::uint64_t epoch = 0;                                       // 0: no frame yet
  std::uint64_t sequence = 0;                                    // of its topic, rising by one with each frame
  std::uint64_t engine_frames = 0;                               // at the end of the window
  std::uint64_t time_ns = 0;                                     // when that was, CLOCK_MONOTONIC
  std::uint32_t handle = 0;                                      // meter_handle of the analyser
  std::int32_t channel = -1;                                     // -1: the mean of all
  frames::SpectrumWindow window = frames::SpectrumWindow::hann;  // the window function
  std::uint32_t sample_rate_hz = 0;                              // of the samples
  std::uint32_t window_frames = 0;                               // samples that were analysed
  std::chrono::nanoseconds age{0};                               // since the frame arrived here
  std::span<const float> magnitudes_db{};                        // by bin; valid until the next poll(), or in a handler until it returns

  // The middle of a bin.
  [[nodiscard]] double frequency_hz(std::size_t bin) const noexcept;
};

// Load and counts of the engine, as the frame has them; epoch 0: no frame yet.
using StatsView = frames::EngineStats;

// Where the transport is that is heard at some time.
struct Playhead {
  double position_frames = 0;        // on the timeline, of the engine's rate
  double position_beats = 0;         // the same in quarter notes
  std::uint32_t sample_rate_hz = 0;  // of the engine
  double tempo_bpm = 120;            // quarter notes a minute
  bool playing = false;              // whether it moves
};

// What arrived of one topic.
struct TopicCounters {
  std::uint64_t frames = 0;        // taken
  std::uint64_t gaps = 0;          // frames missing according to sequence numbers
  std::uint64_t stale_epoch = 0;   // dropped: of another epoch than the engine's
  std::uint64_t out_of_order = 0;  // dropped: not newer than the one before
  std::uint64_t malformed = 0;     // dropped: no verified frame of this topic
};

// Of all topics.
struct TelemetryCounters {
  std::uint64_t meters_frames = 0;     // taken, like the next three
  std::uint64_t transport_frames = 0;  // taken
  std::uint64_t spectrum_frames = 0;   // taken
  std::uint64_t stats_frames = 0;      // taken
  std::uint64_t gaps = 0;              // as TopicCounters has them
  std::uint64_t stale_epoch = 0;       // the same
  std::uint64_t out_of_order = 0;      // the same
  std::uint64_t malformed = 0;         // also what could not be assigned to a topic
  std::uint64_t foreign = 0;           // dropped: on a topic that begins like one of ours, which another client asked for
};

class Telemetry {
 public:
  // What can be followed.
  struct Topic {
    // What a topic is about.
    enum class Kind { meters, transport, stats, spectrum };
    Kind kind = Kind::meters;  // what it is about
    std::int64_t handle = 0;   // spectrum: the analyser; else 0

    static const Topic meters;     // all levels
    static const Topic transport;  // where the engine renders
    static const Topic stats;      // load and counts
    // `analyser`: meter_handle of a node of kind analyser.
    [[nodiscard]] static constexpr Topic spectrum(std::int64_t analyser) noexcept { return {Kind::spectrum, analyser}; }

    friend auto operator<=>(const Topic&, const Topic&) = default;
  };
  static constexpr int kMaxRateHz = 240;  // the highest rate of a subscription

  ~Telemetry();
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;

  // [owner-thread] Frames of this topic arrive from now on, `rate_hz` times a second at most: 1 to 240; 0 is the engine's own rate (60 for
  // meters and transport, 30 for a spectrum, 2 for statistics). Again with another rate: that one holds. False: the rate is none of these,
  // or the handle no analyser can have.
  bool subscribe(Topic topic, int rate_hz = 0);
  // [owner-thread] They stop, and the newest is forgotten.
  void unsubscribe(Topic topic);

  // [owner-thread] Calls the handler from poll() with every frame, and subscribes at the engine's rate to what is not subscribed to. An
  // empty handler ends the calls. One handler each; a spectrum has one for each analyser.
  void on_meters(std::function<void(const MetersView&)> handler);
  void on_transport(std::function<void(const TransportView&)> handler);
  void on_stats(std::function<void(const StatsView&)> handler);
  void on_spectrum(std::int64_t analyser, std::function<void(const SpectrumView&)> handler);

  // [owner-thread] Called from poll() when a topic that was live is so no more, whatever the reason; with its next frame it is live again.
  void on_silent(std::function<void(Topic)> handler);

  // [owner-thread] The newest frame in the epoch of the engine, not older than `max_age`; without one, than live_for() its topic. While
  // there is none, the epoch of a view is 0, it has no levels or magnitudes, and there is no TransportView.
  [[nodiscard]] MetersView meters(std::optional<std::chrono::nanoseconds> max_age = {}) const;
  [[nodiscard]] std::optional<TransportView> transport(std::optional<std::chrono::nanoseconds> max_age = {}) const;
  [[nodiscard]] StatsView stats(std::optional<std::chrono::nanoseconds> max_age = {}) const;
  [[nodiscard]] SpectrumView spectrum(std::int64_t analyser, std::optional<std::chrono::nanoseconds> max_age = {}) const;

  // [owner-thread] Since the newest frame of a topic arrived; nothing: none has in this epoch. poll() is what makes frames arrive.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> age(Topic topic) const;
  // [owner-thread] How long a frame of a topic is live: the time of three at the rate that is subscribed to, and half a second at least.
  [[nodiscard]] std::chrono::nanoseconds live_for(Topic topic) const;

  // [owner-thread] What is heard at a time of CLOCK_MONOTONIC, by the clock map: smoothed over a second, with the latency of the output and
  // of the graph. Wants a subscription to transport. Nothing: its topic is not live, or what the engine played first is still on its way to
  // the ear. The engine must run on this machine, whose clock its times are of.
  [[nodiscard]] std::optional<Playhead> playhead(std::uint64_t now_ns = monotonic_ns()) const;
  // [owner-thread] When a frame of the engine is heard, on CLOCK_MONOTONIC: draw a meter at the time of its engine_frames.
  [[nodiscard]] std::optional<std::uint64_t> heard_at_ns(std::uint64_t engine_frames) const;

  // [owner-thread] Since the client was made.
  [[nodiscard]] TelemetryCounters counters() const;
  [[nodiscard]] TopicCounters counters(Topic topic) const;
  // [owner-thread] Why the endpoint of the engine could not be used, if it could not.
  [[nodiscard]] const std::optional<Error>& fault() const noexcept;

  // Of the implementation: the client makes it, and uses it.
  class Impl;
  explicit Telemetry(std::unique_ptr<Impl> impl);
  [[nodiscard]] Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

inline constexpr Telemetry::Topic Telemetry::Topic::meters{Kind::meters, 0};
inline constexpr Telemetry::Topic Telemetry::Topic::transport{Kind::transport, 0};
inline constexpr Telemetry::Topic Telemetry::Topic::stats{Kind::stats, 0};

}  // namespace loophole::aura
