#pragma once
// The kinds of nodes that a project can have, with the metadata of their parameters, and makers of new things with fresh ids and handles.

#include <optional>
#include <span>
#include <string>

#include "loophole/core/result.hpp"
#include "loophole/messages/plugin.hpp"
#include "loophole/messages/project.hpp"
#include "model/handles.hpp"

namespace loophole::pulse {

// What a parameter of a kind is like; the keys are those of the engine's nodes.
struct ParameterTraits {
  std::string_view key;
  std::string_view name;
  double minimum;
  double maximum;
  double initial;
  std::string_view unit;
  parameter::Curve curve;
  double smoothing_ms;
};

struct NodeTraits {
  node::NodeKind kind;
  std::string_view name;  // for people
  std::span<const ParameterTraits> parameters;
  bool measures = false;  // has a handle of its own for what it measures
};

// [any-thread] All kinds, in the order in which a user interface offers them.
[[nodiscard]] std::span<const NodeTraits> node_catalogue();

// [owner-thread] A new node. Error node.kindUnsupported lists the kinds that there are.
[[nodiscard]] Result<node::Node> make_node(node::NodeKind kind, const std::optional<std::string>& name, HandleSource& handles);

// [owner-thread] A new node with the plugin that an engine told of, its parameters at their initial values.
[[nodiscard]] node::Node make_plugin_node(const plugin::InfoReply& plugin, const std::optional<std::string>& name, HandleSource& handles);

// [owner-thread] A new channel: a gain and a meter.
[[nodiscard]] channel::Channel make_channel(HandleSource& handles);

// [owner-thread] A new track with a channel, nothing on it.
[[nodiscard]] track::Track make_track(std::string name, HandleSource& handles);

// [owner-thread] A new bus with a channel, nothing leads to it.
[[nodiscard]] routing::Bus make_bus(std::string name, HandleSource& handles);

// [owner-thread] A new send to a bus.
[[nodiscard]] channel::Send make_send(const BusId& bus, bool pre_fader, HandleSource& handles);

// [owner-thread] A new project: a master channel, no tracks, no buses.
[[nodiscard]] project::Project make_project(std::string name, std::int64_t sample_rate_hz, double tempo_bpm, HandleSource& handles);

}  // namespace loophole::pulse
