#pragma once
// For tests of the reference engine without sockets: an engine whose driver is the test itself.

#include <doctest/doctest.h>

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

// Calls nobody by itself; the test renders through `callback`.
class TestDriver final : public AudioDriver {
 public:
  TestDriver(std::int64_t rate, std::int64_t frames, std::shared_ptr<AudioCallback*> callback,
             std::shared_ptr<std::optional<std::string>> fault, engine::Driver kind)
      : effective_{.driver = kind, .device = {}, .sample_rate_hz = rate, .block_frames = frames, .output_latency_frames = 0},
        callback_(std::move(callback)),
        fault_(std::move(fault)) {}
  ~TestDriver() override { stop(); }
  const engine::Effective& effective() const noexcept override { return effective_; }
  Result<void> start(AudioCallback& callback) override {
    *callback_ = &callback;
    return {};
  }
  void stop() override { *callback_ = nullptr; }
  std::optional<std::string> fault() override { return effective_.driver == engine::Driver::paced ? std::nullopt : *fault_; }

 private:
  engine::Effective effective_;
  std::shared_ptr<AudioCallback*> callback_;
  std::shared_ptr<std::optional<std::string>> fault_;
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
            port, [this](std::function<void()> task) { loop.post(std::move(task)); }, std::move(options),
            [this](std::optional<engine::Driver> wanted, std::int64_t rate, std::int64_t frames) { return open(wanted, rate, frames); }) {}

  Result<std::unique_ptr<AudioDriver>> open(std::optional<engine::Driver> wanted, std::int64_t rate, std::int64_t frames) {
    if (refuse_driver && wanted != engine::Driver::paced) return make_error(errors::kEngineDriverFailed, "refused by the test");
    ++opened;
    return std::unique_ptr<AudioDriver>(
        std::make_unique<TestDriver>(rate, frames, callback, fault, wanted.value_or(engine::Driver::portaudio)));
  }

  Result<engine::Effective> configure(std::int64_t rate = 48'000, std::int64_t frames = 256) {
    std::optional<Result<engine::Effective>> answer;
    engine.configure({.sample_rate_hz = rate, .block_frames = frames, .driver = {}},
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

  void play(std::optional<std::int64_t> position = {}) {
    static_cast<void>(engine.set_transport({.playing = true, .position_frames = position, .loop = {}, .tempo_bpm = {}}));
  }
  void stop() { static_cast<void>(engine.set_transport({.playing = false, .position_frames = {}, .loop = {}, .tempo_bpm = {}})); }

  // Left channel of so many frames, rendered in blocks; `right` likewise.
  std::vector<float> render(std::size_t frames, std::size_t block = 256) {
    std::vector<float> left;
    right.clear();
    std::vector<float> out(block * 2);
    while (left.size() < frames) {
      REQUIRE(*callback != nullptr);
      (*callback)->render(out, ++time_ns);
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

  net::Loop loop;
  signal::rt::AudioPort port;
  std::shared_ptr<AudioCallback*> callback = std::make_shared<AudioCallback*>(nullptr);
  std::shared_ptr<std::optional<std::string>> fault = std::make_shared<std::optional<std::string>>();
  bool refuse_driver = false;
  int opened = 0;
  std::vector<float> right;
  std::uint64_t time_ns = 0;
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
