#include "telemetry_plane.hpp"

#include <algorithm>
#include <utility>

#include "loophole/core/clock.hpp"

namespace loophole::signal {
namespace {

using frames::FrameKind;

constexpr std::size_t kMostReadings = rt::MeterBoard::kBatchMeters * rt::kMeterChannels;  // in one frame

// Of a topic without a suffix.
constexpr std::uint16_t own_rate_hz(FrameKind kind) noexcept {
  switch (kind) {
    case FrameKind::engine_stats:
      return 2;
    case FrameKind::spectrum:
      return 30;
    default:
      return 60;
  }
}

constexpr std::uint16_t rate_of(const wire::Topic& topic) noexcept {
  return topic.rate_hz != 0 ? topic.rate_hz : own_rate_hz(topic.kind);
}

}  // namespace

TelemetryPlane::TelemetryPlane(net::Loop& loop, rt::AudioPort& port, std::uint64_t epoch, std::chrono::microseconds interval,
                               FillStats fill_stats)
    : loop_(loop), port_(port), epoch_(epoch), interval_(interval), fill_stats_(std::move(fill_stats)) {}

TelemetryPlane::~TelemetryPlane() {
  feeds_.clear();
  ask_audio_thread();
  if (timer_) loop_.cancel(*timer_);
  if (socket_) loop_.unwatch(*socket_);
}

Result<void> TelemetryPlane::bind(net::Context& context, const std::string& endpoint, const net::SocketOptions& options) {
  auto bound = net::TelemetryPublisher::bind(context, endpoint, options);
  if (!bound) return std::move(bound).error();
  socket_ = *std::move(bound);
  loop_.watch(*socket_, [this] { read_subscriptions(); });
  return {};
}

void TelemetryPlane::set_sample_rate(std::int64_t hz) {
  sample_rate_hz_ = std::max<std::int64_t>(hz, 1);
  ask_audio_thread();
}

std::uint64_t TelemetryPlane::dropped() const noexcept {
  return port_.meters.dropped() + port_.transport.dropped() + port_.spectra.dropped() + port_.load.dropped();
}

// --- what is wanted ----------------------------------------------------------------------------------------------------------------------

void TelemetryPlane::read_subscriptions() {
  const bool had_stats = wanted(FrameKind::engine_stats);
  socket_->read_subscriptions();
  Feeds subscribed;
  for (const std::string& text : socket_->subscriptions()) {
    if (auto known = feeds_.extract(text)) {
      subscribed.insert(std::move(known));
      continue;
    }
    const auto topic = wire::Topic::parse(text);
    if (!topic) continue;
    // Numbers begin above all that were sent on this topic before, so that nobody who comes back takes the frames for old.
    subscribed.emplace(text, Feed{.topic = *topic, .sequence = sent_, .meters = {}, .stats = {}});
  }
  feeds_ = std::move(subscribed);
  if (!had_stats) expect_stats();
  ask_audio_thread();
}

bool TelemetryPlane::wanted(FrameKind kind) const {
  return std::ranges::any_of(feeds_, [=](const auto& feed) { return feed.second.topic.kind == kind; });
}

std::uint32_t TelemetryPlane::interval_for(FrameKind kind) const {
  std::uint16_t fastest = 1;
  for (const auto& [text, feed] : feeds_)
    if (feed.topic.kind == kind) fastest = std::max(fastest, rate_of(feed.topic));
  return static_cast<std::uint32_t>(std::max<std::int64_t>(1, sample_rate_hz_ / fastest));
}

void TelemetryPlane::ask_audio_thread() {
  port_.meters.set_interval(interval_for(FrameKind::meters));
  port_.meters.set_wanted(wanted(FrameKind::meters));
  port_.transport.set_interval(interval_for(FrameKind::transport_position));
  port_.transport.set_wanted(wanted(FrameKind::transport_position));
  port_.load.set_interval(interval_for(FrameKind::engine_stats));
  port_.load.set_wanted(wanted(FrameKind::engine_stats));
  std::vector<std::uint32_t> analysers;
  for (auto& [text, feed] : feeds_) {
    feed.period_frames = static_cast<std::uint64_t>(std::max<std::int64_t>(1, sample_rate_hz_ / rate_of(feed.topic)));
    if (feed.topic.kind == FrameKind::spectrum && std::ranges::find(analysers, feed.topic.handle) == analysers.end())
      analysers.push_back(feed.topic.handle);
  }
  analysers.resize(std::min(analysers.size(), rt::SpectrumBoard::kMostAnalysers));
  port_.spectra.set_wanted(analysers);
  std::erase_if(analyses_, [&](const auto& a) { return std::ranges::find(analysers, a.first) == analysers.end(); });
  for (const std::uint32_t handle : analysers) analyses_.try_emplace(handle);

  if (!feeds_.empty() && !timer_) timer_ = loop_.every(interval_, [this] { collect(); });
  if (feeds_.empty() && timer_) loop_.cancel(*std::exchange(timer_, std::nullopt));
}

bool TelemetryPlane::due(Feed& feed, std::uint64_t frames) noexcept {
  feed.due_frames += frames;
  if (feed.due_frames < feed.period_frames) return false;
  feed.due_frames %= feed.period_frames;
  return true;
}

// --- what is sent ------------------------------------------------------------------------------------------------------------------------

void TelemetryPlane::collect() {
  collect_meters();
  collect_positions();
  collect_spectra();
  collect_stats();
}

void TelemetryPlane::send(const std::string& text, Bytes frame) {
  socket_->send(text, frame);
  ++sent_;
}

void TelemetryPlane::collect_meters() {
  while (port_.meters.take(batch_)) {
    for (auto& [text, feed] : feeds_) {
      if (feed.topic.kind != FrameKind::meters) continue;
      feed.meters.take(batch_);
      if (batch_.last && due(feed, batch_.length_frames)) send_meters(text, feed, batch_);
    }
  }
}

void TelemetryPlane::send_meters(const std::string& text, Feed& feed, const rt::MeterBatch& newest) {
  const std::uint32_t length = feed.meters.length_frames();
  std::span<const frames::MeterReading> readings = feed.meters.flush();
  do {
    const auto some = readings.first(std::min(readings.size(), kMostReadings));
    readings = readings.subspan(some.size());
    send(text, frames::write_meters(meters_frame_,
                                    {.epoch = epoch_,
                                     .sequence = feed.sequence++,
                                     .engine_frames = newest.engine_frames,
                                     .time_ns = newest.time_ns,
                                     .length_frames = length},
                                    some));
  } while (!readings.empty());
}

void TelemetryPlane::collect_positions() {
  rt::TransportReading reading;
  while (port_.transport.take(reading)) {
    const std::uint64_t frames = reading.engine_frames - std::min(position_frames_, reading.engine_frames);
    position_frames_ = reading.engine_frames;
    const frames::TransportPosition position = position_of(reading);
    for (auto& [text, feed] : feeds_) {
      if (feed.topic.kind != FrameKind::transport_position) continue;
      const bool is_due = due(feed, frames);
      if (!is_due && reading.at_once == 0) continue;
      frames::TransportPosition numbered = position;
      numbered.sequence = feed.sequence++;
      send(text, frames::write_transport_position(transport_frame_, numbered));
    }
  }
}

frames::TransportPosition TelemetryPlane::position_of(const rt::TransportReading& reading) const {
  const double seconds =
      reading.sample_rate_hz > 0 ? static_cast<double>(reading.position_frames) / static_cast<double>(reading.sample_rate_hz) : 0.0;
  return {.epoch = epoch_,
          .sequence = 0,
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

void TelemetryPlane::collect_spectra() {
  while (port_.spectra.take(run_)) {
    const auto analysis = analyses_.find(run_.handle);
    if (analysis == analyses_.end()) continue;  // nobody watches it any more
    analysis->second.take(run_);
    std::optional<std::span<const float>> magnitudes;
    for (auto& [text, feed] : feeds_) {
      if (feed.topic.kind != FrameKind::spectrum || feed.topic.handle != run_.handle) continue;
      if (!due(feed, run_.frames) || !analysis->second.full()) continue;
      if (!magnitudes) magnitudes = analysis->second.magnitudes_db();
      send(text, frames::write_spectrum(spectrum_frame_,
                                        {.epoch = epoch_,
                                         .sequence = feed.sequence++,
                                         .engine_frames = run_.engine_frames,
                                         .time_ns = run_.time_ns,
                                         .handle = run_.handle,
                                         .channel = -1,
                                         .window = frames::SpectrumWindow::hann,
                                         .sample_rate_hz = static_cast<std::uint32_t>(sample_rate_hz_),
                                         .window_frames = static_cast<std::uint32_t>(SpectrumAnalysis::kWindowFrames)},
                                        *magnitudes));
    }
  }
}

void TelemetryPlane::expect_stats() {
  const std::uint64_t period_ns =
      std::uint64_t{interval_for(FrameKind::engine_stats)} * 1'000'000'000 / static_cast<std::uint64_t>(sample_rate_hz_);
  stats_due_ns_ = monotonic_ns() + 2 * period_ns;
}

void TelemetryPlane::collect_stats() {
  rt::LoadReading reading;
  while (port_.load.take(reading)) {
    newest_stats_ = {.epoch = epoch_,
                     .sequence = 0,
                     .engine_frames = reading.engine_frames,
                     .time_ns = reading.time_ns,
                     .length_frames = reading.length_frames,
                     .sample_rate_hz = reading.sample_rate_hz,
                     .block_frames = reading.block_frames,
                     .load_mean_ratio = reading.mean_ratio,
                     .load_peak_ratio = reading.peak_ratio,
                     .blocks = reading.blocks,
                     .late_blocks = reading.late_blocks,
                     .xruns = reading.xruns};
    expect_stats();
    for (auto& [text, feed] : feeds_) {
      if (feed.topic.kind != FrameKind::engine_stats) continue;
      frames::EngineStats merged = newest_stats_;
      if (feed.stats) {  // of the periods since this topic was sent last
        const auto before = static_cast<float>(feed.stats->length_frames);
        const auto more = static_cast<float>(merged.length_frames);
        merged.load_mean_ratio = (feed.stats->load_mean_ratio * before + merged.load_mean_ratio * more) / std::max(before + more, 1.0F);
        merged.load_peak_ratio = std::max(feed.stats->load_peak_ratio, merged.load_peak_ratio);
        merged.length_frames += feed.stats->length_frames;
      }
      feed.stats = merged;
      if (due(feed, reading.length_frames)) send_stats(text, feed);
    }
  }
  if (!wanted(FrameKind::engine_stats) || monotonic_ns() < stats_due_ns_) return;
  // No driver runs: nothing is rendered, and that is told too.
  expect_stats();
  newest_stats_.epoch = epoch_;
  newest_stats_.length_frames = 0;
  newest_stats_.sample_rate_hz = 0;
  newest_stats_.block_frames = 0;
  newest_stats_.load_mean_ratio = 0;
  newest_stats_.load_peak_ratio = 0;
  newest_stats_.blocks = port_.load.blocks();
  newest_stats_.late_blocks = port_.load.late_blocks();
  newest_stats_.xruns = port_.load.xruns();
  for (auto& [text, feed] : feeds_) {
    if (feed.topic.kind != FrameKind::engine_stats) continue;
    feed.stats = newest_stats_;
    send_stats(text, feed);
  }
}

void TelemetryPlane::send_stats(const std::string& text, Feed& feed) {
  frames::EngineStats stats = *std::exchange(feed.stats, std::nullopt);
  fill_stats_(stats);
  stats.sequence = feed.sequence++;
  send(text, frames::write_engine_stats(stats_frame_, stats));
}

}  // namespace loophole::signal
