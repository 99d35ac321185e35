#pragma once
// WavFile: stereo audio on its way into a WAV file.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "loophole/core/result.hpp"

namespace loophole::reference_signal {

enum class WavFormat { float32, pcm16, pcm24 };

class WavFile {
 public:
  // [any-thread] Opens or continues a file of 32-bit float, whose header is right after every write. Error engine.driverFailed names the
  // file: it is no recording of this kind, is of another sample rate, or cannot be written.
  [[nodiscard]] static Result<std::unique_ptr<WavFile>> open_or_continue(const std::filesystem::path& path, std::int64_t sample_rate_hz);
  // [any-thread] Whether there is a sound file of this name that open_or_continue() would refuse for its rate.
  [[nodiscard]] static bool has_other_rate(const std::filesystem::path& path, std::int64_t sample_rate_hz);
  // [any-thread] A new file, in the place of one that is there. Samples beyond full scale are clipped in the formats pcm16 and pcm24. Error
  // engine.driverFailed names the file.
  [[nodiscard]] static Result<std::unique_ptr<WavFile>> create(const std::filesystem::path& path, std::int64_t sample_rate_hz,
                                                               WavFormat format);
  ~WavFile();  // the file is complete
  WavFile(const WavFile&) = delete;
  WavFile& operator=(const WavFile&) = delete;

  // [owner-thread] Interleaved. Returns how many frames were written; where that is not all of them, fault() says why.
  std::size_t write(std::span<const float> interleaved);
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  // [any-thread] Frames of two channels that fit into a file, which ends at 4 GiB.
  [[nodiscard]] static std::uint64_t most_frames(WavFormat format) noexcept;

 private:
  WavFile(std::string name, WavFormat format) : name_(std::move(name)), format_(format) {}

  std::string name_;
  WavFormat format_;
  void* handle_ = nullptr;  // SNDFILE
  std::uint64_t frames_ = 0;
  std::string fault_;
};

}  // namespace loophole::reference_signal
