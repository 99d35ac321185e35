#pragma once
// What a project has to know of an audio file before a clip plays it.

#include <cstdint>
#include <filesystem>

#include "loophole/core/result.hpp"

namespace loophole::pulse {

struct AudioFileInfo {
  std::int64_t frames = 0;  // at its own sample rate; above 0
  std::int64_t sample_rate_hz = 0;
  int channels = 0;
};

// [any-thread] Opens the file and reads its header. Error clip.fileUnreadable has the path and the reason.
[[nodiscard]] Result<AudioFileInfo> probe_audio_file(const std::filesystem::path& path);

}  // namespace loophole::pulse
