#pragma once
// ClipSchedule: which clips a graph plays, and when. For as long as it lives, its clips are read ahead: a plan holds the one of its graph.

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "clips/clip_track.hpp"

namespace loophole::reference_signal {

struct ClipSchedule {
  std::int64_t sample_rate_hz = 48'000;  // of its frames
  ClipTrack track;                       // of all nodes together
};

// What a graph has of clips.
struct ClipSet {
  std::unordered_map<std::string, std::shared_ptr<ClipFile>> files;  // by path
  std::shared_ptr<const ClipSchedule> schedule;
};

}  // namespace loophole::reference_signal
