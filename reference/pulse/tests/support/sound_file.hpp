#pragma once
// A real audio file for clips, written through libsndfile.

#include <sndfile.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

namespace loophole::pulse::test {

inline std::filesystem::path write_sound(const std::filesystem::path& path, int frames, int sample_rate_hz) {
  SF_INFO info{};
  info.samplerate = sample_rate_hz;
  info.channels = 1;
  info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
  SNDFILE* file = sf_open(path.c_str(), SFM_WRITE, &info);
  if (file == nullptr) std::abort();
  const std::vector<float> silence(static_cast<std::size_t>(frames), 0.0F);
  if (sf_writef_float(file, silence.data(), frames) != frames) std::abort();
  sf_close(file);
  return path;
}

}  // namespace loophole::pulse::test
