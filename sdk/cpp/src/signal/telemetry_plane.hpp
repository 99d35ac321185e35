#pragma once
// Private to the engine server: the telemetry plane. Keeps an account of the topics that somebody subscribed to, tells the audio thread
// what to measure for them, and sends each at its rate.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/frames/engine_stats.hpp"
#include "loophole/frames/meters.hpp"
#include "loophole/frames/spectrum.hpp"
#include "loophole/frames/transport_position.hpp"
#include "loophole/signal/rt/audio_port.hpp"
#include "loophole/transport/loop.hpp"
#include "loophole/transport/sockets.hpp"
#include "loophole/wire/topic.hpp"
#include "meter_merge.hpp"
#include "spectrum_analysis.hpp"

namespace loophole::signal {

class TelemetryPlane {
 public:
  // What the plane itself does not know of the counts in EngineStats.
  using FillStats = std::function<void(frames::EngineStats&)>;

  // All functions are [owner-thread]. References must outlive it. `interval`: how often readings are collected while anybody subscribes.
  TelemetryPlane(net::Loop& loop, rt::AudioPort& port, std::uint64_t epoch, std::chrono::microseconds interval, FillStats fill_stats);
  ~TelemetryPlane();
  TelemetryPlane(const TelemetryPlane&) = delete;
  TelemetryPlane& operator=(const TelemetryPlane&) = delete;

  [[nodiscard]] Result<void> bind(net::Context& context, const std::string& endpoint, const net::SocketOptions& options);
  [[nodiscard]] const std::string& endpoint() const noexcept { return socket_->endpoint(); }
  // In effect from now on; rates are kept.
  void set_sample_rate(std::int64_t hz);

  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }
  // Readings that found a queue between the threads full.
  [[nodiscard]] std::uint64_t dropped() const noexcept;
  [[nodiscard]] const net::ReceiveCounters& received() const noexcept { return socket_->counters(); }

 private:
  // What somebody subscribed to.
  struct Feed {
    wire::Topic topic;
    std::uint64_t sequence = 0;
    std::uint64_t period_frames = 1;
    std::uint64_t due_frames = 0;  // that went by since it was due last
    MeterMerge meters;             // the rest is of one kind each
    std::optional<frames::EngineStats> stats;
  };
  using Feeds = std::map<std::string, Feed, std::less<>>;

  void read_subscriptions();
  void ask_audio_thread();
  void collect();
  void collect_meters();
  void collect_positions();
  void collect_stats();
  // A driver that runs has sent a reading when two periods are over.
  void expect_stats();
  void collect_spectra();
  void send_meters(const std::string& text, Feed& feed, const rt::MeterBatch& newest);
  void send_stats(const std::string& text, Feed& feed);
  void send(const std::string& text, Bytes frame);
  // Whether the feed is due after so many frames more.
  [[nodiscard]] static bool due(Feed& feed, std::uint64_t frames) noexcept;
  [[nodiscard]] bool wanted(frames::FrameKind kind) const;
  [[nodiscard]] std::uint32_t interval_for(frames::FrameKind kind) const;
  [[nodiscard]] frames::TransportPosition position_of(const rt::TransportReading& reading) const;

  net::Loop& loop_;
  rt::AudioPort& port_;
  std::uint64_t epoch_;
  std::chrono::microseconds interval_;
  FillStats fill_stats_;
  std::unique_ptr<net::TelemetryPublisher> socket_;
  std::optional<net::TimerId> timer_;

  std::int64_t sample_rate_hz_ = 48'000;
  Feeds feeds_;
  std::unordered_map<std::uint32_t, SpectrumAnalysis> analyses_;  // of the analysers that somebody watches
  std::uint64_t sent_ = 0;

  rt::MeterBatch batch_;
  rt::AnalyserRun run_;
  std::uint64_t position_frames_ = 0;  // engine frames of the position before
  frames::EngineStats newest_stats_;
  std::uint64_t stats_due_ns_ = 0;  // without a reading until then, no driver runs; only while statistics are wanted
  std::array<std::byte, frames::meters_bytes(rt::MeterBoard::kBatchMeters* rt::kMeterChannels)> meters_frame_{};
  std::array<std::byte, frames::kTransportPositionFixedBytes> transport_frame_{};
  std::array<std::byte, frames::kEngineStatsFixedBytes> stats_frame_{};
  std::array<std::byte, frames::spectrum_bytes(SpectrumAnalysis::kBins)> spectrum_frame_{};
};

}  // namespace loophole::signal
