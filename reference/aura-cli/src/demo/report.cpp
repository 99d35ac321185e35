#include "demo/report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace loophole::cli {

bool Report::ok() const {
  return finished && !checks.empty() && std::all_of(checks.begin(), checks.end(), [](const Check& check) { return check.ok; });
}

std::string Report::json() const {
  using nlohmann::ordered_json;
  ordered_json list = ordered_json::array();
  for (const Check& check : checks) list.push_back(ordered_json{{"id", check.id}, {"ok", check.ok}, {"detail", check.detail}});
  const ordered_json report{
      {"ok", ok()},
      {"seconds", seconds},
      {"checks", std::move(list)},
      {"gesture",
       {{"samplesSent", gesture.samples_sent},
        {"samplesApplied", gesture.samples_applied},
        {"lost", gesture.lost},
        {"undoEntries", gesture.undo_entries},
        {"committedValue", gesture.committed_value},
        {"engineValue", gesture.engine_value}}},
      {"pulse", {{"streamFramesSeen", pulse.stream_frames_seen}, {"telemetryFramesSeen", pulse.telemetry_frames_seen}}},
      {"engine",
       {{"epochsSeen", engine.epochs_seen},
        {"digestEqual", engine.digest_equal},
        {"recoveryMs", engine.recovery_ms},
        {"driver", engine.driver}}},
      {"telemetry", {{"metersFrames", telemetry.meters_frames}, {"transportFrames", telemetry.transport_frames}, {"gaps", telemetry.gaps}}},
      {"audio", {{"file", audio.file}, {"seconds", audio.seconds}, {"rmsDb", audio.rms_db}}}};
  return report.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace loophole::cli
