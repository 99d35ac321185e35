#pragma once
// open_driver: the driver that was asked for, or the best that there is.

#include <memory>
#include <optional>

#include "drivers/audio_driver.hpp"

namespace loophole::reference_signal {

// [io-thread] Without `wanted`: PortAudio where there is an output device, else paced, which is said in one line on stderr. Error
// engine.driverFailed.
[[nodiscard]] Result<std::unique_ptr<AudioDriver>> open_driver(std::optional<engine::Driver> wanted, std::int64_t sample_rate_hz,
                                                               std::int64_t block_frames);

}  // namespace loophole::reference_signal
