#include "plugins/side_work.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include "audio/foreign_code.hpp"
#include "plugins/plugin_words.hpp"

namespace loophole::reference_signal {
namespace {

constexpr std::chrono::milliseconds kSoon{1};
constexpr std::chrono::milliseconds kIdle{10};
constexpr int kBusyRounds = 200;  // after the last request

}  // namespace

bool SideWork::Ring::put(std::uint32_t size, const void* data) noexcept LOOPHOLE_NONBLOCKING {
  if (size > kBytes - sizeof size) return false;
  // Size and bytes go at once: the other side must never find half a message and wait for the rest.
  std::memcpy(outgoing_.data(), &size, sizeof size);
  if (size > 0) std::memcpy(outgoing_.data() + sizeof size, data, size);
  return ring_.push_all(std::span(outgoing_).first(sizeof size + size));
}

bool SideWork::Ring::take(std::uint32_t& size, const std::byte*& data) noexcept LOOPHOLE_NONBLOCKING {
  if (ring_.pop_some(std::span(incoming_).first(sizeof size)) == 0) return false;
  std::memcpy(&size, incoming_.data(), sizeof size);
  ring_.pop_some(std::span(incoming_).first(size));
  data = incoming_.data();
  return true;
}

void SideWork::begin(LV2_Handle plugin, const LV2_Worker_Interface* interface, Where where) {
  plugin_ = plugin;
  interface_ = interface;
  if (where == Where::beside && interface_ != nullptr && interface_->work != nullptr) thread_ = std::thread([this] { work(); });
}

void SideWork::end() {
  ending_ = true;
  if (thread_.joinable()) thread_.join();
}

void SideWork::work() {
  const PluginWords::At at(node_);
  int busy = 0;
  while (!ending_) {
    std::uint32_t size = 0;
    const std::byte* data = nullptr;
    if (!requests_.take(size, data)) {
      busy = std::max(0, busy - 1);
      std::this_thread::sleep_for(busy > 0 ? kSoon : kIdle);
      continue;
    }
    busy = kBusyRounds;
    interface_->work(
        plugin_,
        [](LV2_Worker_Respond_Handle self, std::uint32_t length, const void* answer) {
          return static_cast<SideWork*>(self)->answers_.put(length, answer) ? LV2_WORKER_SUCCESS : LV2_WORKER_ERR_NO_SPACE;
        },
        this, size, data);
  }
}

LV2_Worker_Status SideWork::do_now(std::uint32_t size, const void* data) {
  if (interface_ == nullptr || interface_->work == nullptr) return LV2_WORKER_ERR_UNKNOWN;
  return interface_->work(
      plugin_,
      [](LV2_Worker_Respond_Handle handle, std::uint32_t length, const void* answer) {
        const auto* self = static_cast<SideWork*>(handle);
        return self->interface_->work_response == nullptr ? LV2_WORKER_SUCCESS
                                                          : self->interface_->work_response(self->plugin_, length, answer);
      },
      this, size, data);
}

void SideWork::answer() noexcept LOOPHOLE_NONBLOCKING {
  if (interface_ == nullptr) return;
  std::uint32_t size = 0;
  const std::byte* data = nullptr;
  while (answers_.take(size, data))
    if (interface_->work_response != nullptr) LOOPHOLE_FOREIGN_CODE(interface_->work_response(plugin_, size, data);)
  if (interface_->end_run != nullptr) LOOPHOLE_FOREIGN_CODE(interface_->end_run(plugin_);)
}

}  // namespace loophole::reference_signal
