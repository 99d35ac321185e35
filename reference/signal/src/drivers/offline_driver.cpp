#include "drivers/offline_driver.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>

#include "loophole/core/clock.hpp"

namespace loophole::reference_signal {
namespace {

constexpr std::size_t kWriteSamples = 32'768;       // at once
constexpr std::chrono::milliseconds kIdle{1};       // between two looks at a transport that stands
constexpr std::chrono::microseconds kReading{200};  // and at files that are read

}  // namespace

OfflineDriver::OfflineDriver(std::int64_t sample_rate_hz, std::int64_t block_frames, std::unique_ptr<WavFile> file,
                             std::uint64_t most_frames)
    : effective_{.driver = engine::Driver::offline,
                 .device = {},
                 .sample_rate_hz = sample_rate_hz,
                 .block_frames = block_frames,
                 .output_latency_frames = 0},
      file_(std::move(file)),
      most_frames_(most_frames),
      block_(static_cast<std::size_t>(block_frames) * 2) {}

OfflineDriver::~OfflineDriver() {
  stop();
}

Result<void> OfflineDriver::start(AudioCallback& callback) {
  if (thread_.joinable()) return {};
  running_ = true;
  try {
    thread_ = std::thread([this, &callback] { run(callback); });
  } catch (const std::system_error& fault) {
    return make_error(errors::kEngineDriverFailed, std::string("the driver offline cannot start its thread: ") + fault.what());
  }
  return {};
}

void OfflineDriver::stop() {
  running_ = false;
  if (thread_.joinable()) thread_.join();
}

std::optional<std::string> OfflineDriver::fault() {
  const std::lock_guard lock(mutex_);
  return fault_;
}

void OfflineDriver::run(AudioCallback& callback) {
  std::uint64_t left = most_frames_;
  bool renders = false;
  while (running_) {
    const bool playing = callback.take_due(renders);
    if (!playing) left = most_frames_;
    renders = playing && left > 0;
    if (renders) {
      const std::uint64_t rendered = render(callback, left);
      left -= rendered;
      if (rendered == 0) std::this_thread::sleep_for(kReading);
      continue;
    }
    flush();
    finished_.store(playing, std::memory_order_release);
    std::this_thread::sleep_for(kIdle);
  }
  flush();
}

std::uint64_t OfflineDriver::render(AudioCallback& callback, std::uint64_t most) {
  const std::uint64_t frames = std::min<std::uint64_t>(block_.size() / 2, most);
  const std::span<float> block = std::span(block_).first(static_cast<std::size_t>(frames) * 2);
  if (!callback.render_complete(block, monotonic_ns())) return 0;
  unwritten_.insert(unwritten_.end(), block.begin(), block.end());
  if (unwritten_.size() >= kWriteSamples) flush();
  return frames;
}

void OfflineDriver::flush() {
  if (unwritten_.empty()) return;
  const std::size_t frames = unwritten_.size() / 2;
  const bool written = file_->write(unwritten_) == frames;
  unwritten_.clear();
  if (written) return;
  const std::lock_guard lock(mutex_);
  if (!fault_) fault_ = "'" + file_->name() + "' is no longer written: " + file_->fault();
}

}  // namespace loophole::reference_signal
