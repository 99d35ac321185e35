#include "demo/audio_files.hpp"

#include <sndfile.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>

#include "view/meter_bars.hpp"

namespace loophole::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUsualFolder = "/usr/share/sounds/alsa";

// Spoken: the package has one file of noise too.
bool is_speech(const fs::path& file) {
  return file.extension() == ".wav" && file.filename() != "Noise.wav";
}

std::vector<fs::path> files_of_package() {
  std::vector<fs::path> files;
  const auto close = [](std::FILE* pipe) { ::pclose(pipe); };
  const std::unique_ptr<std::FILE, decltype(close)> pipe(::popen("dpkg -L alsa-utils 2>/dev/null", "r"), close);
  if (!pipe) return files;
  std::string line;
  std::array<char, 4096> buffer{};
  while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe.get()) != nullptr) {
    line = buffer.data();
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
    std::error_code fault;
    if (is_speech(line) && fs::is_regular_file(line, fault)) files.emplace_back(line);
  }
  return files;
}

std::vector<fs::path> files_of_folder() {
  std::vector<fs::path> files;
  std::error_code fault;
  for (const fs::directory_entry& entry : fs::directory_iterator(kUsualFolder, fault))
    if (is_speech(entry.path())) files.push_back(entry.path());
  return files;
}

}  // namespace

Result<std::vector<fs::path>> find_speech() {
  std::vector<fs::path> files = files_of_package();
  if (files.empty()) files = files_of_folder();
  if (files.empty())
    return make_error(errors::kClipFileUnreadable,
                      "there is no recorded speech to play: install the Debian package alsa-utils, or give --audio FILE");
  std::sort(files.begin(), files.end());
  return files;
}

Result<AudioLevel> measure_audio(const fs::path& file) {
  SF_INFO info{};
  const auto close = [](SNDFILE* handle) { sf_close(handle); };
  const std::unique_ptr<SNDFILE, decltype(close)> sound(sf_open(file.c_str(), SFM_READ, &info), close);
  if (!sound) return make_error(errors::kClipFileUnreadable, "cannot read " + file.string() + ": " + sf_strerror(nullptr));
  std::vector<float> block(static_cast<std::size_t>(info.channels) * 8192);
  double sum = 0;
  double peak = 0;
  sf_count_t frames = 0;
  for (sf_count_t got = 0; (got = sf_readf_float(sound.get(), block.data(), 8192)) > 0; frames += got) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(got * info.channels); ++i) {
      const double value = static_cast<double>(block[i]);
      sum += value * value;
      peak = std::max(peak, std::abs(value));
    }
  }
  AudioLevel level;
  level.seconds = static_cast<double>(frames) / info.samplerate;
  if (frames > 0) level.rms_db = decibels(std::sqrt(sum / static_cast<double>(frames * info.channels)));
  level.peak_db = decibels(peak);
  return level;
}

}  // namespace loophole::cli
