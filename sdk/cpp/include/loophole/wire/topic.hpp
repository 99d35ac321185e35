#pragma once
// Topics of the telemetry plane: the first part of a telemetry message is the topic, the second the frame.
//
//   meters            levels of all meters                  Meters
//   transport         where the transport is                TransportPosition
//   stats             how the engine is doing               EngineStats
//   spectrum/7        the spectrum of the analyser 7        Spectrum
//
// A subscriber may ask for a rate by a suffix of three digits in Hz ("meters@030"); without one the engine's own rate holds.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loophole/frames/kind.hpp"

namespace loophole::wire {

namespace topic {
inline constexpr std::string_view kMeters = "meters";        // levels of all meters
inline constexpr std::string_view kTransport = "transport";  // where the transport is
inline constexpr std::string_view kStats = "stats";          // how the engine is doing
inline constexpr std::string_view kSpectrum = "spectrum/";   // and the handle
}  // namespace topic

// A topic, taken apart.
struct Topic {
  frames::FrameKind kind = frames::FrameKind::unknown;  // what comes under it
  std::uint32_t handle = 0;                             // spectrum: the analyser, from 1; else 0
  std::uint16_t rate_hz = 0;                            // 1 … 240; 0: the engine's own

  // [any-thread] Nothing for a text that is no topic: there is one way to write each.
  [[nodiscard]] static std::optional<Topic> parse(std::string_view text) noexcept;
  // [any-thread] As it is sent; empty for what is no topic.
  [[nodiscard]] std::string text() const;

  friend bool operator==(const Topic&, const Topic&) = default;
};

}  // namespace loophole::wire
