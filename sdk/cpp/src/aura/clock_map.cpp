#include "clock_map.hpp"

#include <algorithm>
#include <cmath>

namespace loophole::aura {
namespace {

constexpr std::uint64_t kMemoryNs = 1'000'000'000;

double ns_of(double engine_frames, std::uint32_t sample_rate_hz) {
  return engine_frames * 1e9 / sample_rate_hz;
}

}  // namespace

void ClockMap::reset() {
  last_second_.clear();
}

void ClockMap::set_latency(std::int64_t output_frames, std::int64_t graph_frames) noexcept {
  output_frames_ = static_cast<double>(output_frames);
  graph_frames_ = static_cast<double>(graph_frames);
}

void ClockMap::note(const TransportView& position) {
  if (position.sample_rate_hz == 0) return;  // no driver runs
  if (!last_second_.empty() && last_second_.back().sample_rate_hz != position.sample_rate_hz) last_second_.clear();
  last_second_.push_back(position);
  while (last_second_.front().time_ns + kMemoryNs < position.time_ns) last_second_.pop_front();
}

double ClockMap::origin_ns() const {
  double origin = HUGE_VAL;
  for (const TransportView& known : last_second_)
    origin = std::min(origin, static_cast<double>(known.time_ns) - ns_of(static_cast<double>(known.engine_frames), known.sample_rate_hz));
  return origin;
}

std::optional<std::uint64_t> ClockMap::heard_at_ns(std::uint64_t engine_frames) const {
  if (last_second_.empty()) return std::nullopt;
  const double at = origin_ns() + ns_of(static_cast<double>(engine_frames) + output_frames_, last_second_.back().sample_rate_hz);
  return static_cast<std::uint64_t>(std::max(std::llround(at), 0LL));
}

std::optional<Playhead> ClockMap::playhead(std::uint64_t now_ns) const {
  if (last_second_.empty()) return std::nullopt;
  const TransportView& newest = last_second_.back();
  const double rate = newest.sample_rate_hz;
  double heard = (static_cast<double>(now_ns) - origin_ns()) * rate / 1e9 - output_frames_ - graph_frames_;
  // An engine that says nothing more is not followed for longer than its memory lasts.
  heard = std::min(heard, static_cast<double>(newest.engine_frames) + rate);
  const auto known = std::find_if(last_second_.rbegin(), last_second_.rend(),
                                  [&](const TransportView& one) { return static_cast<double>(one.engine_frames) <= heard; });
  if (known == last_second_.rend()) return std::nullopt;
  const auto begin = static_cast<double>(known->position_frames);
  double position = known->playing ? begin + heard - static_cast<double>(known->engine_frames) : begin;
  const auto loop_start = static_cast<double>(known->loop_start_frames);
  const auto loop_end = static_cast<double>(known->loop_end_frames);
  if (known->loop_enabled && loop_start < loop_end && loop_start <= begin && begin < loop_end && position >= loop_end)
    position = loop_start + std::fmod(position - loop_start, loop_end - loop_start);
  return Playhead{.position_frames = position,
                  .position_beats = position / rate * known->tempo_bpm / 60,
                  .sample_rate_hz = known->sample_rate_hz,
                  .tempo_bpm = known->tempo_bpm,
                  .playing = known->playing};
}

}  // namespace loophole::aura
