#include "view/frame_json.hpp"

#include <utility>

namespace loophole::cli {

using nlohmann::json;

json frame_json(const aura::MetersView& meters) {
  json levels = json::array();
  for (const aura::Level& level : meters.levels)
    levels.push_back(
        {{"handle", level.handle}, {"channel", level.channel}, {"peak", level.peak}, {"rms", level.rms}, {"clipped", level.clipped}});
  return {{"epoch", meters.epoch},    {"sequence", meters.sequence},          {"engineFrames", meters.engine_frames},
          {"timeNs", meters.time_ns}, {"lengthFrames", meters.length_frames}, {"levels", std::move(levels)}};
}

json frame_json(const aura::TransportView& transport) {
  return {{"epoch", transport.epoch},
          {"sequence", transport.sequence},
          {"engineFrames", transport.engine_frames},
          {"timeNs", transport.time_ns},
          {"positionFrames", transport.position_frames},
          {"sampleRateHz", transport.sample_rate_hz},
          {"playing", transport.playing},
          {"positionBeats", transport.position_beats},
          {"tempoBpm", transport.tempo_bpm},
          {"loop",
           {{"enabled", transport.loop_enabled}, {"startFrames", transport.loop_start_frames}, {"endFrames", transport.loop_end_frames}}}};
}

}  // namespace loophole::cli
