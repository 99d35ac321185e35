#include "clips/clip_file.hpp"

namespace loophole::reference_signal {

ClipFile::~ClipFile() {
  for (Slot& slot : slots_) delete reinterpret_cast<const ClipPage*>(slot.page.load(std::memory_order_acquire) & ~kHeld);
}

void ClipFile::put(std::uint64_t page, std::unique_ptr<const ClipPage> samples) noexcept {
  slots_[page].page.store(reinterpret_cast<std::uintptr_t>(samples.release()), std::memory_order_release);
}

std::unique_ptr<const ClipPage> ClipFile::take(std::uint64_t page) noexcept {
  std::uintptr_t there = slots_[page].page.load(std::memory_order_relaxed) & ~kHeld;
  if (!slots_[page].page.compare_exchange_strong(there, 0, std::memory_order_seq_cst)) return nullptr;
  return std::unique_ptr<const ClipPage>(reinterpret_cast<const ClipPage*>(there));
}

bool ClipFile::hold(std::uint64_t page) noexcept {
  std::uintptr_t there = slots_[page].page.load(std::memory_order_acquire);
  while (there != 0)
    if (slots_[page].page.compare_exchange_weak(there, there | kHeld, std::memory_order_acq_rel)) return true;
  return false;
}

}  // namespace loophole::reference_signal
