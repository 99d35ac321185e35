#pragma once
// Audio files for the demo: real speech to play, and what was recorded of it.

#include <filesystem>
#include <vector>

#include "loophole/core/result.hpp"

namespace loophole::cli {

// [any-thread] The spoken WAV files of the Debian package alsa-utils, in the order of their names; error clip.fileUnreadable when there are
// none.
[[nodiscard]] Result<std::vector<std::filesystem::path>> find_speech();

struct AudioLevel {
  double seconds = 0;
  double rms_db = -120;  // over all channels; 0 is full scale
  double peak_db = -120;
};
// [any-thread] Reads a whole audio file. Error clip.fileUnreadable.
[[nodiscard]] Result<AudioLevel> measure_audio(const std::filesystem::path& file);

}  // namespace loophole::cli
