#include "drivers/driver_choice.hpp"

#include <spdlog/spdlog.h>

#include "drivers/paced_driver.hpp"
#include "drivers/portaudio_driver.hpp"

namespace loophole::reference_signal {
namespace {

// nullptr: there is no output device.
Result<std::unique_ptr<AudioDriver>> open_portaudio(std::int64_t sample_rate_hz, std::int64_t block_frames) {
  auto opened = PortAudioDriver::open(sample_rate_hz, block_frames);
  if (!opened) return std::move(opened).error();
  return std::unique_ptr<AudioDriver>(*std::move(opened));
}

std::unique_ptr<AudioDriver> paced(std::int64_t sample_rate_hz, std::int64_t block_frames) {
  return std::make_unique<PacedDriver>(sample_rate_hz, block_frames);
}

}  // namespace

Result<std::unique_ptr<AudioDriver>> open_driver(std::optional<engine::Driver> wanted, std::int64_t sample_rate_hz,
                                                 std::int64_t block_frames) {
  if (!wanted) {
    auto opened = open_portaudio(sample_rate_hz, block_frames);
    if (opened && *opened) return opened;
    if (opened)
      spdlog::warn("no output device; pacing in real time without one");
    else
      spdlog::warn("{}; pacing in real time without a device", opened.error().message);
    return paced(sample_rate_hz, block_frames);
  }
  switch (*wanted) {
    case engine::Driver::portaudio: {
      auto opened = open_portaudio(sample_rate_hz, block_frames);
      if (opened && !*opened)
        return make_error(errors::kEngineDriverFailed, "there is no output device; connect one, or use the driver paced, which needs none");
      return opened;
    }
    case engine::Driver::paced:
      return paced(sample_rate_hz, block_frames);
    case engine::Driver::offline:
    case engine::Driver::unknown:
      break;
  }
  Error error =
      make_error(errors::kEngineDriverFailed, "this engine has the drivers portaudio and paced; leave the driver out to let it choose");
  error.pointer = "/driver";
  return error;
}

}  // namespace loophole::reference_signal
