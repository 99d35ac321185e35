#include "drivers/device_watch.hpp"

#include <utility>

namespace loophole::reference_signal {

DeviceWatch::~DeviceWatch() {
  *alive_ = false;
  if (!worker_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  worker_.join();
}

void DeviceWatch::look(Found found) {
  ++under_way_;
  {
    const std::lock_guard lock(mutex_);
    asked_.push_back(std::move(found));
  }
  if (!worker_.joinable()) worker_ = std::thread([this] { work(); });
  wake_.notify_all();
}

void DeviceWatch::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || !asked_.empty(); });
    if (ending_) return;
    auto asked = std::make_shared<std::vector<Found>>(std::exchange(asked_, {}));
    lock.unlock();
    auto devices = std::make_shared<Result<std::vector<device::Device>>>(drivers_.devices());
    post_([this, still = alive_, asked, devices] {
      if (!*still) return;
      for (const Found& found : *asked) {
        --under_way_;
        found(*devices);
      }
    });
    asked.reset();
    devices.reset();
    lock.lock();
  }
}

}  // namespace loophole::reference_signal
