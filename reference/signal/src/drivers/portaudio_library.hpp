#pragma once
// PortAudioLibrary: PortAudio while somebody uses it, and its devices. PortAudio looks for devices when its first user comes and never
// again until the last one has gone; so a list is fresh unless a stream is open.

#include <portaudio.h>

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/messages/device.hpp"

namespace loophole::reference_signal {

// Error engine.driverFailed: `what`, and PortAudio's own words.
[[nodiscard]] Error portaudio_failed(const std::string& what, PaError fault);

// Silence on stderr: ALSA, JACK and PortAudio print pages while they look for devices. Nothing of it helps a user; what went wrong comes as
// an error. Only what is printed through the variable `stderr` is hushed: our log has kept the stream behind it.
class Hush {
 public:
  Hush();
  ~Hush();
  Hush(const Hush&) = delete;
  Hush& operator=(const Hush&) = delete;
};

class PortAudioLibrary {
 public:
  // Everything but starting, stopping and asking a stream is done under this lock: PortAudio itself has none.
  [[nodiscard]] static std::unique_lock<std::mutex> lock();

  // Under the lock.
  PortAudioLibrary();
  ~PortAudioLibrary();
  PortAudioLibrary(const PortAudioLibrary&) = delete;
  PortAudioLibrary& operator=(const PortAudioLibrary&) = delete;
  [[nodiscard]] PaError fault() const noexcept { return fault_; }

  // Under the lock. Output devices and the names by which they are found again: host API and name, without the number that a card has at
  // the moment, which changes when it is plugged in anew.
  struct Output {
    PaDeviceIndex index = paNoDevice;
    DeviceId id;
    std::string name;
  };
  [[nodiscard]] std::vector<Output> outputs() const;

  // [any-thread] Takes the lock and looks.
  [[nodiscard]] static Result<std::vector<device::Device>> devices();

 private:
  PaError fault_;
};

// [any-thread] "HDA Intel PCH: ALC257 Analog (hw:0,0)" of "ALSA" is "alsa/hda-intel-pch-alc257-analog".
[[nodiscard]] std::string device_id_of(const std::string& host_api, const std::string& name);
// [any-thread] As much of a text of unknown encoding as fits, with '?' for what is no UTF-8.
[[nodiscard]] std::string readable(const char* text, std::size_t most_bytes);

}  // namespace loophole::reference_signal
