#pragma once
// Report: what the demo checked and measured.

#include <cstdint>
#include <string>
#include <vector>

namespace loophole::cli {

struct Check {
  std::string id;  // stable, such as "gesture.samples"
  bool ok = false;
  std::string detail;
};

struct Report {
  std::vector<Check> checks;
  bool finished = false;  // the story came to its end

  struct {
    std::uint64_t samples_sent = 0;
    std::int64_t samples_applied = 0;
    std::int64_t lost = 0;
    std::int64_t undo_entries = 0;
    double committed_value = 0;
    double engine_value = 0;
  } gesture;
  struct {
    std::int64_t stream_frames_seen = -1;  // -1: not measured
    std::int64_t telemetry_frames_seen = -1;
  } pulse;
  struct {
    std::int64_t epochs_seen = 0;
    bool digest_equal = false;
    double recovery_ms = 0;
    std::string driver;
  } engine;
  struct {
    std::uint64_t meters_frames = 0;
    std::uint64_t transport_frames = 0;
    std::uint64_t gaps = 0;
  } telemetry;
  struct {
    std::string file;
    double seconds = 0;
    double rms_db = -120;
  } audio;
  double seconds = 0;  // that the story took

  [[nodiscard]] bool ok() const;
  [[nodiscard]] std::string json() const;
};

}  // namespace loophole::cli
