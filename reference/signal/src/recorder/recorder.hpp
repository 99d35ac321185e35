#pragma once
// Recorder: writes what is played to a WAV file (stereo, 32-bit float) from a thread of its own. The header is right after every write, so
// that the file can be read whenever the process ends, however it ends; a recording that is there already is continued.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include "audio/tap.hpp"
#include "loophole/core/result.hpp"
#include "recorder/wav_file.hpp"

namespace loophole::reference_signal {

class Recorder {
 public:
  // [any-thread] Opens or continues `file`. Error engine.driverFailed names the file: it is no recording of this kind, is of another sample
  // rate, or cannot be written.
  [[nodiscard]] static Result<std::unique_ptr<Recorder>> open(const std::filesystem::path& file, std::int64_t sample_rate_hz);
  // Writes what is left and closes the file.
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Where the audio thread writes.
  [[nodiscard]] const std::shared_ptr<Tap>& tap() const noexcept { return tap_; }
  [[nodiscard]] std::int64_t sample_rate_hz() const noexcept { return sample_rate_hz_; }

  // [any-thread]
  [[nodiscard]] std::uint64_t written_frames() const noexcept { return written_frames_.load(std::memory_order_relaxed); }
  // Frames that are not in the file: the queue was full, or the disk.
  [[nodiscard]] std::uint64_t lost_frames() const noexcept {
    return tap_->lost_frames() + unwritten_frames_.load(std::memory_order_relaxed);
  }

 private:
  Recorder(std::unique_ptr<WavFile> file, std::int64_t sample_rate_hz);
  void run();
  void write_what_is_there();

  std::unique_ptr<WavFile> file_;
  std::int64_t sample_rate_hz_;
  std::shared_ptr<Tap> tap_;
  std::atomic<std::uint64_t> written_frames_{0};
  std::atomic<std::uint64_t> unwritten_frames_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  bool told_ = false;  // writing thread's: that the file takes no more
  std::thread thread_;
};

}  // namespace loophole::reference_signal
