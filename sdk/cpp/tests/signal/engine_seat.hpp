#pragma once
// For tests of EngineServer: an engine whose audio thread the test moves block by block.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "graphs.hpp"
#include "loophole/signal.hpp"
#include "pulse_seat.hpp"

namespace loophole::test {

class HandMovedEngine final : public signal::Engine {
 public:
  explicit HandMovedEngine(signal::rt::AudioPort& port) : port_(port) {}

  void configure(const engine::Configure& wanted, Done<engine::Effective> done) override {
    running = true;
    done(engine::Effective{.driver = engine::Driver::offline,
                           .device = {},
                           .sample_rate_hz = wanted.sample_rate_hz,
                           .block_frames = wanted.block_frames,
                           .output_latency_frames = 0});
  }
  void start(Done<void> done) override {
    running = true;
    done({});
  }
  void stop() override { running = false; }
  engine::StateReply state() const override {
    return {.state = running ? engine::AudioState::running : engine::AudioState::stopped, .effective = {}, .xruns = 0, .engine_frames = 0};
  }
  bool has_kind(graph::GraphNodeKind kind) const override { return kind != missing_kind; }
  void replace_graph(const graph::Graph& graph, const signal::GraphOrder&, Done<Ticket> done) override {
    if (refusal) return done(*refusal);
    if (slow) {
      prepared = [this, &graph, done = std::move(done)] { done(hand_over(graph)); };
      return;
    }
    done(hand_over(graph));
  }
  void set_plugin_state(const GraphNodeId& node, const PluginState& state, Done<std::vector<engine::HandleValue>> done) override {
    if (state_values.empty()) return Engine::set_plugin_state(node, state, std::move(done));
    done(state_values);
  }
  std::int64_t latency_frames() const override { return 12; }
  Result<Ticket> set_automation(std::span<const engine::AutomationLane> lanes) override {
    if (whole_graphs_only) return Engine::set_automation(lanes);
    for (const engine::AutomationLane& lane : lanes) automation[lane.handle] = signal::prepare_automation(lane.automation);
    return ++last_;
  }
  Result<Ticket> set_transport(const engine::TransportSet& change) override {
    if (change.playing) asked_.playing = *change.playing;
    if (change.position_frames) asked_.position_frames = *change.position_frames;
    if (change.tempo_bpm) asked_.tempo_bpm = *change.tempo_bpm;
    if (change.loop) asked_.loop = *change.loop;
    return ++last_;
  }
  engine::TransportState transport() const override { return transport_; }
  bool taken(Ticket ticket) const override { return ticket <= taken_; }
  std::vector<engine::HandleValue> held_values() const override {
    std::vector<engine::HandleValue> values;
    for (const auto& [handle, value] : held) values.push_back({.handle = handle, .value = value});
    return values;
  }
  void tick() override { ++ticks; }

  // One block of the audio thread.
  void block() {
    if (incoming_) {
      port_.parameters.drain_until(mark_, [this](const signal::rt::ParameterChange& c) { set(c); });
      std::map<Handle, signal::rt::AutomatedParameter> next;
      for (const auto& [handle, value] : *incoming_) {
        auto& parameter = parameters_.try_emplace(handle, value).first->second;
        parameter.adopt(static_cast<std::uint32_t>(handle), value, nullptr);
        next.emplace(handle, parameter);
      }
      parameters_ = std::move(next);
      incoming_.reset();
    }
    port_.parameters.drain([this](const signal::rt::ParameterChange& c) { set(c); });
    held.clear();
    for (const auto& [handle, parameter] : parameters_) held[handle] = parameter.value_at(0, false);
    transport_ = asked_;
    taken_ = last_;
  }

  std::optional<Error> refusal;
  std::vector<engine::HandleValue> state_values;  // of the plugin that takes a state; empty: there is none
  std::optional<graph::GraphNodeKind> missing_kind;
  bool slow = false;
  bool whole_graphs_only = false;
  bool running = false;
  std::function<void()> prepared;  // what a slow engine does at last
  std::map<Handle, double> held;
  std::map<Handle, std::unique_ptr<const signal::rt::Automation>> automation;  // that was set
  int ticks = 0;

 private:
  Ticket hand_over(const graph::Graph& graph) {
    std::map<Handle, double> values;
    for (const auto& node : graph.nodes)
      for (const auto& parameter : node.parameters) values[parameter.handle] = parameter.value;
    incoming_ = std::move(values);
    mark_ = port_.parameters.mark();
    return ++last_;
  }
  void set(const signal::rt::ParameterChange& change) {
    if (const auto found = parameters_.find(change.handle); found != parameters_.end()) found->second.apply(change);
  }

  signal::rt::AudioPort& port_;
  std::map<Handle, signal::rt::AutomatedParameter> parameters_;
  std::optional<std::map<Handle, double>> incoming_;
  signal::rt::ParameterFeed::Mark mark_ = 0;
  Ticket last_ = 0;
  Ticket taken_ = 0;
  engine::TransportState asked_{.playing = false, .position_frames = 0, .position_beats = 0, .tempo_bpm = 120, .loop = {}};
  engine::TransportState transport_ = asked_;
};

// Engine, server and a greeted Pulse on one Loop. The audio thread moves on while the Pulse waits, unless a test stops it.
struct EngineSeat {
  explicit EngineSeat(signal::EngineServerOptions options = {}) {
    options.control_endpoint = runtime.ipc("engine");
    options.stream_endpoint = runtime.ipc("stream");
    options.telemetry_endpoint = runtime.ipc("telemetry");
    options.software_name = "test-engine";
    server = signal::EngineServer::start(context, loop, options, engine, port).value();
    pulse = std::make_unique<PulseSeat>(context, loop, server->control_endpoint());
    pulse->while_waiting = [this] {
      if (audio_runs) engine.block();
    };
    pulse->wait_ready();
  }
  void load(const graph::Graph& graph, std::int64_t revision = 1) {
    REQUIRE(pulse->call(graph::Replace{.revision = revision, .graph = graph}));
  }

  TempRuntime runtime;
  net::Context context;
  net::Loop loop;
  signal::rt::AudioPort port;
  HandMovedEngine engine{port};
  std::unique_ptr<signal::EngineServer> server;
  std::unique_ptr<PulseSeat> pulse;
  bool audio_runs = true;
};

}  // namespace loophole::test
