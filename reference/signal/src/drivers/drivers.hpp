#pragma once
// Drivers: where drivers come from, and which devices they can play on.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "drivers/audio_driver.hpp"
#include "loophole/messages/device.hpp"

namespace loophole::reference_signal {

struct DriverWish {
  std::optional<engine::Driver> driver = {};  // none: a device where there is one, else paced
  std::optional<DeviceId> device = {};        // none: the one that the system prefers
  std::int64_t sample_rate_hz = 48'000;
  std::int64_t block_frames = 256;
};

class Drivers {
 public:
  virtual ~Drivers() = default;
  // [io-thread] Error engine.driverFailed, and device.notFound where the wish names a device that there is not.
  [[nodiscard]] virtual Result<std::unique_ptr<AudioDriver>> open(const DriverWish& wish) = 0;
  // [any-thread] Looks for output devices. Takes as long as the sound systems of the machine take, a second at times. Error
  // engine.driverFailed.
  [[nodiscard]] virtual Result<std::vector<device::Device>> devices() = 0;
};

// Those of this machine.
class SystemDrivers final : public Drivers {
 public:
  [[nodiscard]] Result<std::unique_ptr<AudioDriver>> open(const DriverWish& wish) override;
  [[nodiscard]] Result<std::vector<device::Device>> devices() override;
};

}  // namespace loophole::reference_signal
