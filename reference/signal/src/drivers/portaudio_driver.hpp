#pragma once
// PortAudioDriver: an output device through PortAudio.

#include <memory>

#include "drivers/audio_driver.hpp"
#include "drivers/drivers.hpp"

namespace loophole::reference_signal {

class PortAudioDriver final : public AudioDriver {
 public:
  // [io-thread] Opens the device of the wish, or the default one: stereo, 32-bit float, at the asked rate or the device's own. nullptr: the
  // wish names none and there is no output device. Errors: engine.driverFailed with PortAudio's words, device.notFound.
  [[nodiscard]] static Result<std::unique_ptr<PortAudioDriver>> open(const DriverWish& wish);
  ~PortAudioDriver() override;

  [[nodiscard]] const engine::Effective& effective() const noexcept override;
  [[nodiscard]] std::optional<DeviceId> device() const override;
  [[nodiscard]] Result<void> start(AudioCallback& callback) override;
  void stop() override;
  [[nodiscard]] std::optional<std::string> fault() override;

 private:
  struct State;
  explicit PortAudioDriver(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace loophole::reference_signal
