#include "plugins/plugin_time.hpp"

#include <lv2/time/time.h>

#include <cmath>
#include <cstring>

#include "audio/foreign_code.hpp"
#include "plugins/uri_map.hpp"

namespace loophole::reference_signal {
namespace {

// The protocol has no signature of time.
constexpr double kBeatsPerBar = 4;
constexpr std::int32_t kBeatUnit = 4;

template <class T>
void put(std::uint64_t& into, T value) noexcept LOOPHOLE_NONBLOCKING {
  static_assert(sizeof value <= sizeof into);
  std::memcpy(&into, &value, sizeof value);
}

}  // namespace

TimePosition::TimePosition(double sample_rate) : sample_rate_(sample_rate) {
  UriMap& uris = UriMap::shared();
  const auto property = [&](Key key, const char* uri, const char* type, std::uint32_t size) {
    event_.properties[key] = {.key = uris.number(uri), .context = 0, .size = size, .type = uris.number(type), .value = 0};
  };
  property(frame, LV2_TIME__frame, LV2_ATOM__Long, sizeof(std::int64_t));
  property(speed, LV2_TIME__speed, LV2_ATOM__Float, sizeof(float));
  property(bar, LV2_TIME__bar, LV2_ATOM__Long, sizeof(std::int64_t));
  property(bar_beat, LV2_TIME__barBeat, LV2_ATOM__Float, sizeof(float));
  property(beat, LV2_TIME__beat, LV2_ATOM__Double, sizeof(double));
  property(beat_unit, LV2_TIME__beatUnit, LV2_ATOM__Int, sizeof(std::int32_t));
  property(beats_per_bar, LV2_TIME__beatsPerBar, LV2_ATOM__Float, sizeof(float));
  property(tempo, LV2_TIME__beatsPerMinute, LV2_ATOM__Float, sizeof(float));
  property(rate, LV2_TIME__framesPerSecond, LV2_ATOM__Float, sizeof(float));
  event_.atom = {.size = sizeof event_.object + sizeof event_.properties, .type = uris.number(LV2_ATOM__Object)};
  event_.object = {.id = 0, .otype = uris.number(LV2_TIME__Position)};
  put(event_.properties[beat_unit].value, kBeatUnit);
  put(event_.properties[beats_per_bar].value, static_cast<float>(kBeatsPerBar));
  put(event_.properties[rate].value, static_cast<float>(sample_rate));
}

void TimePosition::write(const PluginTime& time, LV2_Atom_Sequence& sequence) noexcept LOOPHOLE_NONBLOCKING {
  const double beats = static_cast<double>(time.frame) / sample_rate_ * time.tempo_bpm / 60;
  LOOPHOLE_FOREIGN_CODE(const double bars = std::floor(beats / kBeatsPerBar);)
  put(event_.properties[frame].value, static_cast<std::int64_t>(time.frame));
  put(event_.properties[speed].value, time.rolling ? 1.0F : 0.0F);
  put(event_.properties[bar].value, static_cast<std::int64_t>(bars));
  put(event_.properties[bar_beat].value, static_cast<float>(beats - bars * kBeatsPerBar));
  put(event_.properties[beat].value, beats);
  put(event_.properties[tempo].value, static_cast<float>(time.tempo_bpm));
  std::memcpy(&sequence + 1, &event_, sizeof event_);
  sequence.atom.size = sizeof(LV2_Atom_Sequence_Body) + sizeof event_;
}

}  // namespace loophole::reference_signal
