#pragma once
// A frame of each kind, for the tests of frames.

#include <array>
#include <string>
#include <variant>
#include <vector>

#include "loophole/frames/all.hpp"

namespace loophole::test {

inline constexpr frames::ParameterStreamHeader kStream{.stream_id = 0xF1F2F3F4F5F6F7F8, .epoch = 17, .sequence = 3};
inline constexpr std::array<frames::ParameterSample, 2> kSamples{{{440.5, 111, 7, 0}, {-1.25, 222, 9, 0}}};

inline constexpr frames::MetersHeader kMeters{
    .epoch = 17, .sequence = 4, .engine_frames = 96'000, .time_ns = 0xFFFFFFFFFFFFFFFE, .length_frames = 800};
inline constexpr std::array<frames::MeterReading, 3> kReadings{
    {{1, 0, 0, 0.5F, 0.25F}, {1, 1, 65'535, 1.5F, 0.75F}, {4'294'967'295, 255, 1, 0.0F, 0.0F}}};

inline constexpr frames::SpectrumHeader kSpectrum{.epoch = 17,
                                                  .sequence = 5,
                                                  .engine_frames = 4'096,
                                                  .time_ns = 6,
                                                  .handle = 8,
                                                  .channel = 1,
                                                  .window = frames::SpectrumWindow::flat_top,
                                                  .sample_rate_hz = 44'100,
                                                  .window_frames = 16};
inline constexpr std::array<float, 9> kMagnitudes{-200.0F, -120.5F, -60.0F, -6.0F, 0.0F, 3.0F, 100.0F, -199.0F, -200.0F};

inline constexpr frames::TransportPosition kPosition{.epoch = 17,
                                                     .sequence = 6,
                                                     .engine_frames = 9,
                                                     .time_ns = 8,
                                                     .position_frames = 48'000,
                                                     .sample_rate_hz = 44'100,
                                                     .playing = true,
                                                     .position_beats = 2.25,
                                                     .tempo_bpm = 96.5,
                                                     .loop_enabled = true,
                                                     .loop_start_frames = 1'000,
                                                     .loop_end_frames = 2'000};

inline constexpr frames::EngineStats kStats{.epoch = 17,
                                            .sequence = 7,
                                            .engine_frames = 11,
                                            .time_ns = 12,
                                            .length_frames = 13,
                                            .sample_rate_hz = 48'000,
                                            .block_frames = 256,
                                            .nodes = 14,
                                            .load_mean_ratio = 0.125F,
                                            .load_peak_ratio = 1.5F,
                                            .blocks = 15,
                                            .late_blocks = 16,
                                            .xruns = 17,
                                            .streams_open = 18,
                                            .stream_frames_received = 19,
                                            .stream_frames_malformed = 20,
                                            .stream_samples_received = 21,
                                            .stream_samples_applied = 22,
                                            .stream_samples_refused = 23,
                                            .stream_samples_lost = 24,
                                            .telemetry_frames_sent = 25,
                                            .telemetry_frames_dropped = 26};

struct NamedFrame {
  frames::FrameKind kind;
  Buffer bytes;
};
inline std::vector<NamedFrame> all_frames() {
  return {{frames::FrameKind::parameter_stream, frames::make_parameter_stream(kStream, kSamples)},
          {frames::FrameKind::meters, frames::make_meters(kMeters, kReadings)},
          {frames::FrameKind::spectrum, frames::make_spectrum(kSpectrum, kMagnitudes)},
          {frames::FrameKind::transport_position, frames::make_transport_position(kPosition)},
          {frames::FrameKind::engine_stats, frames::make_engine_stats(kStats)}};
}

// What any reader makes of bytes; nothing: none takes them.
using AnyFrame = std::variant<std::monostate, frames::ParameterStreamView, frames::MetersView, frames::SpectrumView,
                              frames::TransportPosition, frames::EngineStats>;
inline Result<AnyFrame> read(frames::FrameKind kind, Bytes bytes) {
  const auto any = [](auto result) -> Result<AnyFrame> {
    if (!result) return result.error();
    return AnyFrame(*std::move(result));
  };
  switch (kind) {
    case frames::FrameKind::parameter_stream:
      return any(frames::read_parameter_stream(bytes));
    case frames::FrameKind::meters:
      return any(frames::read_meters(bytes));
    case frames::FrameKind::spectrum:
      return any(frames::read_spectrum(bytes));
    case frames::FrameKind::transport_position:
      return any(frames::read_transport_position(bytes));
    case frames::FrameKind::engine_stats:
      return any(frames::read_engine_stats(bytes));
    default:
      return AnyFrame{};
  }
}

}  // namespace loophole::test
