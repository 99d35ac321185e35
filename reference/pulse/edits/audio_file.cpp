#include "edits/audio_file.hpp"

#include <sndfile.h>

#include <memory>
#include <system_error>

namespace loophole::pulse {

Result<AudioFileInfo> probe_audio_file(const std::filesystem::path& path) {
  const auto unreadable = [&](const std::string& reason) {
    return make_error(errors::kClipFileUnreadable, "'" + path.string() + "' cannot be used as audio: " + reason);
  };
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (status.type() == std::filesystem::file_type::not_found) return unreadable("there is no such file");
  if (failed) return unreadable(failed.message());
  // Asked before it is opened: opening a pipe would wait for a writer.
  if (!std::filesystem::is_regular_file(status)) return unreadable("it is not a regular file");
  SF_INFO info{};
  const std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> file(sf_open(path.c_str(), SFM_READ, &info), &sf_close);
  if (file == nullptr) return unreadable(sf_strerror(nullptr));
  if (info.frames <= 0 || info.samplerate <= 0 || info.channels <= 0) return unreadable("it has no audio in it");
  return AudioFileInfo{.frames = info.frames, .sample_rate_hz = info.samplerate, .channels = info.channels};
}

}  // namespace loophole::pulse
