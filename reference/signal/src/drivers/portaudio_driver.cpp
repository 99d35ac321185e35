#include "drivers/portaudio_driver.hpp"

#include <fcntl.h>
#include <portaudio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>

#include "loophole/core/clock.hpp"

namespace loophole::reference_signal {
namespace {

constexpr std::chrono::seconds kStandstill{2};

Error failed(const std::string& what, PaError fault) {
  std::string words = Pa_GetErrorText(fault);
  if (fault == paUnanticipatedHostError)
    if (const PaHostErrorInfo* host = Pa_GetLastHostErrorInfo(); host != nullptr && host->errorText != nullptr)
      words += std::string(" (") + host->errorText + ")";
  return make_error(errors::kEngineDriverFailed, what + ": " + words);
}

// ALSA and JACK print pages to stderr while PortAudio looks for devices. Nothing of it helps a user; what went wrong comes as an error.
class Hush {
 public:
  Hush() : kept_(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) {
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (kept_ >= 0 && nowhere >= 0) dup2(nowhere, STDERR_FILENO);
    if (nowhere >= 0) close(nowhere);
  }
  ~Hush() {
    if (kept_ < 0) return;
    dup2(kept_, STDERR_FILENO);
    close(kept_);
  }
  Hush(const Hush&) = delete;
  Hush& operator=(const Hush&) = delete;

 private:
  int kept_;
};

class Library {
 public:
  Library() {
    const Hush hush;
    fault_ = Pa_Initialize();
  }
  ~Library() {
    if (fault_ == paNoError) Pa_Terminate();
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  [[nodiscard]] PaError fault() const noexcept { return fault_; }

 private:
  PaError fault_;
};

}  // namespace

struct PortAudioDriver::State {
  Library library;
  PaStream* stream = nullptr;
  engine::Effective effective;
  AudioCallback* callback = nullptr;
  std::atomic<std::uint64_t> calls{0};
  std::uint64_t calls_seen = 0;
  Clock::time_point seen_at{};
  bool running = false;

  ~State() {
    if (stream == nullptr) return;
    const Hush hush;
    Pa_CloseStream(stream);
  }

  static int on_block(const void*, void* output, unsigned long frames, const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags, void* user) {
    auto& state = *static_cast<State*>(user);
    state.calls.fetch_add(1, std::memory_order_relaxed);
    state.callback->render({static_cast<float*>(output), std::size_t{frames} * 2}, monotonic_ns());
    return paContinue;
  }
};

PortAudioDriver::PortAudioDriver(std::unique_ptr<State> state) : state_(std::move(state)) {}

PortAudioDriver::~PortAudioDriver() {
  stop();
}

Result<std::unique_ptr<PortAudioDriver>> PortAudioDriver::open(std::int64_t sample_rate_hz, std::int64_t block_frames) {
  auto state = std::make_unique<State>();
  if (state->library.fault() != paNoError) return failed("PortAudio cannot start", state->library.fault());
  const PaDeviceIndex index = Pa_GetDefaultOutputDevice();
  if (index == paNoDevice) return std::unique_ptr<PortAudioDriver>();
  const PaDeviceInfo& device = *Pa_GetDeviceInfo(index);
  PaStreamParameters output{};
  output.device = index;
  output.channelCount = 2;
  output.sampleFormat = paFloat32;
  output.suggestedLatency = device.defaultLowOutputLatency;

  const Hush hush;
  auto rate = static_cast<double>(sample_rate_hz);
  if (Pa_IsFormatSupported(nullptr, &output, rate) != paFormatIsSupported) rate = device.defaultSampleRate;
  const PaError fault = Pa_OpenStream(&state->stream, nullptr, &output, rate, static_cast<unsigned long>(block_frames),
                                      paClipOff | paDitherOff, &State::on_block, state.get());
  if (fault != paNoError) return failed(std::string("the output device '") + device.name + "' cannot be opened", fault);
  const PaStreamInfo& info = *Pa_GetStreamInfo(state->stream);
  state->effective = {.driver = engine::Driver::portaudio,
                      .device = std::string(device.name).substr(0, 256),
                      .sample_rate_hz = std::llround(info.sampleRate),
                      .block_frames = block_frames,
                      .output_latency_frames = std::max<std::int64_t>(0, std::llround(info.outputLatency * info.sampleRate))};
  return std::unique_ptr<PortAudioDriver>(new PortAudioDriver(std::move(state)));
}

const engine::Effective& PortAudioDriver::effective() const noexcept {
  return state_->effective;
}

Result<void> PortAudioDriver::start(AudioCallback& callback) {
  state_->callback = &callback;
  state_->seen_at = Clock::now();
  const Hush hush;
  if (const PaError fault = Pa_StartStream(state_->stream); fault != paNoError)
    return failed("the output device '" + state_->effective.device + "' cannot be started", fault);
  state_->running = true;
  return {};
}

void PortAudioDriver::stop() {
  if (!state_->running) return;
  state_->running = false;
  const Hush hush;
  Pa_AbortStream(state_->stream);
}

std::optional<std::string> PortAudioDriver::fault() {
  if (!state_->running) return std::nullopt;
  if (Pa_IsStreamActive(state_->stream) != 1) return "the output device '" + state_->effective.device + "' is gone";
  const std::uint64_t calls = state_->calls.load(std::memory_order_relaxed);
  const auto now = Clock::now();
  if (calls != state_->calls_seen) {
    state_->calls_seen = calls;
    state_->seen_at = now;
  } else if (now - state_->seen_at > kStandstill) {
    return "the output device '" + state_->effective.device + "' stands still";
  }
  return std::nullopt;
}

}  // namespace loophole::reference_signal
