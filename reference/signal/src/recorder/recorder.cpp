#include "recorder/recorder.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <chrono>
#include <system_error>
#include <utility>

namespace loophole::reference_signal {
namespace {

constexpr std::chrono::milliseconds kWriteInterval{50};
constexpr std::int64_t kTapSeconds = 4;  // what a slow disk may take

}  // namespace

Result<std::unique_ptr<Recorder>> Recorder::open(const std::filesystem::path& path, std::int64_t sample_rate_hz) {
  auto file = WavFile::open_or_continue(path, sample_rate_hz);
  if (!file) return std::move(file).error();
  std::unique_ptr<Recorder> recorder(new Recorder(*std::move(file), sample_rate_hz));
  try {
    recorder->thread_ = std::thread([raw = recorder.get()] { raw->run(); });
  } catch (const std::system_error& no_thread) {
    return make_error(errors::kEngineDriverFailed, "cannot record to '" + path.string() + "': " + no_thread.what());
  }
  return recorder;
}

Recorder::Recorder(std::unique_ptr<WavFile> file, std::int64_t sample_rate_hz)
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
    const std::size_t frames = count / 2;
    const std::size_t done = file_->write(std::span(samples).first(count));
    written_frames_.fetch_add(done, std::memory_order_relaxed);
    if (done == frames) continue;
    unwritten_frames_.fetch_add(frames - done, std::memory_order_relaxed);
    if (!std::exchange(told_, true)) spdlog::error("the recording '{}' is no longer written: {}", file_->name(), file_->fault());
  }
}

}  // namespace loophole::reference_signal
