#include "graph/compiler.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "nodes/analyser.hpp"
#include "nodes/clip_player.hpp"
#include "nodes/delay.hpp"
#include "nodes/filter.hpp"
#include "nodes/gain.hpp"
#include "nodes/level.hpp"
#include "nodes/meter.hpp"
#include "nodes/pan.hpp"
#include "nodes/test_tone.hpp"

namespace loophole::reference_signal {
namespace {

Error unsupported_kind(const graph::GraphNode& node, std::size_t node_index) {
  Error error =
      make_error(errors::kNodeKindUnsupported, "node '" + node.id.str() + "' is of the kind " + std::string(to_string(node.kind)) +
                                                   ", which this engine does not have; it has clipPlayer, testTone, filter, gain, pan, "
                                                   "delay, send, return, busMixer, plugin, meter, analyser and output");
  error.pointer = "/graph/nodes/" + std::to_string(node_index) + "/kind";
  return error;
}

ClipTrack place(const graph::GraphNode& node, const ClipSet& clips) {
  ClipTrack track;
  for (const graph::GraphClip& clip : node.clips) {
    const auto file = clips.files.find(clip.path);
    if (file == clips.files.end()) continue;
    track.add({.start = static_cast<std::uint64_t>(clip.start_frames),
               .offset = static_cast<std::uint64_t>(clip.offset_frames),
               .length = static_cast<std::uint64_t>(clip.length_frames),
               .gain = static_cast<float>(amplitude_of_db(clip.gain_db)),
               .file = file->second});
  }
  track.sort();
  return track;
}

Error unknown_key(const graph::GraphNode& node, std::size_t node_index, std::size_t parameter_index, const Processor& processor) {
  std::string known;
  for (const std::string_view key : processor.keys()) known += (known.empty() ? "" : ", ") + std::string(key);
  Error error = make_error(errors::kGraphInvalid, "node '" + node.id.str() + "' has no parameter '" + node.parameters[parameter_index].key +
                                                      "'; it has " + (known.empty() ? "none" : known));
  error.pointer = "/graph/nodes/" + std::to_string(node_index) + "/parameters/" + std::to_string(parameter_index) + "/key";
  return error;
}

// Clips that `before` has as well play on; its others go.
ClipTrack change(const ClipTrack& before, ClipTrack track) {
  std::vector<bool> used(before.clips.size());
  for (PlacedClip& clip : track.clips) {
    clip.change = ClipChange::comes;
    for (std::size_t i = 0; i < before.clips.size() && clip.change == ClipChange::comes; ++i) {
      if (used[i] || !clip.sounds_like(before.clips[i])) continue;
      used[i] = true;
      clip.change = ClipChange::stays;
    }
  }
  for (std::size_t i = 0; i < before.clips.size(); ++i) {
    if (used[i]) continue;
    PlacedClip goes = before.clips[i];
    goes.change = ClipChange::goes;
    track.add(std::move(goes));
  }
  track.sort();
  return track;
}

}  // namespace

std::shared_ptr<Processor> Compiler::make_processor(const graph::GraphNode& node, double sample_rate) const {
  using Kind = graph::GraphNodeKind;
  switch (node.kind) {
    case Kind::clip_player:
      return std::make_shared<ClipPlayer>();
    case Kind::test_tone:
      return std::make_shared<TestTone>();
    case Kind::filter:
      return std::make_shared<Filter>();
    case Kind::gain:
      return std::make_shared<Gain>();
    case Kind::pan:
      return std::make_shared<Pan>();
    case Kind::meter:
      return std::make_shared<Meter>(static_cast<std::uint32_t>(node.meter_handle.value_or(0)));
    case Kind::analyser:
      return std::make_shared<Analyser>(static_cast<std::uint32_t>(node.meter_handle.value_or(0)), spectra_);
    case Kind::send:
      return std::make_shared<Gain>("level");
    case Kind::return_:
    case Kind::bus_mixer:
      return std::make_shared<Sum>();
    case Kind::output:
      return output_;
    case Kind::delay:
      return std::make_shared<Delay>(sample_rate);
    case Kind::plugin:
      return make_plugin_ ? make_plugin_(node) : nullptr;
    case Kind::unknown:
      break;
  }
  return nullptr;
}

// The newest first: it is live, or will be unless it is withdrawn.
Compiler::NodesById Compiler::known_nodes() const {
  NodesById known;
  for (const Layout* layout : {&newest_, &base_})
    for (const KnownNode& node : layout->nodes) known[node.id.str()].push_back(&node);
  return known;
}

KnownNode Compiler::known_or_new(const graph::GraphNode& node, const NodesById& known_nodes, const PluginProcessors& plugins,
                                 double sample_rate) {
  // What is at a node of kind plugin may be another one: started anew, or in the place of one that was missing.
  const auto plugin = plugins.find(node.id.str());
  const bool is_hosted = plugin != plugins.end();
  if (const auto found = known_nodes.find(node.id.str()); found != known_nodes.end())
    for (const KnownNode* known : found->second)
      if (known->kind == node.kind && known->meter_handle == node.meter_handle && (!is_hosted || known->processor == plugin->second))
        return *known;
  return {.id = node.id,
          .kind = node.kind,
          .meter_handle = node.meter_handle,
          .number = ++last_number_,
          .processor = is_hosted ? plugin->second : make_processor(node, sample_rate),
          .heard = std::make_shared<Fader>(!node.bypassed),
          .latency_frames = 0,
          .bypassed = false,
          .clips = {}};
}

Result<Prepared> Compiler::prepare(const graph::Graph& graph, const signal::GraphOrder& order, const ClipSet& clips,
                                   const PluginProcessors& plugins, const PlanFormat& format) {
  Prepared prepared{.layout = {}, .bindings = {}, .held = {}, .unbound = {}, .order = order, .format = format};
  prepared.layout.schedule = clips.schedule;
  const auto rate = static_cast<double>(format.sample_rate_hz);
  const NodesById known_before = known_nodes();
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const graph::GraphNode& node = graph.nodes[n];
    KnownNode known = known_or_new(node, known_before, plugins, rate);
    if (known.processor == nullptr) return unsupported_kind(node, n);
    known.bypassed = node.bypassed;
    known.latency_frames = node.bypassed ? 0 : known.processor->latency_frames();
    known.clips = place(node, clips);
    std::vector<SmoothedParameter*> unbound = known.processor->parameters();
    for (std::size_t p = 0; p < node.parameters.size(); ++p) {
      const graph::GraphParameter& description = node.parameters[p];
      SmoothedParameter* parameter = known.processor->parameter(description.key);
      if (parameter == nullptr) return unknown_key(node, n, p, *known.processor);
      std::erase(unbound, parameter);
      prepared.bindings.push_back({.handle = static_cast<std::uint32_t>(description.handle),
                                   .parameter = parameter,
                                   .value = description.value,
                                   .automation = signal::prepare_automation(description.automation),
                                   .ramp_frames = static_cast<std::uint32_t>(std::lround(description.smoothing_ms * rate / 1'000.0))});
      prepared.held.push_back({description.handle, known.processor, parameter});
    }
    prepared.unbound.insert(prepared.unbound.end(), unbound.begin(), unbound.end());
    prepared.layout.nodes.push_back(std::move(known));
  }
  return prepared;
}

std::unique_ptr<Plan> Compiler::assemble(Prepared prepared, bool last_was_withdrawn) {
  if (!last_was_withdrawn) base_ = std::move(newest_);
  newest_ = std::move(prepared.layout);
  PlanParts parts = connect(newest_, prepared.order, base_, prepared.format);
  has_leftovers_ = std::any_of(parts.steps.begin(), parts.steps.end(), [](const Step& step) { return step.leaves; });
  std::unordered_map<const Processor*, const KnownNode*> before;
  for (const KnownNode& node : base_.nodes) before.emplace(node.processor.get(), &node);
  for (Step& step : parts.steps) {
    const auto known = before.find(step.processor.get());
    if (step.leaves || known == before.end()) continue;
    step.setup.clips = change(known->second->clips, std::move(step.setup.clips));
    for (const PlacedClip& clip : step.setup.clips.clips) {
      parts.fades = parts.fades || clip.change != ClipChange::stays;
      has_leftovers_ = has_leftovers_ || clip.change == ClipChange::goes;
    }
  }
  parts.schedules.push_back(newest_.schedule);
  if (has_leftovers_) parts.schedules.push_back(base_.schedule);
  std::unordered_map<const Processor*, std::uint32_t> delays;
  for (const Step& step : parts.steps) delays.emplace(step.processor.get(), step.delay);
  parts.bindings = std::move(prepared.bindings);
  for (std::size_t i = 0; i < parts.bindings.size(); ++i) parts.bindings[i].delay = delays.at(prepared.held[i].owner.get());
  parts.unbound = std::move(prepared.unbound);
  held_ = std::move(prepared.held);
  return std::make_unique<Plan>(std::move(parts));
}

bool Compiler::latency_changed() const {
  return std::any_of(newest_.nodes.begin(), newest_.nodes.end(),
                     [](const KnownNode& node) { return !node.bypassed && node.processor->latency_frames() != node.latency_frames; });
}

std::string Compiler::name(std::uint32_t number) const {
  for (const Layout* layout : {&newest_, &base_})
    for (const KnownNode& node : layout->nodes)
      if (node.number == number) return node.id.str();
  return {};
}

}  // namespace loophole::reference_signal
