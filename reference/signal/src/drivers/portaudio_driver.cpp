#include "drivers/portaudio_driver.hpp"

#include <portaudio.h>
#include <pthread.h>
#if __has_include(<pa_linux_alsa.h>)
#include <pa_linux_alsa.h>
#endif

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>

#include "drivers/block_clock.hpp"
#include "drivers/jack_loss.hpp"
#include "drivers/portaudio_library.hpp"
#include "loophole/core/clock.hpp"

namespace loophole::reference_signal {
namespace {

constexpr std::chrono::seconds kStandstill{2};

Error not_found(const DeviceId& id) {
  Error error = make_error(errors::kDeviceNotFound, "there is no output device '" + id.str() + "'; device.list names those that there are");
  error.pointer = "/deviceId";
  return error;
}

}  // namespace

struct PortAudioDriver::State {
  std::optional<PortAudioLibrary> library;
  PaStream* stream = nullptr;
  engine::Effective effective;
  DeviceId device;
  AudioCallback* callback = nullptr;
  std::atomic<std::uint64_t> calls{0};
  std::uint64_t calls_seen = 0;
  Clock::time_point seen_at{};
  bool running = false;
  std::atomic<pthread_t> thread{};        // that calls back
  std::atomic<bool> rendering{false};     // it is in the callback
  std::optional<BlockClock> clock;        // its
  std::optional<ComplaintFilter> filter;  // while it runs

  ~State() {
    if (!library) return;
    const auto locked = PortAudioLibrary::lock();
    const Hush hush;
    const JackReminder reminder;
    if (stream != nullptr) {
      Pa_CloseStream(stream);
      PortAudioLibrary::plays_no_more();
    }
    library.reset();
  }

  // Under the lock of the library.
  Result<void> open(const PortAudioLibrary::Output& device_of_library, const DriverWish& wish);

