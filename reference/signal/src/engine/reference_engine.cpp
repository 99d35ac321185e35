#include "engine/reference_engine.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace loophole::reference_signal {
namespace {

constexpr std::chrono::milliseconds kLatencyPause{100};  // at least, between two changes of latency

std::vector<std::string> paths_of(const graph::Graph& graph) {
  std::vector<std::string> paths;
  for (const graph::GraphNode& node : graph.nodes)
    for (const graph::GraphClip& clip : node.clips) paths.push_back(clip.path);
  return paths;
}

}  // namespace

ReferenceEngine::ReferenceEngine(signal::rt::AudioPort& port, ClipLibrary::Post post, ReferenceEngineOptions options, OpenDriver open)
    : options_(std::move(options)),
      open_(std::move(open)),
      plugins_(post, options_.plugins),
      renderer_(port),
      compiler_(port.spectra, options_.make_plugin),
      clips_(std::move(post)) {}

ReferenceEngine::~ReferenceEngine() {
  driver_.reset();
}

void ReferenceEngine::configure(const engine::Configure& wanted, Done<engine::Effective> done) {
  if (driver_ && configured_ == wanted) return done(driver_->effective());
  if (wanted.device_id) {
    Error error = make_error(errors::kDeviceNotFound, "there is no device '" + wanted.device_id->str() +
                                                          "': this engine plays on the default device of the system; leave the device out");
    error.pointer = "/deviceId";
    return done(std::move(error));
  }
  // Two streams to one device are more than some systems give: the old driver goes first, and comes back when the new one fails.
  const auto before = std::exchange(configured_, wanted);
  driver_.reset();
  auto opened = open_(wanted.driver ? wanted.driver : options_.driver, wanted.sample_rate_hz, wanted.block_frames);
  if (opened) return adopt(*std::move(opened), std::move(done));
  configured_ = before;
  if (!before) return done(std::move(opened).error());
  auto again = open_(before->driver ? before->driver : options_.driver, before->sample_rate_hz, before->block_frames);
  if (again)
    if (auto started = run(*std::move(again)); !started) spdlog::error("{}", started.error().message);
  done(std::move(opened).error());
}

void ReferenceEngine::start(Done<void> done) {
  if (driver_) return done({});
  if (!configured_) return done(make_error(errors::kEngineDriverFailed, "nothing is configured yet; send engine.configure"));
  configure(*configured_, [done = std::move(done)](Result<engine::Effective> effective) {
    if (effective) return done({});
    done(std::move(effective).error());
  });
}

void ReferenceEngine::stop() {
  driver_.reset();
  renderer_.take_without_driver();
}

engine::StateReply ReferenceEngine::state() const {
  engine::StateReply state{.state = engine::AudioState::stopped,
                           .effective = {},
                           .xruns = 0,
                           .engine_frames = static_cast<std::int64_t>(renderer_.engine_frames())};
  if (!driver_) return state;
  state.effective = driver_->effective();
  state.state = state.effective->driver == engine::Driver::paced ? engine::AudioState::without_device : engine::AudioState::running;
  return state;
}

void ReferenceEngine::adopt(std::unique_ptr<AudioDriver> driver, Done<engine::Effective> done) {
  const PlanFormat format{.sample_rate_hz = driver->effective().sample_rate_hz, .block_frames = driver->effective().block_frames};
  const bool same = std::exchange(format_, format) == format;
  if (same || !last_graph_) return finish(std::move(driver), done);
  const auto kept = std::make_shared<std::unique_ptr<AudioDriver>>(std::move(driver));
  const auto again = std::make_shared<LastGraph>(*last_graph_);
  prepare(again->graph, again->order, true, [this, kept, again, done = std::move(done)](Result<Ticket> handed_over) {
    if (!handed_over) return done(std::move(handed_over).error());
    finish(std::move(*kept), done);
  });
}

void ReferenceEngine::finish(std::unique_ptr<AudioDriver> driver, const Done<engine::Effective>& done) {
  if (auto started = run(std::move(driver)); !started) {
    configured_.reset();
    return done(std::move(started).error());
  }
  done(driver_->effective());
}

