#pragma once
// OfflineDriver: renders as fast as possible into a WAV file, while the transport runs. A thread of its own renders and writes; it waits
// until all that a block needs has been read, and until the file is written, so that nothing is lost and the same graph from the same
// position makes the same file.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "drivers/audio_driver.hpp"
#include "recorder/wav_file.hpp"

namespace loophole::reference_signal {

class OfflineDriver final : public AudioDriver {
 public:
  // `most_frames`: what it renders from each start of the transport; then it is finished until the transport stops.
  OfflineDriver(std::int64_t sample_rate_hz, std::int64_t block_frames, std::unique_ptr<WavFile> file, std::uint64_t most_frames);
  ~OfflineDriver() override;

  [[nodiscard]] const engine::Effective& effective() const noexcept override { return effective_; }
  [[nodiscard]] Result<void> start(AudioCallback& callback) override;
  void stop() override;
  // The file that cannot be written any more, and why.
  [[nodiscard]] std::optional<std::string> fault() override;
  [[nodiscard]] bool finished() const noexcept override { return finished_.load(std::memory_order_acquire); }

 private:
  void run(AudioCallback& callback);
  // Renders one block of at most `most` frames; returns how many: none while what it needs is still being read.
  std::uint64_t render(AudioCallback& callback, std::uint64_t most);
  void flush();

  engine::Effective effective_;
  std::unique_ptr<WavFile> file_;  // the thread's while it runs
  std::uint64_t most_frames_;
  std::vector<float> block_;
  std::vector<float> unwritten_;
  std::atomic<bool> running_{false};
  std::atomic<bool> finished_{false};
  std::mutex mutex_;
  std::optional<std::string> fault_;
  std::thread thread_;
};

}  // namespace loophole::reference_signal
