#pragma once
// ScriptedEngine: an EnginePort in the same process that does what a test tells it. It keeps a graph's values and streams just well enough
// to answer; the real engine is tested with the real processes.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "loophole/core/id.hpp"
#include "loophole/model/graph_patch.hpp"
#include "loophole/pulse/engine_port.hpp"
#include "loophole/wire/graph_digest.hpp"

namespace loophole::pulse::test {

class ScriptedEngine final : public EnginePort {
 public:
  explicit ScriptedEngine(net::Loop& loop) : loop_(loop) {}

  // What came, in order: names of commands.
  std::vector<std::string> received;
  graph::Graph graph;
  Revision revision = 0;                      // of the graph
  std::set<graph::GraphNodeKind> lacks = {};  // kinds of nodes that it refuses
  int wrong_digests = 0;                      // that many graphs are answered with a digest that is not theirs
  transport::Loop cycle;                      // loop of the transport
  double tempo_bpm = 120;
  std::optional<plugin::InfoReply> reverb;  // the only plugin that it has
  PluginState plugin_state{"AAAA"};
  std::vector<engine::HandleValue> state_values;  // values of parameters that come with the next state
  std::vector<device::Device> devices;
  std::vector<engine::Configure> configured;
  std::map<Handle, double> values;
  std::map<StreamId, std::vector<Handle>> streams;
  std::vector<engine::HandleValue> last_values;  // what the next stream.close says was applied last
  bool playing = false;
  std::int64_t position_frames = 0;
  // Answers of these names are kept until release().
  std::string hold;
  std::optional<Error> fail_next;  // the next stream.open is answered with it

  void release() {
    hold.clear();
    for (auto& answer : held_) loop_.post(std::move(answer));
    held_.clear();
  }

  void on_event(EventHandler) override {}
  void on_state(StateHandler) override {}
  [[nodiscard]] session::PortState state() const noexcept override { return session::PortState::ready; }
  [[nodiscard]] const session::HelloReply* hello() const noexcept override { return nullptr; }
  [[nodiscard]] const std::optional<Error>& close_reason() const noexcept override { return reason_; }
  [[nodiscard]] const InstanceId& instance_id() const noexcept override { return instance_; }
  void close() override {}

 protected:
  MessageId call_payload(const wire::MessageDesc& command, wire::Payload payload, AnswerHandler on_answer, session::CallOptions) override {
    received.emplace_back(command.name);
    const Result<wire::Payload> answer = execute(payload);
    auto deliver = [answer, on_answer] { on_answer(answer); };
    if (command.name == hold)
      held_.push_back(std::move(deliver));
    else
      loop_.post(std::move(deliver));
    return MessageId(std::to_string(received.size()));
  }

