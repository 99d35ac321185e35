#include "graph/compiler.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "nodes/clip_player.hpp"
#include "nodes/filter.hpp"
#include "nodes/gain.hpp"
#include "nodes/level.hpp"
#include "nodes/meter.hpp"
#include "nodes/pan.hpp"
#include "nodes/test_tone.hpp"

namespace loophole::reference_signal {
namespace {

// nullptr: no such kind here.
std::shared_ptr<Processor> make_processor(const graph::GraphNode& node) {
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
    case Kind::send:
      return std::make_shared<Gain>("level");
    case Kind::return_:
    case Kind::bus_mixer:
    case Kind::output:
      return std::make_shared<Sum>();
    case Kind::delay:
    case Kind::plugin:
    case Kind::analyser:
    case Kind::unknown:
      break;
  }
  return nullptr;
}

Error unsupported_kind(const graph::GraphNode& node, std::size_t node_index) {
  Error error = make_error(
      errors::kNodeKindUnsupported,
      "node '" + node.id.str() + "' is of the kind " + std::string(to_string(node.kind)) +
          ", which this engine does not have; it has clipPlayer, testTone, filter, gain, pan, send, return, busMixer, meter and output");
  error.pointer = "/graph/nodes/" + std::to_string(node_index) + "/kind";
  return error;
}

ClipTrack place(const graph::GraphNode& node, const ClipSet& clips) {
  ClipTrack track;
  for (const graph::GraphClip& clip : node.clips) {
    const auto audio = clips.find(clip.path);
    if (audio == clips.end()) continue;
    track.clips.push_back({.start = static_cast<std::uint64_t>(clip.start_frames),
                           .offset = static_cast<std::uint64_t>(clip.offset_frames),
                           .length = static_cast<std::uint64_t>(clip.length_frames),
                           .gain = static_cast<float>(amplitude_of_db(clip.gain_db)),
                           .audio = audio->second});
    track.longest = std::max(track.longest, track.clips.back().length);
  }
  std::stable_sort(track.clips.begin(), track.clips.end(), [](const PlacedClip& a, const PlacedClip& b) { return a.start < b.start; });
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

}  // namespace

Compiler::Known Compiler::known_or_new(const graph::GraphNode& node) const {
  const auto known = bank_.find(node.id.str());
  if (known != bank_.end() && known->second.kind == node.kind && known->second.meter_handle == node.meter_handle) return known->second;
  return {node.kind, node.meter_handle, make_processor(node)};
}

Result<std::unique_ptr<Plan>> Compiler::compile(const graph::Graph& graph, const signal::GraphOrder& order, const ClipSet& clips,
                                                const PlanFormat& format) {
  std::vector<std::size_t> readers(graph.nodes.size());
  for (const auto& inputs : order.inputs)
    for (const std::size_t input : inputs) ++readers[input];

  Bank bank;
  std::vector<HeldParameter> held;
  std::vector<Step> steps;
  std::vector<Binding> bindings;
  std::vector<std::uint32_t> buffer_of(graph.nodes.size());
  std::uint32_t buffers = 0;
  const auto rate = static_cast<double>(format.sample_rate_hz);
  for (const std::size_t n : order.order) {
    const graph::GraphNode& node = graph.nodes[n];
    const auto& known = bank.emplace(node.id.str(), known_or_new(node)).first->second;
    if (known.processor == nullptr) return unsupported_kind(node, n);
    Step step{.processor = node.bypassed ? bypass_ : known.processor,
              .setup = {place(node, clips)},
              .buffer = 0,
              .inputs = {},
              .in_place = false};

    // A chain works in one buffer: a node whose only input has no other reader goes on where that one stopped.
    const std::vector<std::size_t>& inputs = order.inputs[n];
    step.in_place = inputs.size() == 1 && readers[inputs.front()] == 1;
    step.buffer = step.in_place ? buffer_of[inputs.front()] : buffers++;
    if (!step.in_place)
      for (const std::size_t input : inputs) step.inputs.push_back(buffer_of[input]);
    buffer_of[n] = step.buffer;

    for (std::size_t p = 0; p < node.parameters.size(); ++p) {
      const graph::GraphParameter& description = node.parameters[p];
      SmoothedParameter* parameter = known.processor->parameter(description.key);
      if (parameter == nullptr) return unknown_key(node, n, p, *known.processor);
      bindings.push_back({.handle = static_cast<std::uint32_t>(description.handle),
                          .parameter = parameter,
                          .value = description.value,
                          .automation = signal::prepare_automation(description.automation),
                          .ramp_frames = static_cast<std::uint32_t>(std::lround(description.smoothing_ms * rate / 1'000.0))});
      held.push_back({description.handle, known.processor, parameter});
    }
    steps.push_back(std::move(step));
  }
  auto plan = std::make_unique<Plan>(std::move(steps), std::move(bindings), buffers, buffer_of[order.output], rate,
                                     static_cast<std::uint32_t>(format.block_frames));
  bank_ = std::move(bank);
  held_ = std::move(held);
  return plan;
}

}  // namespace loophole::reference_signal
