#pragma once
// PluginDescription: what the files of an LV2 plugin say of it, as values. Made once by the catalogue, then only read, by any thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loophole/messages/plugin.hpp"
#include "loophole/signal/rt/nonblocking.hpp"

namespace loophole::reference_signal {

// How much of what a plugin or LV2 says of a failure goes into a message.
inline constexpr std::size_t kLongestReason = 512;

// What this engine connects to a port.
enum class PortUse {
  control,      // the value of a parameter
  fixed,        // a value that never changes
  offline,      // 1 where the plugin runs offline, 0 otherwise
  report,       // a value of the plugin's, which nobody reads but its latency
  audio_in,     // left or right of the node's input
  audio_out,    // left or right of its output
  silence,      // inputs beside: side chains, control voltages
  ignored,      // outputs beside
  events_in,    // a sequence of atoms: where the transport is, or empty
  events_out,   // room for one, not read
  unconnected,  // what the plugin can do without and this engine does not know
};

struct PluginPort {
  PortUse use = PortUse::unconnected;
  float value = 0;            // of a control or a fixed one, to begin with
  std::uint32_t room = 0;     // bytes, for events
  bool takes_time = false;    // events that say where the transport is
  std::uint32_t channel = 0;  // 0 left, 1 right, of audio
};

struct PluginControl {
  plugin::PluginParameter parameter;  // its range is to be multiplied by the sample rate where `times_rate`
  std::uint32_t port = 0;
  bool times_rate = false;
  std::vector<float> choices;  // value of the port for each label; empty for other kinds

  // Between values of the parameter and of its port: these differ for choices, whose value is an index.
  [[nodiscard]] float port_value(double value) const noexcept LOOPHOLE_NONBLOCKING;
  [[nodiscard]] double parameter_value(float value) const noexcept;
  // Jumps from value to value; nothing lies between.
  [[nodiscard]] bool steps() const noexcept LOOPHOLE_NONBLOCKING { return parameter.kind != parameter::ParameterKind::float_; }
  // As it is at a sample rate.
  [[nodiscard]] plugin::PluginParameter at_rate(double sample_rate) const;
};

struct PluginDescription {
  plugin::PluginBrief brief;
  std::string bundle;  // URI of its folder
  std::vector<PluginPort> ports;
  std::vector<PluginControl> controls;
  std::uint32_t audio_inputs = 0;  // that this engine connects: 0 to 2 of each
  std::uint32_t audio_outputs = 0;
  std::optional<std::uint32_t> latency_port;
  bool loads_default_state = false;
  bool live_only = false;  // cannot run offline
  std::string fault;       // why it cannot be used; empty: it can
};

}  // namespace loophole::reference_signal
