#include "telemetry_reader.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "loophole/frames/engine_stats.hpp"
#include "loophole/frames/kind.hpp"
#include "loophole/frames/meters.hpp"
#include "loophole/frames/spectrum.hpp"
#include "loophole/frames/transport_position.hpp"
#include "loophole/wire/topic.hpp"

namespace loophole::aura {
namespace {

using Kind = Telemetry::Topic::Kind;
using frames::FrameKind;

FrameKind frame_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::meters:
      return FrameKind::meters;
    case Kind::transport:
      return FrameKind::transport_position;
    case Kind::stats:
      return FrameKind::engine_stats;
    case Kind::spectrum:
      return FrameKind::spectrum;
  }
  return FrameKind::unknown;
}

// Of an engine that is asked for no other (protocol/framing.md).
int own_rate_hz(Kind kind) noexcept {
  switch (kind) {
    case Kind::meters:
    case Kind::transport:
      return 60;
    case Kind::spectrum:
      return 30;
    case Kind::stats:
      return 2;
  }
  return 2;
}

auto place_of(const Level& level) {
  return std::pair(level.handle, level.channel);
}

bool by_place(const Level& a, const Level& b) {
  return place_of(a) < place_of(b);
}

}  // namespace

const Level* MetersView::find(std::int64_t handle, std::uint32_t channel) const noexcept {
  if (handle < 0 || handle > std::numeric_limits<std::uint32_t>::max()) return nullptr;
  const std::pair wanted(static_cast<std::uint32_t>(handle), channel);
  const auto found = std::ranges::lower_bound(levels, wanted, {}, place_of);
  return found != levels.end() && place_of(*found) == wanted ? &*found : nullptr;
}

double SpectrumView::frequency_hz(std::size_t bin) const noexcept {
  return window_frames == 0 ? 0 : static_cast<double>(bin) * sample_rate_hz / window_frames;
}

// --- what is subscribed to ---------------------------------------------------------------------------------------------------------------

std::string TelemetryReader::text_of(Topic topic, int rate_hz) {
  if (rate_hz < 0 || rate_hz > Telemetry::kMaxRateHz) return {};
  if (topic.handle < 0 || topic.handle > std::numeric_limits<std::uint32_t>::max()) return {};
  return wire::Topic{
      .kind = frame_of(topic.kind), .handle = static_cast<std::uint32_t>(topic.handle), .rate_hz = static_cast<std::uint16_t>(rate_hz)}
      .text();
}

void TelemetryReader::subscribe(Topic topic, std::string text) {
  feeds_.insert_or_assign(std::move(text), Feed{.topic = topic});
}

std::string TelemetryReader::unsubscribe(Topic topic) {
  const std::string known(text(topic));
  if (known.empty()) return {};
  feeds_.erase(known);
  forget(topic);
  return known;
}

std::string_view TelemetryReader::text(Topic topic) const {
  for (const auto& [text, feed] : feeds_)
    if (feed.topic == topic) return text;
  return {};
}

std::vector<std::string> TelemetryReader::texts() const {
  std::vector<std::string> all;
  for (const auto& [text, feed] : feeds_) all.push_back(text);
  return all;
}

void TelemetryReader::forget(Topic topic) {
  switch (topic.kind) {
    case Kind::meters:
      meters_ = {};
      levels_.clear();
      newest_levels_.clear();
      return;
    case Kind::transport:
      transport_.reset();
      clock.reset();
      return;
    case Kind::stats:
      stats_ = {};
      return;
    case Kind::spectrum:
      spectra_.erase(topic.handle);
      return;
  }
}

void TelemetryReader::begin_epoch(std::uint64_t epoch) {
  epoch_ = epoch;
  for (auto& [text, feed] : feeds_) {
    feed.last.reset();
    forget(feed.topic);
  }
}

// --- what arrives ------------------------------------------------------------------------------------------------------------------------

std::optional<Telemetry::Topic> TelemetryReader::accept(std::string_view topic, Bytes frame, Clock::time_point now) {
  const auto found = feeds_.find(topic);
  if (found == feeds_.end()) {
    ++(wire::Topic::parse(topic) ? foreign_ : unassigned_);
    return std::nullopt;
  }
  Feed& feed = found->second;
  if (!read(feed, frame)) return std::nullopt;
  feed.arrived = now;
  return feed.topic;
}

std::optional<Clock::time_point> TelemetryReader::arrived(Topic topic) const {
  for (const auto& [text, feed] : feeds_)
    if (feed.topic == topic && feed.last) return feed.arrived;
  return std::nullopt;
}

