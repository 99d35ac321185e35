#pragma once
// PacedDriver: real time without a device. A thread of its own renders a block, then sleeps until the next one is due. Being
// so late that it gives up catching up is an xrun.

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "drivers/audio_driver.hpp"

namespace loophole::reference_signal {

class PacedDriver final : public AudioDriver {
 public:
  PacedDriver(std::int64_t sample_rate_hz, std::int64_t block_frames, std::optional<std::string> stands_in = {});
  ~PacedDriver() override;

  [[nodiscard]] const engine::Effective& effective() const noexcept override { return effective_; }
  [[nodiscard]] std::optional<std::string> stands_in() const override { return stands_in_; }
  [[nodiscard]] Result<void> start(AudioCallback& callback) override;
  void stop() override;
  [[nodiscard]] std::optional<std::string> fault() override { return std::nullopt; }

 private:
  void run(AudioCallback& callback);

  engine::Effective effective_;
  std::optional<std::string> stands_in_;
  std::vector<float> block_;
  std::atomic<bool> running_{false};
  std::thread thread_;
};

}  // namespace loophole::reference_signal
