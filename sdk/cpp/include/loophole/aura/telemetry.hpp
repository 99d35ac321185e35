#pragma once
// Telemetry: meters and transport position, straight from Signal.
//
// 1. client.telemetry().subscribe(Telemetry::Topic::meters), or set a handler, which subscribes too. What nobody subscribes to is not
// computed.
// 2. Poll the client; then read meters() and transport() when it is time to draw, or be called with every frame.
//
// The subscription follows the engine: after a restart it goes on in the new epoch. Frames of another epoch than the engine's are dropped
// and counted, and so is what sequence numbers show as missing.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "loophole/core/error.hpp"

namespace loophole::aura {

// Levels of one channel of one meter since the frame before; 1.0 is full scale.
struct Level {
  std::uint32_t handle = 0;   // meter_handle of a channel
  std::uint32_t channel = 0;  // 0: left, 1: right
  float peak = 0;
  float rms = 0;
  std::uint32_t clipped = 0;  // samples above full scale; 65535: that many or more
  friend bool operator==(const Level&, const Level&) = default;
};

struct MetersView {
  std::uint64_t epoch = 0;  // 0: no frame yet
  std::uint64_t sequence = 0;
  std::uint64_t engine_frames = 0;  // rendered since the start of the engine
  std::uint64_t time_ns = 0;        // when that was, CLOCK_MONOTONIC
  std::uint32_t length_frames = 0;  // that the levels cover
  std::span<const Level> levels{};  // valid until the next poll(), or in a handler until it returns

  // The level of a meter; nullptr: there is none in this frame.
  [[nodiscard]] const Level* find(std::int64_t handle, std::uint32_t channel) const noexcept;
};

struct TransportView {
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  std::uint64_t engine_frames = 0;
  std::uint64_t time_ns = 0;          // CLOCK_MONOTONIC
  std::uint64_t position_frames = 0;  // on the timeline
  std::uint32_t sample_rate_hz = 0;
  bool playing = false;
  double position_beats = 0;  // the same position in quarter notes
  double tempo_bpm = 120;
  bool loop_enabled = false;
  std::uint64_t loop_start_frames = 0;  // first frame of the loop
  std::uint64_t loop_end_frames = 0;    // first frame after it
};

struct TelemetryCounters {
  std::uint64_t meters_frames = 0;     // taken
  std::uint64_t transport_frames = 0;  // taken
  std::uint64_t gaps = 0;              // frames missing according to sequence numbers
  std::uint64_t stale_epoch = 0;       // dropped: of another epoch than the engine's
  std::uint64_t out_of_order = 0;      // dropped: not newer than the one before
  std::uint64_t malformed = 0;         // dropped: no verified frame, or on a topic that is not its own
};

class Telemetry {
 public:
  enum class Topic { meters, transport };

  ~Telemetry();
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;

  // [owner-thread] Frames of this topic arrive from now on; they stop.
  void subscribe(Topic topic);
  void unsubscribe(Topic topic);

  // [owner-thread] Subscribes, and calls the handler from poll() with every frame. An empty handler ends the calls.
  void on_meters(std::function<void(const MetersView&)> handler);
  void on_transport(std::function<void(const TransportView&)> handler);

  // [owner-thread] The newest frame in the epoch of the engine; MetersView::epoch is 0 and there is no TransportView while there is none.
  [[nodiscard]] MetersView meters() const noexcept;
  [[nodiscard]] const std::optional<TransportView>& transport() const noexcept;

  [[nodiscard]] const TelemetryCounters& counters() const noexcept;
  // [owner-thread] Why the endpoint of the engine could not be used, if it could not.
  [[nodiscard]] const std::optional<Error>& fault() const noexcept;

  class Impl;  // defined in the implementation
  explicit Telemetry(std::unique_ptr<Impl> impl);
  [[nodiscard]] Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace loophole::aura
