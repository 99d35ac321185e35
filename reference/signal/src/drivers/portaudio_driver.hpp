#pragma once
// PortAudioDriver: the default output device through PortAudio.

#include <memory>

#include "drivers/audio_driver.hpp"

namespace loophole::reference_signal {

class PortAudioDriver final : public AudioDriver {
 public:
  // [io-thread] Opens the default output device: stereo, 32-bit float, at the asked rate or the device's own. nullptr: there is no output
  // device. Error engine.driverFailed: it cannot be opened; with PortAudio's words.
  [[nodiscard]] static Result<std::unique_ptr<PortAudioDriver>> open(std::int64_t sample_rate_hz, std::int64_t block_frames);
  ~PortAudioDriver() override;

  [[nodiscard]] const engine::Effective& effective() const noexcept override;
  [[nodiscard]] Result<void> start(AudioCallback& callback) override;
  void stop() override;
  [[nodiscard]] std::optional<std::string> fault() override;

 private:
  struct State;
  explicit PortAudioDriver(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace loophole::reference_signal
