#pragma once
// HostedPlugin: a plugin as a node of stereo audio, and its state as the protocol carries it.
//
//   inputs  outputs   what the node does
//      2       2      left and right go through
//      1       1      two instances, one for each side
//      1       2      the middle of both sides goes in
//      2       1      what comes out is on both sides
//      0     1, 2     a source: added to what the node gets
//    1, 2      0      listens; audio passes on

#include <memory>
#include <optional>
#include <vector>

#include "loophole/messages/scalars.hpp"
#include "nodes/processor.hpp"
#include "plugins/plugin_instance.hpp"

namespace loophole::reference_signal {

struct PluginStart {
  PluginSetup setup;
  std::optional<PluginState> state;  // that it begins with
  PortValues values;                 // that it has then
};

class HostedPlugin {
 public:
  // These run code of the plugin: [plugin-thread], and may not return.

  // Error plugin.faulty.
  [[nodiscard]] static Result<std::unique_ptr<HostedPlugin>> start(const PluginStart& start);
  // While the audio thread runs it or not. Error plugin.faulty.
  [[nodiscard]] Result<PluginState> save(const PortValues& values);
  // While the audio thread does not run it; returns the values that the state has. Error plugin.faulty: the plugin is as it was.
  [[nodiscard]] Result<PortValues> restore(const PluginState& state);

  // [any-thread]
  [[nodiscard]] const PluginDescription& description() const noexcept { return *description_; }

  // [audio-thread]
  void set_control(const PluginControl& control, double value) noexcept LOOPHOLE_NONBLOCKING;
  // Memory of the plugin's own; no sides: audio passes on.
  struct Output {
    float* left = nullptr;
    float* right = nullptr;
    bool adds = false;
  };
  [[nodiscard]] Output run(StereoBlock audio, const PluginTime& time) noexcept LOOPHOLE_NONBLOCKING;
  [[nodiscard]] std::uint32_t latency_frames() const noexcept LOOPHOLE_NONBLOCKING { return instances_.front()->latency_frames(); }

 private:
  explicit HostedPlugin(std::shared_ptr<const PluginDescription> description) : description_(std::move(description)) {}

  std::shared_ptr<const PluginDescription> description_;
  std::vector<std::unique_ptr<PluginInstance>> instances_;  // one, or left and right
};

}  // namespace loophole::reference_signal
