#pragma once
// Drivers: where drivers come from, and which devices they can play on.

#include <cstdint>
#include <filesystem>
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
  std::optional<std::filesystem::path> file = {};  // what the driver offline writes into
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
  static constexpr std::int64_t kOfflineSeconds = 600;

  // [any-thread] `offline_seconds`: what the driver offline renders at most from each start of the transport.
  explicit SystemDrivers(std::int64_t offline_seconds = kOfflineSeconds) : offline_seconds_(offline_seconds) {}
  [[nodiscard]] Result<std::unique_ptr<AudioDriver>> open(const DriverWish& wish) override;
  [[nodiscard]] Result<std::vector<device::Device>> devices() override;

 private:
  std::int64_t offline_seconds_;
};

}  // namespace loophole::reference_signal
