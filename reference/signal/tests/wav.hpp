#pragma once
// WAV files for tests, through libsndfile.

#include <doctest/doctest.h>
#include <sndfile.h>

#include <string>
#include <vector>

namespace loophole::test {

struct Wav {
  int rate = 0;
  int channels = 0;
  std::vector<float> samples;  // interleaved
  [[nodiscard]] std::size_t frames() const { return channels > 0 ? samples.size() / static_cast<std::size_t>(channels) : 0; }
};

// Empty while there is no file.
inline Wav read_wav(const std::string& path) {
  SF_INFO info{};
  SNDFILE* file = sf_open(path.c_str(), SFM_READ, &info);
  if (file == nullptr) return {};
  Wav wav{.rate = info.samplerate, .channels = info.channels, .samples = {}};
  wav.samples.resize(static_cast<std::size_t>(info.frames) * static_cast<std::size_t>(info.channels));
  const sf_count_t got = sf_readf_float(file, wav.samples.data(), info.frames);
  CHECK(got == info.frames);
  sf_close(file);
  return wav;
}

inline void write_wav(const std::string& path, const Wav& wav, int format = SF_FORMAT_WAV | SF_FORMAT_FLOAT) {
  SF_INFO info{};
  info.samplerate = wav.rate;
  info.channels = wav.channels;
  info.format = format;
  SNDFILE* file = sf_open(path.c_str(), SFM_WRITE, &info);
  REQUIRE(file != nullptr);
  REQUIRE(sf_writef_float(file, wav.samples.data(), static_cast<sf_count_t>(wav.frames())) == static_cast<sf_count_t>(wav.frames()));
  sf_close(file);
}

}  // namespace loophole::test