Result<void> ReferenceEngine::run(std::unique_ptr<AudioDriver> driver) {
  const engine::Effective& effective = driver->effective();
  if (auto recording = record_at(effective.sample_rate_hz); !recording) return recording;
  renderer_.set_sample_rate(effective.sample_rate_hz);
  renderer_.take_without_driver();
  if (auto started = driver->start(renderer_); !started) return started;
  driver_ = std::move(driver);
  spdlog::info("driver {}{}{}, {} Hz, {} frames a block", engine::to_string(effective.driver), effective.device.empty() ? "" : " on ",
               effective.device, effective.sample_rate_hz, effective.block_frames);
  return {};
}

Result<void> ReferenceEngine::record_at(std::int64_t sample_rate_hz) {
  if (!options_.record || (recorder_ && recorder_->sample_rate_hz() == sample_rate_hz)) return {};
  renderer_.set_tap(nullptr);
  recorder_.reset();
  auto opened = Recorder::open(*options_.record, sample_rate_hz);
  if (!opened) return std::move(opened).error();
  recorder_ = *std::move(opened);
  renderer_.set_tap(recorder_->tap());
  return {};
}

void ReferenceEngine::replace_graph(const graph::Graph& graph, const signal::GraphOrder& order, Done<Ticket> done) {
  prepare(graph, order, false, std::move(done));
}

void ReferenceEngine::prepare(const graph::Graph& graph, const signal::GraphOrder& order, bool keeps_values, Done<Ticket> done) {
  preparing_ = true;
  const auto end = [this, done = std::move(done)](Result<Ticket> ticket) {
    preparing_ = false;
    done(std::move(ticket));
  };
  clips_.fetch(paths_of(graph), format_.sample_rate_hz, [this, &graph, &order, keeps_values, end](Result<ClipSet> clips) {
    if (!clips) return end(std::move(clips).error());
    const auto with_plugins = [this, &graph, &order, keeps_values, end, clips = *std::move(clips)](PluginSet set) {
      auto prepared = compiler_.prepare(graph, order, clips, hosted(set), format_);
      if (!prepared) return end(std::move(prepared).error());
      const auto made = std::make_shared<Prepared>(*std::move(prepared));
      plugins_.keep(std::move(set), [this, made, end, keeps_values, next = LastGraph{graph, order, clips}] {
        last_graph_ = next;
        if (keeps_values) renderer_.take_without_driver();  // the graph that waits has values that the next one keeps
        end(go_live(std::move(*made), keeps_values));
        for (engine::PluginFailed& failed : plugins_.failures()) on_event_(std::move(failed));
      });
    };
    if (options_.make_plugin) return with_plugins({});
    plugins_.prepare(graph, static_cast<double>(format_.sample_rate_hz), static_cast<std::uint32_t>(format_.block_frames), with_plugins);
  });
}

PluginProcessors ReferenceEngine::hosted(const PluginSet& set) const {
  PluginProcessors processors;
  for (const auto& [node, there] : set) processors.emplace(node, there.processor);
  return processors;
}

void ReferenceEngine::plugin_info(const PluginId& plugin, Done<plugin::InfoReply> done) {
  plugins_.info(plugin, static_cast<double>(format_.sample_rate_hz), std::move(done));
}

void ReferenceEngine::set_plugin_state(const GraphNodeId& node, const PluginState& state, Done<std::vector<engine::HandleValue>> done) {
  plugins_.set_state(node.str(), state, [this, node, state, done = std::move(done)](Result<std::map<std::string, double>> restored) {
    if (!restored) return done(std::move(restored).error());
    std::vector<engine::HandleValue> values;
    for (graph::GraphNode& there : last_graph_->graph.nodes) {
      if (there.id != node) continue;
      there.state = state;
      for (const graph::GraphParameter& parameter : there.parameters)
        if (const auto value = restored->find(parameter.key); value != restored->end())
          values.push_back({.handle = parameter.handle, .value = std::clamp(value->second, parameter.minimum, parameter.maximum)});
    }
    done(std::move(values));
  });
}

signal::Engine::Ticket ReferenceEngine::go_live(Prepared prepared, bool keeps_values) {
  if (renderer_.is_live()) compiler_.settle();
  const bool withdrawn = renderer_.withdraw();
  auto plan = compiler_.assemble(std::move(prepared), withdrawn);
  plan->keeps_values = keeps_values;
  return renderer_.publish(std::move(plan));
}

