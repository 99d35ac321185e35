#include "telemetry_reader.hpp"

#include "loophole/frames/kind.hpp"
#include "loophole/frames/meters.hpp"
#include "loophole/frames/transport_position.hpp"
#include "loophole/wire/topic.hpp"

namespace loophole::aura {

void TelemetryReader::begin_epoch(std::uint64_t epoch) {
  epoch_ = epoch;
  meters_ = {};
  levels_.clear();
  transport_.reset();
  last_meters_.reset();
  last_transport_.reset();
}

void TelemetryReader::restart_sequence(Telemetry::Topic topic) {
  (topic == Telemetry::Topic::meters ? last_meters_ : last_transport_).reset();
}

TelemetryReader::Taken TelemetryReader::accept(std::string_view topic, Bytes frame) {
  switch (frames::classify(frame)) {
    case frames::FrameKind::meters:
      if (topic == wire::topic::kMeters) return accept_meters(frame);
      break;
    case frames::FrameKind::transport_position:
      if (topic == wire::topic::kTransport) return accept_transport(frame);
      break;
    default:
      break;
  }
  ++counters_.malformed;
  return Taken::nothing;
}

bool TelemetryReader::in_sequence(std::uint64_t epoch, std::uint64_t sequence, std::optional<std::uint64_t>& last) {
  if (epoch != epoch_ || epoch_ == 0) {
    ++counters_.stale_epoch;
    return false;
  }
  if (last && sequence <= *last) {
    ++counters_.out_of_order;
    return false;
  }
  if (last) counters_.gaps += sequence - *last - 1;
  last = sequence;
  return true;
}

TelemetryReader::Taken TelemetryReader::accept_meters(Bytes frame) {
  const auto view = frames::read_meters(frame);
  if (!view) {
    ++counters_.malformed;
    return Taken::nothing;
  }
  if (!in_sequence(view->header.epoch, view->header.sequence, last_meters_)) return Taken::nothing;
  ++counters_.meters_frames;
  meters_ = {.epoch = view->header.epoch,
             .sequence = view->header.sequence,
             .engine_frames = view->header.engine_frames,
             .time_ns = view->header.time_ns,
             .length_frames = view->header.length_frames,
             .levels = {}};
  levels_.clear();
  for (const frames::MeterReading& reading : view->readings)
    levels_.push_back(
        {.handle = reading.handle, .channel = reading.channel, .peak = reading.peak, .rms = reading.rms, .clipped = reading.clipped});
  return Taken::meters;
}

TelemetryReader::Taken TelemetryReader::accept_transport(Bytes frame) {
  const auto position = frames::read_transport_position(frame);
  if (!position) {
    ++counters_.malformed;
    return Taken::nothing;
  }
  if (!in_sequence(position->epoch, position->sequence, last_transport_)) return Taken::nothing;
  ++counters_.transport_frames;
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
  return Taken::transport;
}

MetersView TelemetryReader::meters() const noexcept {
  MetersView view = meters_;
  view.levels = levels_;
  return view;
}

}  // namespace loophole::aura
