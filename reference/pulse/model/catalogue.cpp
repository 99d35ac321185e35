#include "model/catalogue.hpp"

#include <algorithm>
#include <utility>

#include "loophole/core/id.hpp"

namespace loophole::pulse {
namespace {

using parameter::Curve;

// Short enough to follow a hand, long enough that a step does not click.
constexpr double kSmoothingMs = 20.0;

constexpr ParameterTraits kTestTone[] = {
    {"frequency", "Frequency", 20.0, 20'000.0, 440.0, "Hz", Curve::exponential, kSmoothingMs},
    {"level", "Level", -90.0, 12.0, -12.0, "dB", Curve::decibel, kSmoothingMs},
};
constexpr ParameterTraits kFilter[] = {
    {"cutoff", "Cutoff", 20.0, 20'000.0, 1'000.0, "Hz", Curve::exponential, kSmoothingMs},
    {"resonance", "Resonance", 0.0, 1.0, 0.2, "", Curve::linear, kSmoothingMs},
};
constexpr ParameterTraits kGain[] = {
    {"gain", "Gain", -90.0, 24.0, 0.0, "dB", Curve::decibel, kSmoothingMs},
};
constexpr ParameterTraits kPan[] = {
    {"position", "Position", -1.0, 1.0, 0.0, "", Curve::linear, kSmoothingMs},
};
constexpr ParameterTraits kDelay[] = {
    {"time", "Time", 1.0, 2'000.0, 350.0, "ms", Curve::exponential, kSmoothingMs},
    {"feedback", "Feedback", 0.0, 0.95, 0.35, "", Curve::linear, kSmoothingMs},
    {"mix", "Mix", 0.0, 1.0, 0.3, "", Curve::linear, kSmoothingMs},
};
constexpr ParameterTraits kSendLevel{"level", "Send Level", -90.0, 12.0, 0.0, "dB", Curve::decibel, kSmoothingMs};
constexpr ParameterTraits kMasterGain{"gain", "Master Gain", -90.0, 24.0, 0.0, "dB", Curve::decibel, kSmoothingMs};

constexpr NodeTraits kCatalogue[] = {
    {node::NodeKind::test_tone, "Test Tone", kTestTone},
    {node::NodeKind::filter, "Filter", kFilter},
    {node::NodeKind::gain, "Gain", kGain},
    {node::NodeKind::pan, "Pan", kPan},
    {node::NodeKind::delay, "Delay", kDelay},
    {node::NodeKind::analyser, "Analyser", {}, true},
};

parameter::Parameter make_parameter(const ParameterTraits& traits, OwnerId owner, HandleSource& handles) {
  return {.id = ParameterId(random_id("prm")),
          .owner_id = std::move(owner),
          .key = std::string(traits.key),
          .name = std::string(traits.name),
          .kind = parameter::ParameterKind::float_,
          .minimum = traits.minimum,
          .maximum = traits.maximum,
          .initial = traits.initial,
          .value = traits.initial,
          .step = 0,
          .unit = std::string(traits.unit),
          .curve = traits.curve,
          .labels = {},
          .automatable = true,
          .hidden = false,
          .smoothing_ms = traits.smoothing_ms,
          .handle = handles.take(),
          .automation = {}};
}

channel::Channel make_channel(const ParameterTraits& gain, HandleSource& handles) {
  const ChannelId id(random_id("chn"));
  parameter::Parameter level = make_parameter(gain, OwnerId(id.str()), handles);
  return {.id = id, .nodes = {}, .gain = std::move(level), .meter_handle = handles.take(), .sends = {}, .output = {}};
}

}  // namespace

std::span<const NodeTraits> node_catalogue() {
  return kCatalogue;
}

Result<node::Node> make_node(node::NodeKind kind, const std::optional<std::string>& name, HandleSource& handles) {
  const auto* traits = std::find_if(std::begin(kCatalogue), std::end(kCatalogue), [&](const NodeTraits& one) { return one.kind == kind; });
  if (traits == std::end(kCatalogue)) {
    std::string known;
    for (const NodeTraits& one : kCatalogue) known += (known.empty() ? "" : ", ") + std::string(to_string(one.kind));
    Error error = make_error(errors::kNodeKindUnsupported, "this Pulse has no node of that kind; it has " + known);
    error.pointer = "/kind";
    error.expected = known;
    return error;
  }
  node::Node made{.id = NodeId(random_id("nod")),
                  .kind = kind,
                  .name = name.value_or(std::string(traits->name)),
                  .bypassed = false,
                  .status = NodeStatus::ready,
                  .plugin = {},
                  .state = {},
                  .meter_handle = {},
                  .parameters = {}};
  if (traits->measures) made.meter_handle = handles.take();
  for (const ParameterTraits& one : traits->parameters) made.parameters.push_back(make_parameter(one, OwnerId(made.id.str()), handles));
  return made;
}

node::Node make_plugin_node(const plugin::InfoReply& plugin, const std::optional<std::string>& name, HandleSource& handles) {
  node::Node made{.id = NodeId(random_id("nod")),
                  .kind = node::NodeKind::plugin,
                  .name = name.value_or(plugin.brief.name),
                  .bypassed = false,
                  .status = NodeStatus::ready,
                  .plugin = plugin.brief.plugin,
                  .state = {},
                  .meter_handle = {},
                  .parameters = {}};
  for (const plugin::PluginParameter& one : plugin.parameters)
    made.parameters.push_back({.id = ParameterId(random_id("prm")),
                               .owner_id = OwnerId(made.id.str()),
                               .key = one.key,
                               .name = one.name,
                               .kind = one.kind,
                               .minimum = one.minimum,
                               .maximum = one.maximum,
                               .initial = one.initial,
                               .value = one.initial,
                               .step = one.step,
                               .unit = one.unit,
                               .curve = one.curve,
                               .labels = one.labels,
                               .automatable = one.automatable,
                               .hidden = one.hidden,
                               // Plugins smooth for themselves; between the choices of others there is nothing to move over.
                               .smoothing_ms = 0,
                               .handle = handles.take(),
                               .automation = {}});
  return made;
}

channel::Channel make_channel(HandleSource& handles) {
  return make_channel(kGain[0], handles);
}

track::Track make_track(std::string name, HandleSource& handles) {
  return {.id = TrackId(random_id("trk")), .name = std::move(name), .colour = {}, .clips = {}, .channel = make_channel(handles)};
}

routing::Bus make_bus(std::string name, HandleSource& handles) {
  return {.id = BusId(random_id("bus")), .name = std::move(name), .channel = make_channel(handles)};
}

channel::Send make_send(const BusId& bus, bool pre_fader, HandleSource& handles) {
  const SendId id(random_id("snd"));
  return {.id = id, .bus_id = bus, .pre_fader = pre_fader, .level = make_parameter(kSendLevel, OwnerId(id.str()), handles)};
}

project::Project make_project(std::string name, std::int64_t sample_rate_hz, double tempo_bpm, HandleSource& handles) {
  return {.id = ProjectId(random_id("prj")),
          .name = std::move(name),
          .sample_rate_hz = sample_rate_hz,
          .tempo_bpm = tempo_bpm,
          .master = make_channel(kMasterGain, handles),
          .tracks = {},
          .buses = {}};
}

}  // namespace loophole::pulse
