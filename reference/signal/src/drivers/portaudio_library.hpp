#pragma once
// PortAudioLibrary: PortAudio while somebody uses it, and its devices. PortAudio looks for devices when its first user comes and never
// again until the last one has gone; so a list is fresh unless a stream is open.

#include <portaudio.h>
#include <pthread.h>

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

// What libraries print through the variable `stderr` passes by us while one of these lives; our log has kept the stream behind it.
//
// Hush: silence. ALSA, JACK and PortAudio print pages while they look for devices. Nothing of it helps a user; what went wrong comes as an
// error.
class Hush {
 public:
  Hush();
  ~Hush();
  Hush(const Hush&) = delete;
  Hush& operator=(const Hush&) = delete;
};

// Without the complaints of PortAudio itself; all else is printed. While a stream runs: when its device is unplugged, PortAudio 19.6 tries
// for ever to prepare it anew, complains 80,000 times a second, and cannot be cancelled. But it prints, and here its thread can be ended.
class ComplaintFilter {
 public:
  ComplaintFilter();
  ~ComplaintFilter();
  ComplaintFilter(const ComplaintFilter&) = delete;
  ComplaintFilter& operator=(const ComplaintFilter&) = delete;

  // [io-thread] This thread ends at its next complaint if it was cancelled, although it disabled that.
  static void doom(pthread_t thread) noexcept;
  static void pardon() noexcept;
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

  // Under the lock. A device that plays cannot be asked what it can do, so it is asked before.
  static void about_to_play(const Output& output);
  static void plays_no_more();

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
