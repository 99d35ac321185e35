#include "recorder/wav_file.hpp"

#include <sndfile.h>

#include <algorithm>
#include <system_error>

namespace loophole::reference_signal {
namespace {

constexpr std::uint64_t kMostBytes = 0xffff'0000;  // of samples; the header has room beside them

int format_of(WavFormat format) noexcept {
  switch (format) {
    case WavFormat::pcm16:
      return SF_FORMAT_WAV | SF_FORMAT_PCM_16;
    case WavFormat::pcm24:
      return SF_FORMAT_WAV | SF_FORMAT_PCM_24;
    case WavFormat::float32:
      break;
  }
  return SF_FORMAT_WAV | SF_FORMAT_FLOAT;
}

Error refused(const std::string& file, const std::string& why) {
  return make_error(errors::kEngineDriverFailed, "cannot record to '" + file + "': " + why);
}

SNDFILE* handle_in(void* handle) noexcept {
  return static_cast<SNDFILE*>(handle);
}

}  // namespace

WavFile::~WavFile() {
  if (handle_ != nullptr) sf_close(handle_in(handle_));
}

std::uint64_t WavFile::most_frames(WavFormat format) noexcept {
  const std::uint64_t bytes = format == WavFormat::pcm16 ? 2 : format == WavFormat::pcm24 ? 3 : 4;
  return kMostBytes / (bytes * 2);
}

Result<std::unique_ptr<WavFile>> WavFile::open_or_continue(const std::filesystem::path& path, std::int64_t sample_rate_hz) {
  std::error_code unknown;
  if (!std::filesystem::exists(path, unknown) || std::filesystem::file_size(path, unknown) == 0) {
    auto made = create(path, sample_rate_hz, WavFormat::float32);
    if (!made) return made;
    sf_command(handle_in((*made)->handle_), SFC_SET_UPDATE_HEADER_AUTO, nullptr, SF_TRUE);
    sf_command(handle_in((*made)->handle_), SFC_UPDATE_HEADER_NOW, nullptr, 0);
    return made;
  }
  std::unique_ptr<WavFile> file(new WavFile(path.string(), WavFormat::float32));
  SF_INFO info{};
  SNDFILE* handle = sf_open(path.c_str(), SFM_RDWR, &info);
  file->handle_ = handle;
  if (handle == nullptr) return refused(file->name_, sf_strerror(nullptr));
  if ((info.format & (SF_FORMAT_TYPEMASK | SF_FORMAT_SUBMASK)) != format_of(WavFormat::float32) || info.channels != 2)
    return refused(file->name_,
                   "there is another file of this name, which is no stereo WAV of 32-bit float; choose another name or remove it");
  if (info.samplerate != sample_rate_hz)
    return refused(file->name_, "the recording there has " + std::to_string(info.samplerate) + " Hz and the engine " +
                                    std::to_string(sample_rate_hz) + " Hz; choose another name or remove it");
  sf_command(handle, SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE);
  sf_command(handle, SFC_SET_UPDATE_HEADER_AUTO, nullptr, SF_TRUE);
  const sf_count_t end = sf_seek(handle, 0, SEEK_END | SFM_WRITE);
  if (end < 0) return refused(file->name_, sf_strerror(handle));
  file->frames_ = static_cast<std::uint64_t>(end);
  return file;
}

bool WavFile::has_other_rate(const std::filesystem::path& path, std::int64_t sample_rate_hz) {
  SF_INFO info{};
  SNDFILE* handle = sf_open(path.c_str(), SFM_READ, &info);
  if (handle == nullptr) return false;
  sf_close(handle);
  return info.samplerate != sample_rate_hz;
}

Result<std::unique_ptr<WavFile>> WavFile::create(const std::filesystem::path& path, std::int64_t sample_rate_hz, WavFormat format) {
  std::unique_ptr<WavFile> file(new WavFile(path.string(), format));
  SF_INFO info{};
  info.samplerate = static_cast<int>(sample_rate_hz);
  info.channels = 2;
  info.format = format_of(format);
  SNDFILE* handle = sf_open(path.c_str(), SFM_WRITE, &info);
  file->handle_ = handle;
  if (handle == nullptr) return refused(file->name_, sf_strerror(nullptr));
  // The peak chunk has the time of day in it: the same audio would not be the same file.
  sf_command(handle, SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE);
  if (format != WavFormat::float32) sf_command(handle, SFC_SET_CLIPPING, nullptr, SF_TRUE);
  return file;
}

std::size_t WavFile::write(std::span<const float> interleaved) {
  const std::size_t frames = interleaved.size() / 2;
  const std::uint64_t room = most_frames(format_) - std::min(frames_, most_frames(format_));
  const auto wanted = static_cast<sf_count_t>(std::min<std::uint64_t>(frames, room));
  const sf_count_t done = wanted > 0 ? sf_writef_float(handle_in(handle_), interleaved.data(), wanted) : 0;
  frames_ += static_cast<std::uint64_t>(done);
  if (static_cast<std::size_t>(done) < frames)
    fault_ = done == wanted ? "a WAV file cannot be longer than 4 GiB" : sf_strerror(handle_in(handle_));
  return static_cast<std::size_t>(done);
}

}  // namespace loophole::reference_signal
