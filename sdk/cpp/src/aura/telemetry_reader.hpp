#pragma once
// TelemetryReader: what arrives on the telemetry plane becomes the newest readings and counts; no I/O.

#include <optional>
#include <string_view>
#include <vector>

#include "loophole/aura/telemetry.hpp"
#include "loophole/core/bytes.hpp"

namespace loophole::aura {

class TelemetryReader {
 public:
  enum class Taken { nothing, meters, transport };

  // [owner-thread] Frames of this epoch count from now on; what was read before is forgotten. 0: there is no engine.
  void begin_epoch(std::uint64_t epoch);

  // [owner-thread] Verifies and reads a frame; says what is new.
  Taken accept(std::string_view topic, Bytes frame);

  // [owner-thread] The next frame of this topic starts a sequence: what was not subscribed to is not missing.
  void restart_sequence(Telemetry::Topic topic);

  [[nodiscard]] MetersView meters() const noexcept;
  [[nodiscard]] const std::optional<TransportView>& transport() const noexcept { return transport_; }
  [[nodiscard]] const TelemetryCounters& counters() const noexcept { return counters_; }

 private:
  // Whether a frame is to be taken; counts it otherwise.
  bool in_sequence(std::uint64_t epoch, std::uint64_t sequence, std::optional<std::uint64_t>& last);
  Taken accept_meters(Bytes frame);
  Taken accept_transport(Bytes frame);

  std::uint64_t epoch_ = 0;
  MetersView meters_;  // its span is set by meters()
  std::vector<Level> levels_;
  std::optional<TransportView> transport_;
  std::optional<std::uint64_t> last_meters_;
  std::optional<std::uint64_t> last_transport_;
  TelemetryCounters counters_;
};

}  // namespace loophole::aura