 private:
  Result<wire::Payload> execute(const wire::Payload& payload) {
    if (const auto* wanted = payload.as<engine::Configure>()) {
      configured.push_back(*wanted);
      if (wanted->device_id == DeviceId("gone")) {
        Error error = make_error(errors::kDeviceNotFound, "not in the script");
        error.pointer = "/payload/deviceId";
        return error;
      }
      return wire::Payload::of(engine::Effective{.driver = engine::Driver::offline,
                                                 .device = wanted->device_id ? wanted->device_id->str() : "",
                                                 .sample_rate_hz = wanted->device_id ? wanted->sample_rate_hz : 48'000,
                                                 .block_frames = wanted->block_frames,
                                                 .output_latency_frames = 0});
    }
    if (const auto* replace = payload.as<graph::Replace>()) return go_live(replace->graph, replace->revision);
    if (const auto* patch = payload.as<graph::Patch>()) {
      if (patch->base_revision != revision) return make_error(errors::kGraphWrongBase, "another graph is live");
      auto patched = model::apply_patch(graph, patch->operations);
      if (!patched) return std::move(patched).error();
      return go_live(*std::move(patched), patch->revision);
    }
    if (payload.as<graph::Query>() != nullptr) {
      graph::QueryReply reply{.revision = 0, .digest = wire::graph_digest(graph), .values = {}};
      for (const auto& [handle, value] : values) reply.values.push_back({.handle = handle, .value = value});
      return wire::Payload::of(std::move(reply));
    }
    if (const auto* set = payload.as<engine::ParameterSet>()) {
      take(set->values);
      return wire::Payload::of(engine::ParameterSetReply{.digest = wire::graph_digest(graph)});
    }
    if (const auto* set = payload.as<engine::AutomationSet>()) {
      for (const engine::AutomationLane& lane : set->lanes)
        for (graph::GraphNode& node : graph.nodes)
          for (graph::GraphParameter& parameter : node.parameters)
            if (parameter.handle == lane.handle) parameter.automation = lane.automation;
      return wire::Payload::of(engine::ParameterSetReply{.digest = wire::graph_digest(graph)});
    }
    if (const auto* set = payload.as<engine::TransportSet>()) {
      playing = set->playing.value_or(playing);
      position_frames = set->position_frames.value_or(position_frames);
      cycle = set->loop.value_or(cycle);
      tempo_bpm = set->tempo_bpm.value_or(tempo_bpm);
      return wire::Payload::of(engine::TransportState{
          .playing = playing, .position_frames = position_frames, .position_beats = 0, .tempo_bpm = tempo_bpm, .loop = cycle});
    }
    if (const auto* info = payload.as<plugin::Info>()) {
      if (!reverb || info->plugin != reverb->brief.plugin) {
        Error error = make_error(errors::kPluginNotFound, "not in the script");
        error.pointer = "/payload/plugin";
        return error;
      }
      return wire::Payload::of(*reverb);
    }
    if (payload.as<plugin::Scan>() != nullptr) return wire::Payload::of(plugin::ScanReply{.found = reverb ? 1 : 0, .failed = {}});
    if (payload.as<plugin::List>() != nullptr) {
      plugin::ListReply reply;
      if (reverb) reply.plugins.push_back(reverb->brief);
      return wire::Payload::of(std::move(reply));
    }
    if (payload.as<engine::PluginStateGet>() != nullptr) return wire::Payload::of(engine::PluginStateReply{.state = plugin_state});
    if (const auto* set = payload.as<engine::PluginStateSet>()) {
      if (set->state == PluginState("bad0")) return make_error(errors::kPluginFaulty, "not a state of this plugin");
      plugin_state = set->state;
      take(state_values);
      return wire::Payload::of(engine::PluginStateSetReply{.values = state_values, .digest = wire::graph_digest(graph)});
    }
    if (payload.as<device::List>() != nullptr) return wire::Payload::of(device::ListReply{.devices = devices, .in_use = {}});
    if (const auto* open = payload.as<stream::Open>()) {
      if (fail_next) return *std::exchange(fail_next, std::nullopt);
      streams[open->stream_id] = open->handles;
      return wire::Payload::of(envelope::Empty{});
    }
    if (const auto* close = payload.as<stream::Close>()) {
      if (streams.erase(close->stream_id) == 0) return make_error(errors::kStreamUnknown, "no such stream");
      take(last_values);
      take(close->values);
      return wire::Payload::of(stream::CloseReply{
          .report = {.frames_received = 3, .samples_received = 30, .samples_applied = 30, .samples_lost = 0, .samples_refused = 0},
          .last_values = last_values,
          .digest = wire::graph_digest(graph)});
    }
    return make_error(errors::kEnvelopeUnknownName, "not in the script");
  }
  Result<wire::Payload> go_live(graph::Graph wanted, Revision of) {
    for (std::size_t i = 0; i < wanted.nodes.size(); ++i) {
      if (!lacks.contains(wanted.nodes[i].kind)) continue;
      Error error = make_error(errors::kNodeKindUnsupported, "not in the script");
      error.pointer = "/payload/graph/nodes/" + std::to_string(i) + "/kind";
      return error;
    }
    graph = std::move(wanted);
    revision = of;
    values.clear();
    for (const graph::GraphNode& node : graph.nodes)
      for (const graph::GraphParameter& parameter : node.parameters) values[parameter.handle] = parameter.value;
    Digest digest = wire::graph_digest(graph);
    if (wrong_digests > 0 && wrong_digests-- > 0) digest = Digest(std::string(64, '0'));
    return wire::Payload::of(graph::AppliedReply{.revision = revision, .digest = std::move(digest), .latency_frames = 64});
  }
  void take(const std::vector<engine::HandleValue>& given) {
    for (const engine::HandleValue& one : given) {
      values[one.handle] = one.value;
      for (graph::GraphNode& node : graph.nodes)
        for (graph::GraphParameter& parameter : node.parameters)
          if (parameter.handle == one.handle) parameter.value = one.value;
    }
  }

  net::Loop& loop_;
  std::vector<std::function<void()>> held_;
  InstanceId instance_{"engine"};
  std::optional<Error> reason_;
};

}  // namespace loophole::pulse::test
