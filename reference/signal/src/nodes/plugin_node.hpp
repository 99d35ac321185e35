#pragma once
// PluginNode: hosts a plugin. Its keys are those of the plugin. What does not work passes audio by.
//
// While the plugin is given a state, which LV2 allows at no other moment, audio passes the node by. The audio thread fades to it and back,
// and never waits at the gate:
//
//   plugin thread    |-- waits --|--- gate shut: the state is given ---|
//   audio thread     x fades out |         audio passes by             x fades in
//
// A plugin that gives out infinities or what is no number is stopped for good.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "audio/fader.hpp"
#include "nodes/processor.hpp"
#include "plugins/hosted_plugin.hpp"
#include "plugins/plugin_words.hpp"

namespace loophole::reference_signal {

// A parameter for each control of a plugin; a base, so that it is there before Processor is told of them.
struct PluginParameters {
  explicit PluginParameters(const PluginDescription& description, const PortValues& values, double sample_rate);
  std::deque<SmoothedParameter> smoothed;
};

class PluginNode final : private PluginParameters, public Processor {
 public:
  // [io-thread] A plugin that was started. `values` as it was started with; `words` may be nullptr, and outlives this.
  PluginNode(std::shared_ptr<HostedPlugin> plugin, const PluginStart& start, PluginWords* words);

  void process(const Stretch& stretch, const NodeSetup& setup, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING override;
  [[nodiscard]] std::uint32_t latency_frames() const noexcept LOOPHOLE_NONBLOCKING override {
    return latency_frames_.load(std::memory_order_relaxed);
  }

  // [any-thread]
  [[nodiscard]] const std::shared_ptr<HostedPlugin>& plugin() const noexcept { return plugin_; }
  [[nodiscard]] const std::string& id() const noexcept { return id_; }
  // Values of its control inputs, as the audio thread was told them last.
  [[nodiscard]] PortValues port_values() const;
  // Audio passes it by from now on.
  void stop() noexcept { stopped_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool stopped() const noexcept { return stopped_.load(std::memory_order_relaxed); }
  // Whether it ever gave out denormal numbers; they are played as zero.
  [[nodiscard]] bool gave_denormals() const noexcept { return gave_denormals_.load(std::memory_order_relaxed); }

  // [plugin-thread] While one lives, the audio thread does not run the plugin. Waits until it is no longer heard, though not for ever:
  // there may be no audio thread now.
  class Hold {
   public:
    explicit Hold(PluginNode& node) noexcept;
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    PluginNode& node_;
  };

 private:
  void play(const Stretch& stretch, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING;
  void run(StereoBlock audio, const PluginTime& time) noexcept LOOPHOLE_NONBLOCKING;

  std::shared_ptr<HostedPlugin> plugin_;
  std::string id_;
  PluginWords* words_;
  std::chrono::microseconds block_;  // how long one lasts
  std::uint32_t fade_frames_;
  std::atomic_flag gate_;
  std::atomic<bool> wanted_{true};  // to be heard
  std::atomic<bool> shut_{false};   // faded out
  Fader heard_{true};               // the audio thread's, as is
  std::vector<float> dry_;          // what passes by, left and right
  std::atomic<bool> stopped_{false};
  std::atomic<bool> gave_denormals_{false};
  std::atomic<std::uint32_t> latency_frames_{0};
};

}  // namespace loophole::reference_signal
