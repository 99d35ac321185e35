#pragma once
// For tests of the reference engine without sockets: an engine whose driver is the test itself.

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <numbers>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../transport/support.hpp"
#include "engine/reference_engine.hpp"
#include "graphs.hpp"
#include "loophole/signal/graph_check.hpp"
#include "loophole/transport/loop.hpp"

namespace loophole::test {

using reference_signal::AudioCallback;
using reference_signal::AudioDriver;
using reference_signal::ReferenceEngine;

using reference_signal::DriverWish;

// What the test and the drivers that it gives out share.
struct DriverDesk {
  AudioCallback* callback = nullptr;     // of the driver that runs
  std::optional<std::string> fault;      // of a driver with a device
  bool refuse = false;                   // drivers with a device
  std::optional<std::string> stands_in;  // of the next driver without a device
  int opened = 0;
  std::vector<device::Device> devices{{.id = DeviceId("test/one"),
                                       .name = "One",
                                       .host_api = "test",
                                       .output_channels = 2,
                                       .sample_rates_hz = {48'000},
                                       .is_default = true},
                                      {.id = DeviceId("test/two"),
                                       .name = "Two",
                                       .host_api = "test",
                                       .output_channels = 2,
                                       .sample_rates_hz = {44'100},
                                       .is_default = false}};
};

// Calls nobody by itself; the test renders through the desk's callback.
class TestDriver final : public AudioDriver {
 public:
  TestDriver(engine::Effective effective, std::optional<DeviceId> device, DriverDesk& desk)
      : effective_(std::move(effective)), device_(std::move(device)), desk_(desk) {}
  ~TestDriver() override { stop(); }
  const engine::Effective& effective() const noexcept override { return effective_; }
  std::optional<DeviceId> device() const override { return device_; }
  Result<void> start(AudioCallback& callback) override {
    CHECK(desk_.callback == nullptr);  // two drivers never run at once
    desk_.callback = callback_ = &callback;
    return {};
  }
  void stop() override {
    if (std::exchange(callback_, nullptr) != nullptr) desk_.callback = nullptr;
  }
  std::optional<std::string> stands_in() const override { return device_ ? std::nullopt : desk_.stands_in; }
  std::optional<std::string> fault() override { return device_ ? desk_.fault : std::nullopt; }

 private:
  engine::Effective effective_;
  std::optional<DeviceId> device_;
  DriverDesk& desk_;
  AudioCallback* callback_ = nullptr;
};

// Devices run at the first rate that they have.
class TestDrivers final : public reference_signal::Drivers {
 public:
  explicit TestDrivers(DriverDesk& desk) : desk_(desk) {}

  Result<std::unique_ptr<AudioDriver>> open(const DriverWish& wish) override {
    engine::Effective effective{.driver = wish.driver.value_or(engine::Driver::portaudio),
                                .device = {},
                                .sample_rate_hz = wish.sample_rate_hz,
                                .block_frames = wish.block_frames,
                                .output_latency_frames = 0};
    std::optional<DeviceId> id;
    if (effective.driver != engine::Driver::paced) {
      if (desk_.refuse) return make_error(errors::kEngineDriverFailed, "refused by the test");
      id = DeviceId("test/any");
      if (wish.device) {
        const auto found = std::ranges::find(desk_.devices, *wish.device, &device::Device::id);
        if (found == desk_.devices.end()) return make_error(errors::kDeviceNotFound, "the test has no such device");
        effective.sample_rate_hz = found->sample_rates_hz.front();
        effective.device = found->name;
        id = found->id;
      }
    }
    ++desk_.opened;
    return std::unique_ptr<AudioDriver>(std::make_unique<TestDriver>(std::move(effective), std::move(id), desk_));
  }

  Result<std::vector<device::Device>> devices() override { return desk_.devices; }

 private:
  DriverDesk& desk_;
};

// The state of the transport at a position, at 48 kHz and the tempo that an engine begins with.
inline engine::TransportState state_at(std::int64_t position_frames, bool playing) {
  return {.playing = playing,
          .position_frames = position_frames,
          .position_beats = static_cast<double>(position_frames) / 48'000 * 2,
          .tempo_bpm = 120,
          .loop = {}};
}

struct Stage {
  explicit Stage(reference_signal::ReferenceEngineOptions options = {})
      : engine(
            port,
            [this](std::function<void()> task) {
              ++posters;
              const std::lock_guard held(posting);
              --posters;
              loop.post(std::move(task));
            },
            std::move(options), drivers) {}

  Result<engine::Effective> configure(std::int64_t rate = 48'000, std::int64_t frames = 256, std::optional<DeviceId> device = {}) {
    std::optional<Result<engine::Effective>> answer;
    engine.configure({.sample_rate_hz = rate, .block_frames = frames, .driver = {}, .device_id = std::move(device)},
                     [&](Result<engine::Effective> effective) { answer.emplace(std::move(effective)); });
    REQUIRE_SOON(loop, answer.has_value());
    return *std::move(answer);
  }

  Result<signal::Engine::Ticket> replace(const graph::Graph& graph) {
    auto order = signal::check_graph(graph);
    if (!order) return std::move(order).error();
    std::optional<Result<signal::Engine::Ticket>> answer;
    engine.replace_graph(graph, *order, [&](Result<signal::Engine::Ticket> ticket) { answer.emplace(std::move(ticket)); });
    REQUIRE_SOON(loop, answer.has_value());
    return *std::move(answer);
  }

  using Origin = signal::rt::ParameterOrigin;
  void set(std::uint32_t handle, double value, Origin origin = Origin::committed) {
    const signal::rt::ParameterChange change{.handle = handle, .origin = origin, .value = value};
    port.parameters.push({&change, 1});
  }

  // Goes to the next block, as soon as what it plays from is in memory.
  void transport(const engine::TransportSet& change) {
    REQUIRE(engine.set_transport(change));
    REQUIRE_POLL((engine.tick(), !engine.renderer().holds_transport()));
  }
  void play(std::optional<std::int64_t> position = {}) {
    transport({.playing = true, .position_frames = position, .loop = {}, .tempo_bpm = {}});
  }
  void stop() { static_cast<void>(engine.set_transport({.playing = false, .position_frames = {}, .loop = {}, .tempo_bpm = {}})); }

  // Left channel of so many frames, rendered in blocks as soon as they are complete; `right` likewise.
  std::vector<float> render(std::size_t frames, std::size_t block = 256) {
    std::vector<float> left;
    right.clear();
    std::vector<float> out(block * 2);
    while (left.size() < frames) {
      REQUIRE(desk.callback != nullptr);
      static_cast<void>(desk.callback->take_due(true));
      time_ns = clock ? clock(rendered) : time_ns + 1;
      REQUIRE_POLL(desk.callback->render_complete(out, time_ns));
      rendered += block;
      for (std::size_t i = 0; i < block; ++i) {
        left.push_back(out[2 * i]);
        right.push_back(out[2 * i + 1]);
      }
      engine.tick();
    }
    return left;
  }

  double held(Handle handle) const {
    for (const auto& value : engine.held_values())
      if (value.handle == handle) return value.value;
    return std::nan("");
  }

  std::mutex posting;  // while it is held, threads of the engine wait that have something to say
  std::atomic<int> posters{0};
  net::Loop loop;
  signal::rt::AudioPort port;
  DriverDesk desk;
  TestDrivers drivers{desk};
  std::vector<float> right;
  std::uint64_t time_ns = 0;
  std::uint64_t rendered = 0;                           // frames, by render()
  std::function<std::uint64_t(std::uint64_t)> clock{};  // time of a frame; without one each block is a nanosecond later
  ReferenceEngine engine;
};

inline double rms_of(std::span<const float> samples) {
  double squares = 0;
  for (const float sample : samples) squares += static_cast<double>(sample) * static_cast<double>(sample);
  return samples.empty() ? 0 : std::sqrt(squares / static_cast<double>(samples.size()));
}
inline double db_of(double ratio) {
  return 20 * std::log10(ratio);
}

// Largest step between neighbours: what a click is made of.
inline double steepest(std::span<const float> samples) {
  double most = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) most = std::max(most, static_cast<double>(std::fabs(samples[i] - samples[i - 1])));
  return most;
}

}  // namespace loophole::test