std::chrono::nanoseconds TelemetryReader::live_for(Topic topic) const {
  constexpr std::chrono::nanoseconds kLeast{500'000'000};
  const auto subscribed = wire::Topic::parse(text(topic));
  const std::int64_t rate_hz = subscribed && subscribed->rate_hz != 0 ? subscribed->rate_hz : own_rate_hz(topic.kind);
  return std::max(kLeast, std::chrono::nanoseconds{3'000'000'000 / rate_hz});
}

bool TelemetryReader::read(Feed& feed, Bytes frame) {
  if (frames::classify(frame) != frame_of(feed.topic.kind)) return malformed(feed);
  switch (feed.topic.kind) {
    case Kind::meters:
      return read_meters(feed, frame);
    case Kind::transport:
      return read_transport(feed, frame);
    case Kind::stats:
      return read_stats(feed, frame);
    case Kind::spectrum:
      return read_spectrum(feed, frame);
  }
  return false;
}

bool TelemetryReader::malformed(const Feed& feed) {
  ++counters_[feed.topic].malformed;
  return false;
}

bool TelemetryReader::in_sequence(Feed& feed, std::uint64_t epoch, std::uint64_t sequence) {
  TopicCounters& counters = counters_[feed.topic];
  if (epoch != epoch_ || epoch_ == 0) {
    ++counters.stale_epoch;
    return false;
  }
  if (feed.last && sequence <= *feed.last) {
    ++counters.out_of_order;
    return false;
  }
  if (feed.last) counters.gaps += sequence - *feed.last - 1;
  feed.last = sequence;
  ++counters.frames;
  return true;
}

bool TelemetryReader::read_meters(Feed& feed, Bytes frame) {
  const auto view = frames::read_meters(frame);
  if (!view) return malformed(feed);
  if (!in_sequence(feed, view->header.epoch, view->header.sequence)) return false;
  const bool goes_on = meters_.epoch == view->header.epoch && meters_.engine_frames == view->header.engine_frames;
  meters_ = {.epoch = view->header.epoch,
             .sequence = view->header.sequence,
             .engine_frames = view->header.engine_frames,
             .time_ns = view->header.time_ns,
             .length_frames = view->header.length_frames,
             .levels = {}};
  newest_levels_.clear();
  for (const frames::MeterReading& reading : view->readings)
    newest_levels_.push_back(
        {.handle = reading.handle, .channel = reading.channel, .peak = reading.peak, .rms = reading.rms, .clipped = reading.clipped});
  if (!std::ranges::is_sorted(newest_levels_, by_place)) std::ranges::sort(newest_levels_, by_place);
  if (!goes_on) levels_.clear();
  const auto middle = static_cast<std::ptrdiff_t>(levels_.size());
  levels_.insert(levels_.end(), newest_levels_.begin(), newest_levels_.end());
  std::inplace_merge(levels_.begin(), levels_.begin() + middle, levels_.end(), by_place);
  const auto same_place = [](const Level& a, const Level& b) { return place_of(a) == place_of(b); };
  if (std::ranges::adjacent_find(levels_, same_place) != levels_.end()) levels_ = newest_levels_;  // a reading of its own after all
  return true;
}

bool TelemetryReader::read_transport(Feed& feed, Bytes frame) {
  const auto position = frames::read_transport_position(frame);
  if (!position) return malformed(feed);
  if (!in_sequence(feed, position->epoch, position->sequence)) return false;
  transport_ = TransportView{.epoch = position->epoch,
                             .sequence = position->sequence,
                             .engine_frames = position->engine_frames,
                             .time_ns = position->time_ns,
                             .position_frames = position->position_frames,
                             .sample_rate_hz = position->sample_rate_hz,
                             .playing = position->playing,
                             .position_beats = position->position_beats,
                             .tempo_bpm = position->tempo_bpm,
                             .loop_enabled = position->loop_enabled,
                             .loop_start_frames = position->loop_start_frames,
                             .loop_end_frames = position->loop_end_frames};
  clock.note(*transport_);
  return true;
}

bool TelemetryReader::read_stats(Feed& feed, Bytes frame) {
  const auto stats = frames::read_engine_stats(frame);
  if (!stats) return malformed(feed);
  if (!in_sequence(feed, stats->epoch, stats->sequence)) return false;
  stats_ = *stats;
  return true;
}

bool TelemetryReader::read_spectrum(Feed& feed, Bytes frame) {
  const auto spectrum = frames::read_spectrum(frame);
  if (!spectrum || spectrum->header.handle != feed.topic.handle) return malformed(feed);
  const frames::SpectrumHeader& header = spectrum->header;
  if (!in_sequence(feed, header.epoch, header.sequence)) return false;
  Spectrum& newest = spectra_[feed.topic.handle];
  newest.view = {.epoch = header.epoch,
                 .sequence = header.sequence,
                 .engine_frames = header.engine_frames,
                 .time_ns = header.time_ns,
                 .handle = header.handle,
                 .channel = header.channel,
                 .window = header.window,
                 .sample_rate_hz = header.sample_rate_hz,
                 .window_frames = header.window_frames,
                 .magnitudes_db = {}};
  newest.magnitudes_db.assign(spectrum->magnitudes_db.begin(), spectrum->magnitudes_db.end());
  return true;
}

// --- what is shown -----------------------------------------------------------------------------------------------------------------------

MetersView TelemetryReader::meters() const noexcept {
  MetersView view = meters_;
  view.levels = levels_;
  return view;
}

MetersView TelemetryReader::newest_meters_frame() const noexcept {
  MetersView view = meters_;
  view.levels = newest_levels_;
  return view;
}

SpectrumView TelemetryReader::spectrum(std::int64_t analyser) const noexcept {
  const auto found = spectra_.find(analyser);
  if (found == spectra_.end()) return {};
  SpectrumView view = found->second.view;
  view.magnitudes_db = found->second.magnitudes_db;
  return view;
}

TopicCounters TelemetryReader::counters(Topic topic) const {
  const auto found = counters_.find(topic);
  return found == counters_.end() ? TopicCounters{} : found->second;
}

TelemetryCounters TelemetryReader::counters() const {
  TelemetryCounters all;
  for (const auto& [topic, counters] : counters_) {
    switch (topic.kind) {
      case Kind::meters:
        all.meters_frames += counters.frames;
        break;
      case Kind::transport:
        all.transport_frames += counters.frames;
        break;
      case Kind::stats:
        all.stats_frames += counters.frames;
        break;
      case Kind::spectrum:
        all.spectrum_frames += counters.frames;
        break;
    }
    all.gaps += counters.gaps;
    all.stale_epoch += counters.stale_epoch;
    all.out_of_order += counters.out_of_order;
    all.malformed += counters.malformed;
  }
  all.malformed += unassigned_;
  all.foreign = foreign_;
  return all;
}

}  // namespace loophole::aura
