#include "plugins/plugin_thread.hpp"

#include <memory>
#include <utility>

namespace loophole::reference_signal {

bool Patience::call(std::function<void()> call) {
  struct Watch {
    std::mutex mutex;
    std::condition_variable wake;
    bool returned = false;
  };
  const auto watch = std::make_shared<Watch>();
  std::thread thread([watch, call = std::move(call)]() mutable {
    call();
    call = nullptr;  // what it owned goes before anybody is told
    const std::lock_guard lock(watch->mutex);
    watch->returned = true;
    watch->wake.notify_all();
  });
  std::unique_lock lock(watch->mutex);
  if (watch->wake.wait_for(lock, most_, [&] { return watch->returned; })) {
    lock.unlock();
    thread.join();
    return true;
  }
  thread.detach();
  left_behind_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

PluginThread::PluginThread() : thread_([this] { work(); }) {}

void PluginThread::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return ending_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
  }
}

void PluginThread::finish() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool PluginThread::post(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_) return false;
    tasks_.push_back(std::move(task));
  }
  wake_.notify_all();
  return true;
}

}  // namespace loophole::reference_signal
