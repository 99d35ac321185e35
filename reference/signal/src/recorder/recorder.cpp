#include "recorder/recorder.hpp"

#include <sndfile.h>
#include <spdlog/spdlog.h>

#include <array>
#include <chrono>
#include <system_error>

namespace loophole::reference_signal {
namespace {

constexpr int kFormat = SF_FORMAT_WAV | SF_FORMAT_FLOAT;
constexpr std::chrono::milliseconds kWriteInterval{50};
constexpr std::int64_t kTapSeconds = 4;                // what a slow disk may take
constexpr sf_count_t kMostFrames = 0xffff'0000LL / 8;  // a WAV file ends at 4 GiB: 3 hours at 48 kHz

Error refused(const std::filesystem::path& file, const std::string& why) {
  return make_error(errors::kEngineDriverFailed, "cannot record to '" + file.string() + "': " + why);
}

}  // namespace

struct Recorder::File {
  SNDFILE* handle = nullptr;
  std::string name;
  sf_count_t frames = 0;
  bool told = false;
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (handle != nullptr) sf_close(handle);
  }
};

Result<std::unique_ptr<Recorder>> Recorder::open(const std::filesystem::path& path, std::int64_t sample_rate_hz) {
  std::error_code fault;
  const bool has_content = std::filesystem::exists(path, fault) && std::filesystem::file_size(path, fault) > 0;
  SF_INFO info{};
  if (!has_content) {
    info.samplerate = static_cast<int>(sample_rate_hz);
    info.channels = 2;
    info.format = kFormat;
  }
  auto file = std::make_unique<File>();
  file->name = path.string();
  file->handle = sf_open(path.c_str(), has_content ? SFM_RDWR : SFM_WRITE, &info);
  if (file->handle == nullptr) return refused(path, sf_strerror(nullptr));
  if ((info.format & (SF_FORMAT_TYPEMASK | SF_FORMAT_SUBMASK)) != kFormat || info.channels != 2)
    return refused(path, "there is another file of this name, which is no stereo WAV of 32-bit float; choose another name or remove it");
  if (info.samplerate != sample_rate_hz)
    return refused(path, "the recording there has " + std::to_string(info.samplerate) + " Hz and the engine " +
                             std::to_string(sample_rate_hz) + " Hz; choose another name or remove it");
  sf_command(file->handle, SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE);
  sf_command(file->handle, SFC_SET_UPDATE_HEADER_AUTO, nullptr, SF_TRUE);
  if (has_content)
    file->frames = sf_seek(file->handle, 0, SEEK_END | SFM_WRITE);
  else
    sf_command(file->handle, SFC_UPDATE_HEADER_NOW, nullptr, 0);
  if (file->frames < 0) return refused(path, sf_strerror(file->handle));
  std::unique_ptr<Recorder> recorder(new Recorder(std::move(file), sample_rate_hz));
  try {
    recorder->thread_ = std::thread([raw = recorder.get()] { raw->run(); });
  } catch (const std::system_error& no_thread) {
    return refused(path, no_thread.what());
  }
  return recorder;
}

Recorder::Recorder(std::unique_ptr<File> file, std::int64_t sample_rate_hz)
    : file_(std::move(file)),
      sample_rate_hz_(sample_rate_hz),
      tap_(std::make_shared<Tap>(static_cast<std::size_t>(sample_rate_hz * kTapSeconds) * 2)) {}

Recorder::~Recorder() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Recorder::run() {
  std::unique_lock lock(mutex_);
  // The audio thread may not wake anybody: look by the clock.
  while (!wake_.wait_for(lock, kWriteInterval, [this] { return ending_; })) {
    lock.unlock();
    write_what_is_there();
    lock.lock();
  }
  write_what_is_there();
}

void Recorder::write_what_is_there() {
  std::array<float, 16'384> samples;
  while (const std::size_t count = tap_->read(samples)) {
    const auto frames = static_cast<sf_count_t>(count / 2);
    const sf_count_t room = kMostFrames - file_->frames;
    const sf_count_t wanted = frames < room ? frames : room;
    const sf_count_t done = wanted > 0 ? sf_writef_float(file_->handle, samples.data(), wanted) : 0;
    file_->frames += done;
    written_frames_.fetch_add(static_cast<std::uint64_t>(done), std::memory_order_relaxed);
    if (done == frames) continue;
    unwritten_frames_.fetch_add(static_cast<std::uint64_t>(frames - done), std::memory_order_relaxed);
    if (std::exchange(file_->told, true)) continue;
    spdlog::error("the recording '{}' is no longer written: {}", file_->name,
                  wanted < frames ? "a WAV file cannot be longer than 4 GiB" : sf_strerror(file_->handle));
  }
}

}  // namespace loophole::reference_signal
