#pragma once
// SideWork: what a plugin does beside the audio thread, such as reading a file (LV2 worker). The plugin asks for it in run(), a thread of
// its own does it, and the plugin hears the outcome at the end of a later run().
//
//   audio thread   run: schedule --requests--+        run; answers --> work_response, end_run
//   side thread                              +--> work: respond --answers--+
//
// The audio thread must not wake anybody, so the side thread looks for requests. When it is heard of is a matter of luck, then. Offline
// the plugin asks at_once() in run() as well, so that the same graph always makes the same sound.

#include <lv2/worker/worker.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "loophole/signal/rt/nonblocking.hpp"
#include "loophole/signal/rt/spsc_ring.hpp"

namespace loophole::reference_signal {

class SideWork {
 public:
  // Requests and answers that wait; what finds no room is refused to the plugin.
  static constexpr std::size_t kBytes = std::size_t{1} << 18U;

  explicit SideWork(std::string node) : node_(std::move(node)) {}
  ~SideWork() { end(); }
  SideWork(const SideWork&) = delete;
  SideWork& operator=(const SideWork&) = delete;

  // For LV2_WORKER__schedule.
  [[nodiscard]] LV2_Worker_Schedule* schedule() noexcept { return &schedule_; }
  // The same where nobody waits for the audio, or the plugin does not run: done at once, on the calling thread.
  [[nodiscard]] LV2_Worker_Schedule* at_once() noexcept { return &at_once_; }

  // [plugin-thread] Before the first run.
  enum class Where : std::uint8_t { beside, in_run };
  void begin(LV2_Handle plugin, const LV2_Worker_Interface* interface, Where where);
  // [plugin-thread] After the last run; waits for what is being done.
  void end();
  // [audio-thread] At the end of run().
  void answer() noexcept LOOPHOLE_NONBLOCKING;

 private:
  // A message in a ring: its size, then its bytes.
  class Ring {
   public:
    Ring() : ring_(kBytes), outgoing_(kBytes), incoming_(kBytes) {}
    // False: no room.
    [[nodiscard]] bool put(std::uint32_t size, const void* data) noexcept LOOPHOLE_NONBLOCKING;
    // False: there is none. The bytes stay until the next take.
    [[nodiscard]] bool take(std::uint32_t& size, const std::byte*& data) noexcept LOOPHOLE_NONBLOCKING;

   private:
    signal::rt::SpscRing<std::byte> ring_;
    std::vector<std::byte> outgoing_;  // of the putting side
    std::vector<std::byte> incoming_;  // of the taking side
  };
  void work();
  LV2_Worker_Status do_now(std::uint32_t size, const void* data);

  std::string node_;
  LV2_Handle plugin_ = nullptr;
  const LV2_Worker_Interface* interface_ = nullptr;
  Ring requests_;
  Ring answers_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
  LV2_Worker_Schedule schedule_{this, [](LV2_Worker_Schedule_Handle self, std::uint32_t size, const void* data) {
                                  return static_cast<SideWork*>(self)->requests_.put(size, data) ? LV2_WORKER_SUCCESS
                                                                                                 : LV2_WORKER_ERR_NO_SPACE;
                                }};
  LV2_Worker_Schedule at_once_{this, [](LV2_Worker_Schedule_Handle self, std::uint32_t size, const void* data) {
                                 return static_cast<SideWork*>(self)->do_now(size, data);
                               }};
};

}  // namespace loophole::reference_signal
