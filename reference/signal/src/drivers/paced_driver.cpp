#include "drivers/paced_driver.hpp"

#include <pthread.h>
#include <sched.h>

#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

#include "loophole/core/clock.hpp"

namespace loophole::reference_signal {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kGiveUp = kSecond / 5;  // later than this (the machine slept) is not caught up

void wait_until(std::uint64_t time_ns) {
  timespec until{};
  until.tv_sec = static_cast<time_t>(time_ns / kSecond);
  until.tv_nsec = static_cast<long>(time_ns % kSecond);
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

// Without the right to it (the usual case on a desktop) the thread runs like any other, and may be late under load.
void ask_for_priority() {
  sched_param parameters{};
  parameters.sched_priority = 70;
  static_cast<void>(pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters));
}

}  // namespace

PacedDriver::PacedDriver(std::int64_t sample_rate_hz, std::int64_t block_frames, std::optional<std::string> stands_in)
    : effective_{.driver = engine::Driver::paced,
                 .device = {},
                 .sample_rate_hz = sample_rate_hz,
                 .block_frames = block_frames,
                 .output_latency_frames = 0},
      stands_in_(std::move(stands_in)),
      block_(static_cast<std::size_t>(block_frames) * 2) {}

PacedDriver::~PacedDriver() {
  stop();
}

Result<void> PacedDriver::start(AudioCallback& callback) {
  if (thread_.joinable()) return {};
  running_.store(true);
  try {
    thread_ = std::thread([this, &callback] { run(callback); });
  } catch (const std::system_error& fault) {
    return make_error(errors::kEngineDriverFailed, std::string("the paced driver cannot start its thread: ") + fault.what());
  }
  pthread_setname_np(thread_.native_handle(), "audio");
  return {};
}

void PacedDriver::stop() {
  running_.store(false);
  if (thread_.joinable()) thread_.join();
}

void PacedDriver::run(AudioCallback& callback) {
  ask_for_priority();
  const auto rate = static_cast<std::uint64_t>(effective_.sample_rate_hz);
  const auto frames = static_cast<std::uint64_t>(effective_.block_frames);
  std::uint64_t begin = monotonic_ns();
  std::uint64_t blocks = 0;
  while (running_.load(std::memory_order_relaxed)) {
    // From the begin and the count, so that no rounding adds up.
    const auto due = [&] { return begin + blocks * frames / rate * kSecond + blocks * frames % rate * kSecond / rate; };
    wait_until(due());
    if (const std::uint64_t now = monotonic_ns(); now > due() + kGiveUp) {
      callback.xrun();
      begin = now;
      blocks = 0;
    }
    // When the block is due and not when this thread woke up: frames and time lie on one line until there is a gap.
    callback.render(block_, due());
    ++blocks;
  }
}

}  // namespace loophole::reference_signal
