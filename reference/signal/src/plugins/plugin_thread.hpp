#pragma once
// PluginThread: where plugins are looked for, started, saved and ended, one task after the other, apart from the I/O and the audio thread.
// Patience: how long such a task waits for code of a plugin.
//
//   PluginThread      | task: patience.call(start the plugin) ........ true |  task: …
//   thread of a call            | instantiate | restore | activate |
//
//   PluginThread      | task: patience.call(start the plugin) ........ false after `most` |  task: …
//   thread of a call            | instantiate, for ever; nobody waits for it any more

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace loophole::reference_signal {

class Patience {
 public:
  explicit Patience(std::chrono::milliseconds most) : most_(most) {}

  // [plugin-thread] Runs `call` on a thread of its own. False: it did not return in time; the thread is left behind, and what `call`
  // refers to must belong to it.
  [[nodiscard]] bool call(std::function<void()> call);

  // [any-thread]
  [[nodiscard]] std::chrono::milliseconds most() const noexcept { return most_; }
  // [any-thread] Threads that were left behind since the start.
  [[nodiscard]] std::size_t left_behind() const noexcept { return left_behind_.load(std::memory_order_relaxed); }

 private:
  std::chrono::milliseconds most_;
  std::atomic<std::size_t> left_behind_{0};
};

class PluginThread {
 public:
  PluginThread();
  ~PluginThread() { finish(); }
  PluginThread(const PluginThread&) = delete;
  PluginThread& operator=(const PluginThread&) = delete;

  // [any-thread] False: it has finished, and the task is not done.
  [[nodiscard]] bool post(std::function<void()> task);
  // [owner-thread] Does what was posted until now, and ends.
  void finish();

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace loophole::reference_signal
