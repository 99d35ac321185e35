#include "engine/reference_engine.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
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

PluginProcessors processors_of(const PluginSet& set) {
  PluginProcessors processors;
  for (const auto& [node, there] : set) processors.emplace(node, there.processor);
  return processors;
}

}  // namespace

ReferenceEngine::ReferenceEngine(signal::rt::AudioPort& port, ClipLibrary::Post post, ReferenceEngineOptions options, OpenDriver open)
    : options_(std::move(options)), open_(std::move(open)), plugins_(post, options_.plugins), renderer_(port), clips_(std::move(post)) {}

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
  prepare(again->graph, again->order, [this, kept, again, done = std::move(done)](Result<Ticket> handed_over) {
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
  prepare(graph, order, std::move(done));
}

void ReferenceEngine::prepare(const graph::Graph& graph, const signal::GraphOrder& order, Done<Ticket> done) {
  preparing_ = true;
  const auto end = [this, done = std::move(done)](Result<Ticket> ticket) {
    preparing_ = false;
    done(std::move(ticket));
  };
  clips_.fetch(paths_of(graph), format_.sample_rate_hz, [this, &graph, &order, end](Result<ClipSet> clips) {
    if (!clips) return end(std::move(clips).error());
    const auto with_plugins = [this, &graph, &order, end, clips = *std::move(clips)](PluginSet set) {
      auto plan = compiler_.compile(graph, order, clips, processors_of(set), format_);
      if (!plan) return end(std::move(plan).error());
      const auto made = std::make_shared<std::unique_ptr<Plan>>(*std::move(plan));
      plugins_.keep(std::move(set), [this, made, end, next = LastGraph{graph, order, clips}] { hand_over(next, std::move(*made), end); });
    };
    plugins_.prepare(graph, static_cast<double>(format_.sample_rate_hz), static_cast<std::uint32_t>(format_.block_frames), with_plugins);
  });
}

void ReferenceEngine::hand_over(LastGraph graph, std::unique_ptr<Plan> plan, const Done<Ticket>& done) {
  last_graph_ = std::move(graph);
  last_ticket_ = renderer_.publish(std::move(plan));
  done(last_ticket_);
  for (engine::PluginFailed& failed : plugins_.failures()) on_event_(std::move(failed));
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

// Plugins that stopped by themselves, and such whose latency is another one: the graph is compiled anew for it, with what it holds.
void ReferenceEngine::watch_plugins() {
  for (engine::PluginFailed& failed : plugins_.newly_failed()) on_event_(std::move(failed));
  if (preparing_ || !last_graph_ || !renderer_.taken(last_ticket_)) return;
  const auto is_as_compiled = [&](const auto& at) {
    const auto& [node, there] = at;
    const std::int64_t now = there.processor->latency_frames();
    const auto& nodes = compiler_.latency().nodes;
    const auto compiled = std::ranges::find(nodes, GraphNodeId(node), &engine::NodeLatency::node_id);
    const auto in_graph = std::ranges::find(last_graph_->graph.nodes, GraphNodeId(node), &graph::GraphNode::id);
    return in_graph->bypassed || now == (compiled == nodes.end() ? 0 : compiled->latency_frames);
  };
  if (std::ranges::all_of(plugins_.present(), is_as_compiled)) return;
  // A plugin that says something else with every block must not keep the engine busy with graphs.
  const auto now = std::chrono::steady_clock::now();
  if (latency_changed_ && now - *latency_changed_ < kLatencyPause) return;
  latency_changed_ = now;
  auto plan = compiler_.compile(last_graph_->graph, last_graph_->order, last_graph_->clips, processors_of(plugins_.present()), format_);
  if (!plan) return spdlog::error("the live graph does not compile again: {}", to_string(plan.error()));
  (*plan)->keeps_values = true;
  last_ticket_ = renderer_.publish(*std::move(plan));
  on_event_(compiler_.latency());
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
  watch_plugins();
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
