#pragma once
// DeviceWatch: looks for devices on a thread of its own, so that gestures and heartbeats go on meanwhile.

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "drivers/drivers.hpp"

namespace loophole::reference_signal {

class DeviceWatch {
 public:
  using Found = std::function<void(const Result<std::vector<device::Device>>&)>;
  // Runs a task on the I/O thread, soon; called from the watching thread.
  using Post = std::function<void(std::function<void()>)>;

  DeviceWatch(Drivers& drivers, Post post) : drivers_(drivers), post_(std::move(post)) {}
  ~DeviceWatch();  // waits for a look that is under way
  DeviceWatch(const DeviceWatch&) = delete;
  DeviceWatch& operator=(const DeviceWatch&) = delete;

  // [io-thread] Calls `found` on the I/O thread with what is there now: of a look that begins after this call.
  void look(Found found);
  // [io-thread]
  [[nodiscard]] bool looking() const noexcept { return under_way_ > 0; }

 private:
  void work();

  Drivers& drivers_;
  Post post_;
  int under_way_ = 0;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Found> asked_;
  bool ending_ = false;
  std::thread worker_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace loophole::reference_signal