  static int on_block(const void*, void* output, unsigned long frames, const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags flags,
                      void* user) {
    auto& state = *static_cast<State*>(user);
    state.rendering.store(true, std::memory_order_relaxed);
    const std::uint64_t calls = state.calls.fetch_add(1, std::memory_order_relaxed);
    if (calls == 0) state.thread.store(pthread_self(), std::memory_order_relaxed);
    // Before the first block there was no sound that could have had a gap.
    if ((flags & paOutputUnderflow) != 0 && calls > 0) {
      state.callback->xrun();
      state.clock->reset();
    }
    state.callback->render({static_cast<float*>(output), std::size_t{frames} * 2}, state.clock->next(monotonic_ns()));
    state.rendering.store(false, std::memory_order_release);
    return paContinue;
  }
};

Result<void> PortAudioDriver::State::open(const PortAudioLibrary::Output& found, const DriverWish& wish) {
  const PaDeviceInfo& info = *Pa_GetDeviceInfo(found.index);
  PaStreamParameters output{};
  output.device = found.index;
  output.channelCount = 2;
  output.sampleFormat = paFloat32;
  output.suggestedLatency = info.defaultLowOutputLatency;
  const Hush hush;
  const JackReminder reminder;
  PortAudioLibrary::about_to_play(found);
  auto rate = static_cast<double>(wish.sample_rate_hz);
  if (Pa_IsFormatSupported(nullptr, &output, rate) != paFormatIsSupported) rate = info.defaultSampleRate;
  const PaError fault = Pa_OpenStream(&stream, nullptr, &output, rate, static_cast<unsigned long>(wish.block_frames),
                                      paClipOff | paDitherOff, &State::on_block, this);
  if (fault != paNoError) {
    PortAudioLibrary::plays_no_more();
    return portaudio_failed("the output device '" + found.name + "' cannot be opened", fault);
  }
#if __has_include(<pa_linux_alsa.h>)
  // The audio thread asks for SCHED_FIFO, and runs like any other where it may not. JACK's has it from the server.
  if (Pa_GetHostApiInfo(info.hostApi)->type == paALSA) PaAlsa_EnableRealtimeScheduling(stream, 1);
#endif
  const PaStreamInfo& opened = *Pa_GetStreamInfo(stream);
  device = found.id;
  effective = {.driver = engine::Driver::portaudio,
               .device = found.name,
               .sample_rate_hz = std::llround(opened.sampleRate),
               .block_frames = wish.block_frames,
               .output_latency_frames = std::max<std::int64_t>(0, std::llround(opened.outputLatency * opened.sampleRate))};
  return {};
}

PortAudioDriver::PortAudioDriver(std::unique_ptr<State> state) : state_(std::move(state)) {}

PortAudioDriver::~PortAudioDriver() {
  stop();
}

Result<std::unique_ptr<PortAudioDriver>> PortAudioDriver::open(const DriverWish& wish) {
  auto state = std::make_unique<State>();
  // Unlocked before the state is destroyed, which takes the lock itself.
  const auto opened = [&]() -> Result<bool> {
    const auto locked = PortAudioLibrary::lock();
    state->library.emplace();
    if (state->library->fault() != paNoError) return portaudio_failed("PortAudio cannot start", state->library->fault());
    const PaDeviceIndex preferred = Pa_GetDefaultOutputDevice();
    const auto outputs = state->library->outputs();
    const auto found = std::find_if(outputs.begin(), outputs.end(), [&](const PortAudioLibrary::Output& output) {
      return wish.device ? output.id == *wish.device : output.index == preferred;
    });
    if (found == outputs.end() && wish.device) return not_found(*wish.device);
    if (found == outputs.end()) return false;
    if (auto done = state->open(*found, wish); !done) return std::move(done).error();
    return true;
  }();
  if (!opened) return opened.error();
  if (!*opened) return std::unique_ptr<PortAudioDriver>();
  return std::unique_ptr<PortAudioDriver>(new PortAudioDriver(std::move(state)));
}

const engine::Effective& PortAudioDriver::effective() const noexcept {
  return state_->effective;
}

std::optional<DeviceId> PortAudioDriver::device() const {
  return state_->device;
}

Result<void> PortAudioDriver::start(AudioCallback& callback) {
  state_->callback = &callback;
  state_->calls = 0;
  state_->calls_seen = 0;
  state_->seen_at = Clock::now();
  state_->clock.emplace(state_->effective.sample_rate_hz, state_->effective.block_frames);
  const Hush hush;
  const JackReminder reminder;
  if (const PaError fault = Pa_StartStream(state_->stream); fault != paNoError)
    return portaudio_failed("the output device '" + state_->effective.device + "' cannot be started", fault);
  state_->running = true;
  state_->filter.emplace();
  return {};
}

void PortAudioDriver::stop() {
  if (!state_->running) return;
  state_->running = false;
  {
    const Hush hush;
    const JackReminder reminder;
    if (state_->calls > 0) ComplaintFilter::doom(state_->thread);
    Pa_AbortStream(state_->stream);
    ComplaintFilter::pardon();
    // PortAudio waits for it, but not where the server of JACK has ended.
    while (state_->rendering.load(std::memory_order_acquire)) std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  state_->filter.reset();
}

std::optional<std::string> PortAudioDriver::fault() {
  if (!state_->running) return std::nullopt;
  if (Pa_IsStreamActive(state_->stream) != 1) return "the output device '" + state_->effective.device + "' is gone";
  const std::uint64_t calls = state_->calls.load(std::memory_order_relaxed);
  const auto now = Clock::now();
  if (calls != state_->calls_seen) {
    state_->calls_seen = calls;
    state_->seen_at = now;
    return std::nullopt;
  }
  // A callback that does not come back is none of the device's: the engine watches that itself.
  if (state_->rendering.load(std::memory_order_relaxed)) state_->seen_at = now;
  if (now - state_->seen_at > kStandstill) return "the output device '" + state_->effective.device + "' stands still";
  return std::nullopt;
}

}  // namespace loophole::reference_signal
