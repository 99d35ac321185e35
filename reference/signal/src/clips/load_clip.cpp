#include <samplerate.h>
#include <sndfile.h>

#include <cmath>
#include <cstring>
#include <filesystem>

#include "clips/clip_library.hpp"

namespace loophole::reference_signal {
namespace {

constexpr sf_count_t kMostFrames = sf_count_t{1} << 31;  // 12 hours at 48 kHz; more does not belong into memory

Error unreadable(const std::string& path, const std::string& why) {
  return make_error(errors::kClipFileUnreadable, "the audio file '" + path + "' cannot be read: " + why);
}

struct CloseFile {
  void operator()(SNDFILE* file) const noexcept { sf_close(file); }
};

Result<std::vector<float>> resample(const std::string& path, std::vector<float> stereo, double ratio) {
  std::vector<float> out(static_cast<std::size_t>(std::ceil(static_cast<double>(stereo.size() / 2) * ratio)) * 2);
  SRC_DATA data{};
  data.data_in = stereo.data();
  data.input_frames = static_cast<long>(stereo.size() / 2);
  data.data_out = out.data();
  data.output_frames = static_cast<long>(out.size() / 2);
  data.src_ratio = ratio;
  if (const int fault = src_simple(&data, SRC_SINC_MEDIUM_QUALITY, 2); fault != 0)
    return unreadable(path, std::string("it cannot be brought to the sample rate of the engine: ") + src_strerror(fault));
  out.resize(static_cast<std::size_t>(data.output_frames_gen) * 2);
  return out;
}

}  // namespace

Result<std::shared_ptr<const ClipAudio>> load_clip(const std::string& path, std::int64_t sample_rate_hz) {
  std::error_code fault;
  const auto status = std::filesystem::status(path, fault);
  if (status.type() == std::filesystem::file_type::not_found) return unreadable(path, "there is no such file");
  if (status.type() != std::filesystem::file_type::regular) return unreadable(path, "it is no regular file");

  SF_INFO info{};
  const std::unique_ptr<SNDFILE, CloseFile> file(sf_open(path.c_str(), SFM_READ, &info));
  if (!file) return unreadable(path, sf_strerror(nullptr));
  if (info.frames <= 0) return unreadable(path, "it has no audio in it");
  if (info.frames > kMostFrames) return unreadable(path, "it is longer than 12 hours");

  const auto channels = static_cast<std::size_t>(info.channels);
  const std::size_t second = channels > 1 ? 1 : 0;
  std::vector<float> stereo;
  stereo.reserve(static_cast<std::size_t>(info.frames) * 2);
  std::vector<float> piece(channels * 8'192);
  while (const sf_count_t got = sf_readf_float(file.get(), piece.data(), 8'192)) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
      const float left = piece[i * channels];
      const float right = piece[i * channels + second];
      stereo.push_back(std::isfinite(left) ? left : 0.0F);
      stereo.push_back(std::isfinite(right) ? right : 0.0F);
    }
  }
  if (stereo.empty()) return unreadable(path, sf_error(file.get()) != SF_ERR_NO_ERROR ? sf_strerror(file.get()) : "it has no audio in it");

  if (info.samplerate != sample_rate_hz) {
    auto brought = resample(path, std::move(stereo), static_cast<double>(sample_rate_hz) / info.samplerate);
    if (!brought) return brought.error();
    stereo = *std::move(brought);
  }
  auto audio = std::make_shared<ClipAudio>();
  audio->left.resize(stereo.size() / 2);
  audio->right.resize(stereo.size() / 2);
  for (std::size_t i = 0; i < audio->left.size(); ++i) {
    audio->left[i] = stereo[2 * i];
    audio->right[i] = stereo[2 * i + 1];
  }
  return std::shared_ptr<const ClipAudio>(std::move(audio));
}

}  // namespace loophole::reference_signal
