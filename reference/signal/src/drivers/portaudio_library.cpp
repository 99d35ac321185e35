#include "drivers/portaudio_library.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>
#include <string_view>

#include "drivers/jack_loss.hpp"

namespace loophole::reference_signal {
namespace {

constexpr std::array<std::int64_t, 8> kUsualRates{8'000, 22'050, 32'000, 44'100, 48'000, 88'200, 96'000, 192'000};
constexpr std::size_t kMostDevices = 1024;
constexpr std::size_t kMostName = 256;
constexpr std::size_t kMostId = 240;  // room for a number behind it
constexpr std::size_t kMostHostApi = 64;

constexpr std::string_view kComplaint = "Expression '";
constexpr std::string_view kWithoutLock = "Expression 'PaAlsaStream_HandleXrun(";  // the others come while a mutex is held

struct Listener {
  std::mutex mutex;
  int users = 0;
  std::FILE* kept = nullptr;
  std::FILE* stream = nullptr;
  std::atomic<int> hushed{0};
  std::atomic<bool> dooming{false};
  std::atomic<pthread_t> doomed{};
};
Listener& listener() {
  static Listener state;
  return state;
}

// Not noexcept: a thread that is cancelled unwinds through here.
ssize_t hear(void*, const char* text, std::size_t size) {
  Listener& state = listener();
  const std::string_view said(text, size);
  if (state.dooming && said.starts_with(kWithoutLock) && pthread_equal(state.doomed, pthread_self()) != 0) {
    int before = 0;
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &before);
    pthread_testcancel();
    pthread_setcancelstate(before, nullptr);  // not cancelled yet: the next complaint may come while a mutex is held
  }
  if (state.hushed > 0 || said.starts_with(kComplaint)) return static_cast<ssize_t>(size);
  return ::write(STDERR_FILENO, text, size);
}

void listen() {
  Listener& state = listener();
  const std::lock_guard guard(state.mutex);
  if (state.users++ > 0) return;
  if (state.stream == nullptr) {
    state.stream = fopencookie(nullptr, "w", {.read = nullptr, .write = hear, .seek = nullptr, .close = nullptr});
    if (state.stream != nullptr) std::setvbuf(state.stream, nullptr, _IONBF, 0);
  }
  state.kept = stderr;
  if (state.stream != nullptr) stderr = state.stream;
}

void listen_no_more() {
  Listener& state = listener();
  const std::lock_guard guard(state.mutex);
  if (--state.users == 0) stderr = state.kept;
}

// Length of the UTF-8 sequence at the begin of `text`; 0: there is none.
std::size_t sequence_at(const unsigned char* text) {
  if (*text < 0x80) return 1;
  const std::size_t length = *text >= 0xF0 && *text <= 0xF4 ? 4 : *text >= 0xE0 && *text < 0xF0 ? 3 : *text >= 0xC2 && *text < 0xE0 ? 2 : 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((text[i] & 0xC0U) != 0x80) return 0;
  const bool overlong = (*text == 0xE0 && text[1] < 0xA0) || (*text == 0xF0 && text[1] < 0x90);
  const bool beyond = (*text == 0xED && text[1] > 0x9F) || (*text == 0xF4 && text[1] > 0x8F);
  return length > 0 && (overlong || beyond) ? 0 : length;
}

// Under the lock: by id. A device that plays cannot be asked for its rates; what it said before is remembered.
std::map<std::string, std::vector<std::int64_t>>& known_rates() {
  static std::map<std::string, std::vector<std::int64_t>> known;
  return known;
}
std::string& playing_device() {
  static std::string id;
  return id;
}

std::vector<std::int64_t> rates_of(PaDeviceIndex index, const PaDeviceInfo& info) {
  PaStreamParameters output{};
  output.device = index;
  output.channelCount = std::min(2, info.maxOutputChannels);
  output.sampleFormat = paFloat32;
  output.suggestedLatency = info.defaultLowOutputLatency;
  std::set<std::int64_t> rates;
  for (const std::int64_t rate : kUsualRates)
    if (Pa_IsFormatSupported(nullptr, &output, static_cast<double>(rate)) == paFormatIsSupported) rates.insert(rate);
  if (const std::int64_t own = std::llround(info.defaultSampleRate); own >= 8'000 && own <= 384'000) rates.insert(own);
  return {rates.begin(), rates.end()};
}

}  // namespace

Error portaudio_failed(const std::string& what, PaError fault) {
  std::string words = Pa_GetErrorText(fault);
  if (fault == paUnanticipatedHostError)
    if (const PaHostErrorInfo* host = Pa_GetLastHostErrorInfo(); host != nullptr && host->errorText != nullptr)
      words += std::string(" (") + readable(host->errorText, kMostName) + ")";
  return make_error(errors::kEngineDriverFailed, what + ": " + words);
}

