#include <string>
#include <utility>

#include "drivers/drivers.hpp"
#include "drivers/offline_driver.hpp"
#include "drivers/paced_driver.hpp"
#include "drivers/portaudio_driver.hpp"
#include "drivers/portaudio_library.hpp"

namespace loophole::reference_signal {
namespace {

// nullptr: there is no output device, and none was named.
Result<std::unique_ptr<AudioDriver>> open_portaudio(const DriverWish& wish) {
  auto opened = PortAudioDriver::open(wish);
  if (!opened) return std::move(opened).error();
  return std::unique_ptr<AudioDriver>(*std::move(opened));
}

std::unique_ptr<AudioDriver> open_paced(const DriverWish& wish, std::optional<std::string> stands_in = {}) {
  return std::make_unique<PacedDriver>(wish.sample_rate_hz, wish.block_frames, std::move(stands_in));
}

Result<std::unique_ptr<AudioDriver>> open_best(const DriverWish& wish) {
  auto opened = open_portaudio(wish);
  if (opened && *opened) return opened;
  if (!opened && wish.device) return opened;  // whoever names a device means it
  return open_paced(wish, opened ? "there is no output device" : opened.error().message);
}

Error no_such_driver() {
  Error error = make_error(errors::kEngineDriverFailed,
                           "this engine has the drivers portaudio, paced and offline; leave the driver out to let it choose");
  error.pointer = "/driver";
  return error;
}

Result<std::unique_ptr<AudioDriver>> open_offline(const DriverWish& wish, std::int64_t seconds) {
  if (!wish.file) {
    Error error = make_error(errors::kEngineDriverFailed,
                             "the driver offline writes a file, and this engine was given none: start it with --record FILE");
    error.pointer = "/driver";
    return error;
  }
  auto file = WavFile::open_or_continue(*wish.file, wish.sample_rate_hz);
  if (!file) return std::move(file).error();
  return std::unique_ptr<AudioDriver>(std::make_unique<OfflineDriver>(wish.sample_rate_hz, wish.block_frames, *std::move(file),
                                                                      static_cast<std::uint64_t>(seconds * wish.sample_rate_hz)));
}

Error needs_no_device(engine::Driver driver) {
  Error error = make_error(errors::kDeviceNotFound,
                           "the driver " + std::string(engine::to_string(driver)) + " plays on no device; leave one of the two out");
  error.pointer = "/deviceId";
  return error;
}

}  // namespace

Result<std::unique_ptr<AudioDriver>> SystemDrivers::open(const DriverWish& wish) {
  if (!wish.driver) return open_best(wish);
  if (wish.device && *wish.driver != engine::Driver::portaudio) return needs_no_device(*wish.driver);
  switch (*wish.driver) {
    case engine::Driver::portaudio: {
      auto opened = open_portaudio(wish);
      if (opened && !*opened)
        return make_error(errors::kEngineDriverFailed, "there is no output device; connect one, or use the driver paced, which needs none");
      return opened;
    }
    case engine::Driver::paced:
      return open_paced(wish);
    case engine::Driver::offline:
      return open_offline(wish, offline_seconds_);
    case engine::Driver::unknown:
      break;
  }
  return no_such_driver();
}

Result<std::vector<device::Device>> SystemDrivers::devices() {
  return PortAudioLibrary::devices();
}

}  // namespace loophole::reference_signal
