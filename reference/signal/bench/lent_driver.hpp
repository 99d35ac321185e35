#pragma once
// A driver that leaves the callback to whoever has LentDrivers.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/reference_engine.hpp"

namespace loophole::bench {

inline constexpr std::uint32_t kLentRate = 48'000;
inline constexpr std::uint32_t kLentFrames = 128;

class LentDriver final : public reference_signal::AudioDriver {
 public:
  explicit LentDriver(reference_signal::AudioCallback*& lent) : lent_(lent) {}
  [[nodiscard]] const engine::Effective& effective() const noexcept override { return effective_; }
  [[nodiscard]] Result<void> start(reference_signal::AudioCallback& callback) override {
    lent_ = &callback;
    return {};
  }
  void stop() override {}
  [[nodiscard]] std::optional<std::string> fault() override { return std::nullopt; }

 private:
  engine::Effective effective_{
      .driver = engine::Driver::paced, .device = {}, .sample_rate_hz = kLentRate, .block_frames = kLentFrames, .output_latency_frames = 0};
  reference_signal::AudioCallback*& lent_;
};

class LentDrivers final : public reference_signal::Drivers {
 public:
  reference_signal::AudioCallback* callback = nullptr;
  [[nodiscard]] Result<std::unique_ptr<reference_signal::AudioDriver>> open(const reference_signal::DriverWish&) override {
    return std::unique_ptr<reference_signal::AudioDriver>(std::make_unique<LentDriver>(callback));
  }
  [[nodiscard]] Result<std::vector<device::Device>> devices() override { return std::vector<device::Device>{}; }
};

}  // namespace loophole::bench