Hush::Hush() {
  listen();
  ++listener().hushed;
}
Hush::~Hush() {
  --listener().hushed;
  listen_no_more();
}

ComplaintFilter::ComplaintFilter() {
  listen();
}
ComplaintFilter::~ComplaintFilter() {
  listen_no_more();
}
void ComplaintFilter::doom(pthread_t thread) noexcept {
  listener().doomed = thread;
  listener().dooming = true;
}
void ComplaintFilter::pardon() noexcept {
  listener().dooming = false;
}

std::unique_lock<std::mutex> PortAudioLibrary::lock() {
  static std::mutex mutex;
  return std::unique_lock(mutex);
}

PortAudioLibrary::PortAudioLibrary() {
  const Hush hush;
  const JackClientOfPortAudio client;
  fault_ = Pa_Initialize();
}

PortAudioLibrary::~PortAudioLibrary() {
  const Hush hush;
  if (fault_ == paNoError) Pa_Terminate();
}

std::vector<PortAudioLibrary::Output> PortAudioLibrary::outputs() const {
  std::vector<Output> outputs;
  std::map<std::string, int> seen;
  for (PaDeviceIndex index = 0; index < Pa_GetDeviceCount() && outputs.size() < kMostDevices; ++index) {
    const PaDeviceInfo* info = Pa_GetDeviceInfo(index);
    if (info == nullptr || info->maxOutputChannels < 1) continue;
    std::string name = readable(info->name, kMostName);
    if (name.empty()) name = "device";
    std::string id = device_id_of(readable(Pa_GetHostApiInfo(info->hostApi)->name, kMostHostApi), name);
    if (const int times = ++seen[id]; times > 1) id += "-" + std::to_string(times);
    outputs.push_back({.index = index, .id = DeviceId(id), .name = std::move(name)});
  }
  return outputs;
}

Result<std::vector<device::Device>> PortAudioLibrary::devices() {
  const auto locked = lock();
  const PortAudioLibrary library;
  if (library.fault() != paNoError) return portaudio_failed("PortAudio cannot start", library.fault());
  const Hush hush;
  std::vector<device::Device> devices;
  const PaDeviceIndex preferred = Pa_GetDefaultOutputDevice();
  for (const Output& output : library.outputs()) {
    const PaDeviceInfo& info = *Pa_GetDeviceInfo(output.index);
    std::vector<std::int64_t>& rates = known_rates()[output.id.str()];
    if (output.id.str() != playing_device()) rates = rates_of(output.index, info);
    devices.push_back({.id = output.id,
                       .name = output.name,
                       .host_api = readable(Pa_GetHostApiInfo(info.hostApi)->name, kMostHostApi),
                       .output_channels = std::min(info.maxOutputChannels, 4096),
                       .sample_rates_hz = rates,
                       .is_default = output.index == preferred});
  }
  return devices;
}

void PortAudioLibrary::about_to_play(const Output& output) {
  known_rates()[output.id.str()] = rates_of(output.index, *Pa_GetDeviceInfo(output.index));
  playing_device() = output.id.str();
}

void PortAudioLibrary::plays_no_more() {
  playing_device().clear();
}

std::string device_id_of(const std::string& host_api, const std::string& name) {
  const auto words = [](std::string_view text) {
    std::string slug;
    for (const char letter : text) {
      const auto byte = static_cast<unsigned char>(letter);
      const bool keep = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || byte >= 0x80;
      if (letter >= 'A' && letter <= 'Z')
        slug += static_cast<char>(letter - 'A' + 'a');
      else if (keep)
        slug += letter;
      else if (!slug.empty() && slug.back() != '-')
        slug += '-';
    }
    while (!slug.empty() && slug.back() == '-') slug.pop_back();
    return slug.empty() ? std::string("device") : slug;
  };
  const std::size_t number = name.rfind(" (hw:");
  const std::string plain = number != std::string::npos && number > 0 ? name.substr(0, number) : name;
  return readable((words(host_api) + "/" + words(plain)).c_str(), kMostId);
}

std::string readable(const char* text, std::size_t most_bytes) {
  std::string good;
  const auto* byte = reinterpret_cast<const unsigned char*>(text);
  while (*byte != 0) {
    const std::size_t length = sequence_at(byte);
    if (good.size() + std::max<std::size_t>(1, length) > most_bytes) break;
    if (length == 0)
      good += '?';
    else
      good.append(reinterpret_cast<const char*>(byte), length);
    byte += std::max<std::size_t>(1, length);
  }
  return good;
}

}  // namespace loophole::reference_signal
