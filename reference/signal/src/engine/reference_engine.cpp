#include "engine/reference_engine.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace loophole::reference_signal {
namespace {

constexpr int kMostRecordings = 100;
constexpr std::chrono::milliseconds kLatencyPause{100};  // at least, between two changes of latency

}  // namespace

ReferenceEngine::ReferenceEngine(signal::rt::AudioPort& port, ClipLibrary::Post post, ReferenceEngineOptions options, Drivers& drivers)
    : options_(std::move(options)),
      drivers_(drivers),
      plugins_(post, options_.plugins),
      renderer_(port),
      compiler_(port.spectra, options_.make_plugin),
      clips_(post, renderer_.head(), options_.clips),
      watch_(drivers, std::move(post)) {}

ReferenceEngine::~ReferenceEngine() {
  opened_.reset();
  driver_.reset();
}

void ReferenceEngine::adopt(std::unique_ptr<AudioDriver> driver, Done<engine::Effective> done) {
  opened_ = std::move(driver);
  const engine::Effective& effective = opened_->effective();
  const PlanFormat format{.sample_rate_hz = effective.sample_rate_hz,
                          .block_frames = effective.block_frames,
                          .offline = effective.driver == engine::Driver::offline};
  const std::uint64_t adoption = ++adoption_;
  if (format == format_ || !last_graph_) return finish(format, nullptr, done);
  const auto overtaken = [done] {
    done(make_error(errors::kEngineDriverFailed, "another driver took the place of this one before it was started; configure it again"));
  };
  const auto graph = std::make_shared<LastGraph>(*last_graph_);
  make_ready(graph->graph, graph->order, format, [=, this, number = graph_number_](Result<Ready> made) {
    if (adoption != adoption_) return overtaken();
    if (number != graph_number_) return adopt(std::move(opened_), done);
    if (!made) {
      opened_.reset();
      return done(std::move(made).error());
    }
    const auto ready = std::make_shared<Ready>(*std::move(made));
    keep_plugins(ready, [=, this, keeps_graph = graph] {
      if (adoption != adoption_) return overtaken();
      if (number != graph_number_) return adopt(std::move(opened_), done);
      finish(format, ready.get(), done);
    });
  });
}

Result<void> ReferenceEngine::record_at(std::int64_t sample_rate_hz) {
  if (!options_.record || (recorder_ && recorder_->sample_rate_hz() == sample_rate_hz)) return {};
  stop_recording();
  // A file has one rate. Another one goes on in another file: neither sound nor recording ends with a device that has another rate.
  std::filesystem::path path = *options_.record;
  for (int number = 2; number < kMostRecordings && WavFile::has_other_rate(path, sample_rate_hz); ++number)
    path.replace_filename(options_.record->stem().string() + "-" + std::to_string(number) + options_.record->extension().string());
  auto opened = Recorder::open(path, sample_rate_hz);
  if (!opened) return std::move(opened).error();
  if (path != *options_.record)
    spdlog::warn("the recording goes on in '{}' at {} Hz: '{}' has another rate", path.string(), sample_rate_hz, options_.record->string());
  recorder_ = *std::move(opened);
  renderer_.set_tap(recorder_->tap());
  return {};
}

void ReferenceEngine::stop_recording() {
  renderer_.set_tap(nullptr);
  recorder_.reset();
}

void ReferenceEngine::replace_graph(const graph::Graph& graph, const signal::GraphOrder& order, Done<Ticket> done) {
  make_ready(graph, order, format_, [this, &graph, &order, done](Result<Ready> made) {
    if (!made) return done(std::move(made).error());
    if (made->format != format_) return replace_graph(graph, order, done);  // the device changed meanwhile
    const auto ready = std::make_shared<Ready>(*std::move(made));
    keep_plugins(ready, [this, &graph, &order, ready, done] {
      if (ready->format != format_) return replace_graph(graph, order, done);
      const Ticket ticket = hand_over(*ready, false);
      tell_plugin_failures();  // before the answer (ENG-47)
      done(ticket);
    });
  });
}

void ReferenceEngine::make_ready(const graph::Graph& graph, const signal::GraphOrder& order, const PlanFormat& format, Done<Ready> done) {
  const std::shared_ptr<void> busy(nullptr, [count = preparing_](void*) { --*count; });
  ++*preparing_;
  clips_.prepare(graph, format.sample_rate_hz, [=, this, &graph, &order](Result<ClipSet> clips) {
    if (!clips) return done(std::move(clips).error());
    const auto with_plugins = [=, this, &graph, &order, clips = *std::move(clips), still = busy](PluginSet set) {
      auto prepared = compiler_.prepare(graph, order, clips, hosted(set), format);
      if (!prepared) return done(std::move(prepared).error());
      done(Ready{.graph = {graph, order, clips}, .plugins = std::move(set), .prepared = *std::move(prepared), .format = format});
    };
    if (options_.make_plugin) return with_plugins({});
    const PluginFormat plugin_format{.sample_rate = static_cast<double>(format.sample_rate_hz),
                                     .block_frames = static_cast<std::uint32_t>(format.block_frames),
                                     .offline = format.offline};
    plugins_.prepare(graph, plugin_format, with_plugins);
  });
}

void ReferenceEngine::keep_plugins(const std::shared_ptr<Ready>& ready, std::function<void()> next) {
  const std::shared_ptr<void> busy(nullptr, [count = preparing_](void*) { --*count; });
  ++*preparing_;
  plugins_.keep(std::move(ready->plugins), [next = std::move(next), busy] { next(); });
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
      ++graph_number_;
      for (const graph::GraphParameter& parameter : there.parameters)
        if (const auto value = restored->find(parameter.key); value != restored->end())
          values.push_back({.handle = parameter.handle, .value = std::clamp(value->second, parameter.minimum, parameter.maximum)});
    }
    done(std::move(values));
  });
}

signal::Engine::Ticket ReferenceEngine::hand_over(Ready& ready, bool keeps_values) {
  last_graph_ = std::move(ready.graph);
  ++graph_number_;
  return go_live(std::move(ready.prepared), keeps_values);
}

void ReferenceEngine::tell_plugin_failures() {
  for (engine::PluginFailed& failed : plugins_.failures()) on_event_(std::move(failed));
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
  if (*preparing_ > 0 || !last_graph_ || !renderer_.is_live()) return;
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
  ++graph_number_;
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

}  // namespace loophole::reference_signal
