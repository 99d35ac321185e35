#include <algorithm>
#include <utility>

#include "engine_server_state.hpp"
#include "loophole/wire/topic.hpp"

namespace loophole::signal {
namespace {

constexpr std::int64_t kReadingsPerSecond = 60;

}  // namespace

void EngineServer::State::set_intervals(std::int64_t rate_hz) {
  sample_rate_hz = rate_hz;
  const auto interval = static_cast<std::uint32_t>(std::max<std::int64_t>(1, rate_hz / kReadingsPerSecond));
  port.meters.set_interval(interval);
  port.transport.set_interval(interval);
}

void EngineServer::State::subscriptions() {
  telemetry_socket->read_subscriptions();
  const bool meters = telemetry_socket->wanted(wire::topic::kMeters);
  const bool transport = telemetry_socket->wanted(wire::topic::kTransport);
  port.meters.set_wanted(meters);
  port.transport.set_wanted(transport);
  const bool wanted = meters || transport;
  if (wanted && !telemetry_timer) telemetry_timer = loop.every(options.telemetry_interval, [this] { publish(); });
  if (!wanted && telemetry_timer) loop.cancel(*std::exchange(telemetry_timer, std::nullopt));
}

void EngineServer::State::publish() {
  while (port.meters.take(batch)) {
    if (!telemetry_socket->wanted(wire::topic::kMeters)) continue;
    readings.clear();
    for (const rt::LevelReading& level : batch.readings)
      readings.push_back({.handle = level.handle,
                          .channel = static_cast<std::uint16_t>(level.channel),
                          .clipped = static_cast<std::uint16_t>(std::min(level.clipped, 0xFFFFU)),
                          .peak = level.peak,
                          .rms = level.rms});
    telemetry_socket->send(wire::topic::kMeters, frames::write_meters(meters_frame,
                                                                      {.epoch = static_cast<std::uint64_t>(link.epoch),
                                                                       .sequence = meters_sequence++,
                                                                       .engine_frames = batch.engine_frames,
                                                                       .time_ns = batch.time_ns,
                                                                       .length_frames = batch.length_frames},
                                                                      readings));
    ++telemetry_sent;
  }
  rt::TransportReading reading;
  while (port.transport.take(reading)) {
    if (!telemetry_socket->wanted(wire::topic::kTransport)) continue;
    telemetry_socket->send(wire::topic::kTransport, frames::write_transport_position(transport_frame, position_of(reading)));
    ++telemetry_sent;
  }
}

frames::TransportPosition EngineServer::State::position_of(const rt::TransportReading& reading) {
  const double seconds =
      reading.sample_rate_hz > 0 ? static_cast<double>(reading.position_frames) / static_cast<double>(reading.sample_rate_hz) : 0.0;
  return {.epoch = static_cast<std::uint64_t>(link.epoch),
          .sequence = transport_sequence++,
          .engine_frames = reading.engine_frames,
          .time_ns = reading.time_ns,
          .position_frames = reading.position_frames,
          .sample_rate_hz = reading.sample_rate_hz,
          .playing = reading.playing != 0,
          .position_beats = seconds * reading.tempo_bpm / 60.0,
          .tempo_bpm = reading.tempo_bpm,
          .loop_enabled = reading.loop_enabled != 0,
          .loop_start_frames = reading.loop_start_frames,
          .loop_end_frames = reading.loop_end_frames};
}

}  // namespace loophole::signal