void ReferenceEngine::follow_up() {
  for (engine::PluginFailed& failed : plugins_.newly_failed()) on_event_(std::move(failed));
  if (preparing_ || !last_graph_ || !renderer_.is_live()) return;
  const bool has_leftovers = compiler_.has_leftovers() && renderer_.has_faded();
  bool has_another_latency = compiler_.latency_changed();
  if (has_another_latency) {  // a plugin that says something else with every block must not keep the engine busy with graphs
    const auto now = std::chrono::steady_clock::now();
    has_another_latency = !latency_changed_ || now - *latency_changed_ >= kLatencyPause;
    if (has_another_latency) latency_changed_ = now;
  }
  if (!has_leftovers && !has_another_latency) return;
  auto prepared = compiler_.prepare(last_graph_->graph, last_graph_->order, last_graph_->clips, hosted(plugins_.present()), format_);
  if (!prepared) return spdlog::error("the graph cannot be compiled once more: {}", prepared.error().message);
  const std::int64_t before = latency_frames();
  static_cast<void>(go_live(*std::move(prepared), true));
  if (latency_frames() != before) tell_latency();
}

void ReferenceEngine::tell_latency() {
  engine::LatencyChanged event{.latency_frames = latency_frames(), .nodes = {}};
  for (const KnownNode& node : compiler_.layout().nodes)
    if (node.latency_frames > 0) event.nodes.push_back({.node_id = node.id, .latency_frames = node.latency_frames});
  spdlog::info("the latency of the graph is {} frames now", event.latency_frames);
  on_event_(std::move(event));
}

void ReferenceEngine::tell_faults() {
  renderer_.take_faults([this](std::uint32_t number) {
    std::string node = compiler_.name(number);
    if (++faults_[node] > 1) return;
    spdlog::warn("node '{}' produced what is no number; it is silent for as long as it does", node.empty() ? "of an earlier graph" : node);
  });
}

Result<signal::Engine::Ticket> ReferenceEngine::set_automation(std::span<const engine::AutomationLane> lanes) {
  std::unordered_map<std::int64_t, const engine::AutomationLane*> wanted;
  for (const engine::AutomationLane& lane : lanes) wanted.insert_or_assign(lane.handle, &lane);
  auto batch = std::make_unique<AutomationBatch>();
  for (const auto& [handle, lane] : wanted)
    batch->entries.push_back({.handle = static_cast<std::uint32_t>(handle), .automation = signal::prepare_automation(lane->automation)});
  // The graph that is compiled again after a change of format plays it as well.
  if (last_graph_)
    for (graph::GraphNode& node : last_graph_->graph.nodes)
      for (graph::GraphParameter& parameter : node.parameters)
        if (const auto lane = wanted.find(parameter.handle); lane != wanted.end()) parameter.automation = lane->second->automation;
  return renderer_.publish(std::move(batch));
}

std::vector<engine::HandleValue> ReferenceEngine::held_values() const {
  std::vector<engine::HandleValue> values;
  values.reserve(compiler_.held().size());
  for (const HeldParameter& held : compiler_.held()) values.push_back({.handle = held.handle, .value = held.parameter->held()});
  return values;
}

void ReferenceEngine::tick() {
  if (driver_) {
    if (const auto fault = driver_->fault()) fall_back(*fault);
  } else {
    renderer_.take_without_driver();
  }
  renderer_.collect();
  if (renderer_.is_live()) compiler_.settle();
  follow_up();
  tell_faults();
}

void ReferenceEngine::fall_back(const std::string& reason) {
  spdlog::warn("{}; pacing in real time without a device", reason);
  driver_.reset();
  auto opened = open_(engine::Driver::paced, format_.sample_rate_hz, format_.block_frames);
  const auto started = opened ? run(*std::move(opened)) : Result<void>(std::move(opened).error());
  if (!started) return spdlog::error("{}", started.error().message);
  on_event_(engine::DriverChanged{.effective = driver_->effective(), .reason = reason});
}

}  // namespace loophole::reference_signal
