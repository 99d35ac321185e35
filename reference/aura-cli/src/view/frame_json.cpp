#include "view/frame_json.hpp"

#include <cmath>
#include <utility>

namespace loophole::cli {

using nlohmann::json;

namespace {

// As the specification spells it.
const char* window_name(frames::SpectrumWindow window) {
  switch (window) {
    case frames::SpectrumWindow::rectangular:
      return "rectangular";
    case frames::SpectrumWindow::hann:
      return "hann";
    case frames::SpectrumWindow::hamming:
      return "hamming";
    case frames::SpectrumWindow::blackman_harris:
      return "blackmanHarris";
    case frames::SpectrumWindow::flat_top:
      return "flatTop";
  }
  return "unknown";
}

}  // namespace

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

json frame_json(const aura::SpectrumView& spectrum) {
  json magnitudes_db = json::array();
  for (const float level : spectrum.magnitudes_db) magnitudes_db.push_back(std::round(static_cast<double>(level) * 100) / 100);
  return {{"epoch", spectrum.epoch},
          {"sequence", spectrum.sequence},
          {"engineFrames", spectrum.engine_frames},
          {"timeNs", spectrum.time_ns},
          {"handle", spectrum.handle},
          {"channel", spectrum.channel},
          {"window", window_name(spectrum.window)},
          {"sampleRateHz", spectrum.sample_rate_hz},
          {"windowFrames", spectrum.window_frames},
          {"magnitudesDb", std::move(magnitudes_db)}};
}

json frame_json(const aura::StatsView& stats) {
  return {{"epoch", stats.epoch},
          {"sequence", stats.sequence},
          {"engineFrames", stats.engine_frames},
          {"timeNs", stats.time_ns},
          {"lengthFrames", stats.length_frames},
          {"sampleRateHz", stats.sample_rate_hz},
          {"blockFrames", stats.block_frames},
          {"nodes", stats.nodes},
          {"loadMeanRatio", stats.load_mean_ratio},
          {"loadPeakRatio", stats.load_peak_ratio},
          {"blocks", stats.blocks},
          {"lateBlocks", stats.late_blocks},
          {"xruns", stats.xruns},
          {"streamsOpen", stats.streams_open},
          {"streamFramesReceived", stats.stream_frames_received},
          {"streamFramesMalformed", stats.stream_frames_malformed},
          {"streamSamplesReceived", stats.stream_samples_received},
          {"streamSamplesApplied", stats.stream_samples_applied},
          {"streamSamplesRefused", stats.stream_samples_refused},
          {"streamSamplesLost", stats.stream_samples_lost},
          {"telemetryFramesSent", stats.telemetry_frames_sent},
          {"telemetryFramesDropped", stats.telemetry_frames_dropped}};
}

}  // namespace loophole::cli
