#include "loophole/signal/transport_control.hpp"

namespace loophole::signal {

Result<void> TransportControl::set(const engine::TransportSet& change) {
  Change handed{.tempo_bpm = change.tempo_bpm.value_or(0),
                .position = static_cast<std::uint64_t>(change.position_frames.value_or(0)),
                .loop = {},
                .has_position = change.position_frames.has_value(),
                .has_loop = change.loop.has_value(),
                .has_playing = change.playing.has_value(),
                .playing = change.playing.value_or(false)};
  if (change.loop)
    handed.loop = {.enabled = change.loop->enabled,
                   .start = static_cast<std::uint64_t>(change.loop->start_frames),
                   .end = static_cast<std::uint64_t>(change.loop->end_frames)};
  if (!changes_.push(handed))
    return make_error(errors::kEngineUnavailable, "the audio thread has not taken the last changes of the transport; ask again");
  if (change.tempo_bpm) wanted_.tempo_bpm = *change.tempo_bpm;
  if (change.loop) wanted_.loop = *change.loop;
  if (change.playing) wanted_.playing = *change.playing;
  return {};
}

engine::TransportState TransportControl::state() const {
  engine::TransportState now = wanted_;
  now.position_frames = static_cast<std::int64_t>(position_.load(std::memory_order_relaxed));
  now.position_beats = static_cast<double>(now.position_frames) / sample_rate_hz_ * now.tempo_bpm / 60;
  return now;
}

void TransportControl::take() noexcept LOOPHOLE_NONBLOCKING {
  for (Change change; changes_.pop(change);) {
    if (change.has_loop) transport_.set_loop(change.loop);
    if (change.tempo_bpm > 0) tempo_bpm_ = change.tempo_bpm;
    if (change.has_position) transport_.seek(change.position);
    if (change.has_playing) transport_.set_playing(change.playing);
  }
  position_.store(transport_.position(), std::memory_order_relaxed);
}

rt::Transport::Part TransportControl::advance(std::uint32_t most) noexcept LOOPHOLE_NONBLOCKING {
  const rt::Transport::Part part = transport_.advance(most);
  position_.store(transport_.position(), std::memory_order_relaxed);
  return part;
}

rt::TransportReading TransportControl::reading(std::uint64_t engine_frames, std::uint64_t time_ns) const noexcept LOOPHOLE_NONBLOCKING {
  return {.engine_frames = engine_frames,
          .time_ns = time_ns,
          .position_frames = transport_.position(),
          .sample_rate_hz = sample_rate_hz_,
          .playing = transport_.playing() ? 1U : 0U,
          .tempo_bpm = tempo_bpm_,
          .loop_enabled = transport_.loop().enabled ? 1U : 0U,
          .loop_start_frames = transport_.loop().start,
          .loop_end_frames = transport_.loop().end};
}

}  // namespace loophole::signal
