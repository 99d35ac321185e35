#include "engine/engine.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "derive/derive_graph.hpp"
#include "edits/audio_file.hpp"
#include "loophole/wire/graph_digest.hpp"

namespace loophole::pulse {

using engine::EngineState;

namespace {

constexpr std::int64_t kBlockFrames = 256;  // unless somebody selects a device with another
constexpr std::int64_t kDefaultRate = 48'000;
constexpr std::size_t kValuesPerMessage = 4'096;  // as engine.schema.json bounds them

// Whether a change can make the graph another one; names, colours and the order of tracks cannot.
bool is_in_graph(const project::Change& change) {
  return !std::holds_alternative<project::TrackMoved>(change) && !std::holds_alternative<project::TrackChanged>(change) &&
         !std::holds_alternative<project::BusChanged>(change) && !std::holds_alternative<project::TempoChanged>(change);
}

transport::Loop converted(const transport::Loop& loop, std::int64_t from_hz, std::int64_t to_hz) {
  return {.enabled = loop.enabled,
          .start_frames = convert_frames(loop.start_frames, from_hz, to_hz),
          .end_frames = convert_frames(loop.end_frames, from_hz, to_hz)};
}

// The number at the front of `rest`, which moves behind it and the following '/'.
std::optional<std::size_t> index_in(std::string_view& rest) {
  std::size_t index = 0;
  const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), index);
  if (failure != std::errc()) return std::nullopt;
  rest.remove_prefix(std::min(rest.size(), static_cast<std::size_t>(end - rest.data()) + 1));
  return index;
}

// The node that the pointer of a refusal names; `rest` is what follows it.
const graph::GraphNode* node_at(const graph::Graph& graph, std::string_view pointer, std::string_view* rest = nullptr) {
  constexpr std::string_view kNodes = "/payload/graph/nodes/";
  if (!pointer.starts_with(kNodes)) return nullptr;
  pointer.remove_prefix(kNodes.size());
  const auto index = index_in(pointer);
  if (!index || *index >= graph.nodes.size()) return nullptr;
  if (rest != nullptr) *rest = pointer;
  return &graph.nodes[*index];
}

const graph::GraphClip* clip_at(const graph::Graph& graph, std::string_view pointer) {
  constexpr std::string_view kClips = "clips/";
  const graph::GraphNode* node = node_at(graph, pointer, &pointer);
  if (node == nullptr || !pointer.starts_with(kClips)) return nullptr;
  pointer.remove_prefix(kClips.size());
  const auto index = index_in(pointer);
  return index && *index < node->clips.size() ? &node->clips[*index] : nullptr;
}

}  // namespace

Engine::Engine(net::Loop& loop, const ModelView& model) : loop_(loop), model_(model) {}

Engine::~Engine() {
  for (const auto& [number, waiter] : waiters_) loop_.cancel(waiter.timer);
}

std::int64_t Engine::project_rate() const {
  const project::Project* project = model_.project();
  return project == nullptr ? kDefaultRate : project->sample_rate_hz;
}

std::optional<double> Engine::project_tempo() const {
  const project::Project* project = model_.project();
  if (project == nullptr) return {};
  return project->tempo_bpm;
}

std::int64_t Engine::engine_rate() const {
  return effective_ ? effective_->sample_rate_hz : project_rate();
}

const session::EngineLink* Engine::link() const noexcept {
  return state_ == EngineState::running && port_ != nullptr ? &link_ : nullptr;
}

const session::Software* Engine::software() const noexcept {
  const session::HelloReply* hello = link() != nullptr ? port_->hello() : nullptr;
  return hello != nullptr ? &hello->software : nullptr;
}

Error Engine::unavailable() const {
  return make_error(errors::kEngineUnavailable, "there is no running engine: " + reason_);
}

void Engine::attach(EnginePort& port, session::EngineLink link) {
  port_ = &port;
  link_ = std::move(link);
  effective_.reset();
  live_ = false;
  in_flight_ = false;
  configure_due_ = true;
  graph_due_ = true;  // without a project as well: an engine that ran before us may still play another
  transport_due_ = true;
  tempo_due_ = false;
  values_due_.clear();
  left_out_.clear();
  passed_by_.clear();
  digest_differed_ = false;
  sync_.reset();
  pump();
}

void Engine::detach() {
  if (port_ == nullptr) return;
  port_ = nullptr;
  live_ = false;
  in_flight_ = false;
  effective_.reset();
  transport_.freeze(Clock::now());
  const auto calls = std::exchange(calls_, {});
  for (const auto& [number, fail] : calls) fail(unavailable());
  for (const auto& waiting : {std::exchange(graph_live_, {}), std::exchange(settling_, {}), std::exchange(settled_, {})})
    for (const auto& one : waiting) one(false);
}

void Engine::set_state(EngineState state, std::string reason) {
  state_ = state;
  reason_ = std::move(reason);
  if (state == EngineState::lost || state == EngineState::absent || state == EngineState::failed) detach();
  if (state == EngineState::absent || state == EngineState::failed) fail_waiters(unavailable());
  if (state != EngineState::running) return;
  const auto waiters = std::exchange(waiters_, {});
  for (const auto& [number, waiter] : waiters) loop_.cancel(waiter.timer);
  for (const auto& [number, waiter] : waiters) waiter.ready({});
}

void Engine::fail_waiters(const Error& error) {
  const auto waiters = std::exchange(waiters_, {});
  for (const auto& [number, waiter] : waiters) loop_.cancel(waiter.timer);
  for (const auto& [number, waiter] : waiters) waiter.ready(error);
}

// ---- following the model ----

void Engine::project_opened() {
  transport_.set(false, 0, project_rate(), Clock::now());
  transport_.set_loop({});
  left_out_.clear();
  configure_due_ = !effective_ || effective_->sample_rate_hz != project_rate();
  graph_due_ = true;
  transport_due_ = true;
  pump();
}

void Engine::project_closed() {
  transport_.set(false, 0, project_rate(), Clock::now());
  transport_.set_loop({});
  graph_due_ = true;
  transport_due_ = true;
  pump();
}

void Engine::model_changed(const std::vector<project::Change>& changes) {
  if (port_ == nullptr) return;  // everything is derived anew when it comes
  for (const project::Change& change : changes) {
    if (const auto* changed = std::get_if<project::ParameterChanged>(&change)) {
      if (const parameter::Parameter* parameter = model_.parameter(changed->parameter_id))
        values_due_[parameter->handle] = parameter->value;
    } else if (std::holds_alternative<project::TempoChanged>(change)) {
      tempo_due_ = true;
    } else if (is_in_graph(change)) {
      graph_due_ = true;
    }
  }
  pump();
}

void Engine::set_value(Handle handle, double value) {
  if (port_ == nullptr) return;
  values_due_[handle] = value;
  pump();
}

void Engine::values_set(const std::vector<engine::HandleValue>& values) {
  for (const engine::HandleValue& one : values) sync_.value_set(one.handle, one.value);
}

void Engine::driver_changed(const engine::DriverChanged& event) {
  took_effect(event.effective);
  pump();
}

void Engine::applied_again(const graph::Applied& event) {
  sync_.latency_changed(event.latency_frames);
  if (sync_.is_live(event.digest)) return;
  spdlog::warn("the engine runs another graph than it was given: digest {}", event.digest.str());
  send_anew();
}

void Engine::took_effect(engine::Effective effective) {
  const std::int64_t before = engine_rate();
  effective_ = std::move(effective);
  if (engine_rate() == before) return;
  graph_due_ = true;
  spdlog::info("the engine runs at {} Hz, the project at {} Hz", engine_rate(), project_rate());
}

std::optional<graph::Graph> Engine::desired_graph() const {
  const project::Project* project = model_.project();
  if (project == nullptr) return std::nullopt;
  graph::Graph graph = at_sample_rate(derive_graph(*project), project->sample_rate_hz, engine_rate());
  for (graph::GraphNode& node : graph.nodes) {
    std::erase_if(node.clips, [&](const graph::GraphClip& clip) { return left_out_.contains(clip.path); });
    // A gain without parameters passes audio on, and every engine has gains.
    if (passed_by_.contains(node.kind))
      node = {
          .id = node.id, .kind = graph::GraphNodeKind::gain, .meter_handle = {}, .plugin = {}, .state = {}, .parameters = {}, .clips = {}};
  }
  return graph;
}

// One thing at a time, in the order in which the engine needs them.
void Engine::pump() {
  if (port_ == nullptr || in_flight_) return;
  if (port_->state() != session::PortState::ready) return;  // lost already; detach() comes when the process is gone
  if (configure_due_) return send_configure();
  if (graph_due_) return send_graph();
  if (transport_due_) return send_transport();
  if (!live_) {
    live_ = true;
    if (on_live_) on_live_();
  }
  const auto graph_live = std::exchange(graph_live_, {});
  for (const auto& one : graph_live) one(true);
  if (port_ == nullptr || in_flight_) return;
  if (tempo_due_) return send_tempo();
  if (!values_due_.empty()) return send_values();
  const auto settled = std::exchange(settled_, {});
  for (const auto& one : settled) one(true);
}

void Engine::step_done() {
  in_flight_ = false;
  pump();
}

void Engine::send_configure() {
  configure_due_ = false;
  in_flight_ = true;
  call(configuration(), [this](auto answer) {
    if (port_ == nullptr) return;
    if (answer) {
      effective_ = *std::move(answer);
      spdlog::info("engine runs driver {} '{}' at {} Hz, {} frames a block", to_string(effective_->driver), effective_->device,
                   effective_->sample_rate_hz, effective_->block_frames);
      if (effective_->sample_rate_hz != project_rate())
        spdlog::warn("the driver runs at {} Hz instead of {} Hz; the graph is converted", effective_->sample_rate_hz, project_rate());
    } else {
      spdlog::error("the engine cannot be configured: {}", to_string(answer.error()));
      if (!live_ && on_unusable_) return on_unusable_(to_string(answer.error()));
    }
    step_done();
  });
}

void Engine::send_anew() {
  sync_.reset();
  graph_due_ = true;
  pump();
}

void Engine::send_graph() {
  graph_due_ = false;
  auto wanted = std::make_shared<const graph::Graph>(desired_graph().value_or(silent_graph()));
  GraphSync::Step step = sync_.step_to(*wanted, model_.project() == nullptr ? 0 : model_.revision());
  // The whole graph has all values. A patch has none that GraphSync takes for set, and one that is due may be due because it is not: a
  // value that a gesture left behind.
  if (std::holds_alternative<graph::Replace>(step))
    values_due_.clear();
  else
    refresh_values(*wanted);
  if (std::holds_alternative<std::monostate>(step)) return pump();
  in_flight_ = true;
  if (auto* automation = std::get_if<engine::AutomationSet>(&step)) return send_automation(std::move(*automation), wanted);
  on_graph_sent_();
  if (auto* patch = std::get_if<graph::Patch>(&step)) {
    call(std::move(*patch), [this, wanted](Result<graph::AppliedReply> answer) {
      if (port_ == nullptr) return;
      if (answer) {
        graph_answered(*wanted, answer);
      } else {
        spdlog::warn("a patch of the graph was refused, the whole graph follows: {}", to_string(answer.error()));
        sync_.patch_refused();
        graph_due_ = true;
      }
      step_done();
    });
    return;
  }
  call(std::move(std::get<graph::Replace>(step)), [this, wanted](Result<graph::AppliedReply> answer) {
    if (port_ == nullptr) return;
    graph_answered(*wanted, answer);
    step_done();
  });
}

void Engine::send_automation(engine::AutomationSet automation, std::shared_ptr<const graph::Graph> wanted) {
  call(std::move(automation), [this, wanted](Result<engine::ParameterSetReply> answer) {
    if (port_ == nullptr) return;
    if (!answer) {
      spdlog::warn("automation was refused, the whole graph follows: {}", to_string(answer.error()));
      sync_.patch_refused();
      graph_due_ = true;
    } else if (sync_.automated(*wanted, answer->digest)) {
      digest_differed_ = false;
    } else {
      digest_differs(answer->digest, *wanted);
    }
    step_done();
  });
}

void Engine::refresh_values(const graph::Graph& graph) {
  if (values_due_.empty()) return;
  std::map<Handle, double> values;
  for (const graph::GraphNode& node : graph.nodes)
    for (const graph::GraphParameter& parameter : node.parameters) values.emplace(parameter.handle, parameter.value);
  std::erase_if(values_due_, [&](const auto& due) { return !values.contains(due.first); });
  // One whose track went and came again meanwhile may have another value than when it was set.
  for (auto& [handle, value] : values_due_) value = values.at(handle);
}

void Engine::graph_answered(const graph::Graph& sent, const Result<graph::AppliedReply>& answer) {
  if (!answer) return graph_refused(sent, answer.error());
  if (sync_.applied(sent, *answer)) {
    digest_differed_ = false;
    spdlog::debug("graph of revision {} is live: {} nodes, digest {}", answer->revision, sent.nodes.size(), answer->digest.str());
    return on_graph_runs_(sent);
  }
  digest_differs(answer->digest, sent);
}

void Engine::digest_differs(const Digest& digest, const graph::Graph& sent) {
  spdlog::error("the engine runs another graph than it was given: digest {} instead of {}", digest.str(), wire::graph_digest(sent).str());
  // Once: an engine that counts otherwise would be sent its graph for ever.
  if (!std::exchange(digest_differed_, true)) graph_due_ = true;
}

// What one clip or one node cannot do must not silence everything else.
void Engine::graph_refused(const graph::Graph& sent, const Error& refusal) {
  spdlog::error("the graph is not live: {}", to_string(refusal));
  const std::string pointer = refusal.pointer.value_or("");
  if (is(refusal, errors::kClipFileUnreadable)) {
    const graph::GraphClip* named = clip_at(sent, pointer);
    std::set<std::string> paths;
    for (const graph::GraphNode& node : sent.nodes)
      for (const graph::GraphClip& clip : node.clips)
        if (named == nullptr ? !probe_audio_file(clip.path) : clip.path == named->path) paths.insert(clip.path);
    for (const std::string& path : paths) {
      if (!left_out_.insert(path).second) continue;
      spdlog::warn("clips of '{}' are silent until the project is opened again", path);
      graph_due_ = true;
    }
  }
  if (is(refusal, errors::kNodeKindUnsupported)) {
    const graph::GraphNode* node = node_at(sent, pointer);
    if (node == nullptr || node->kind == graph::GraphNodeKind::gain || !passed_by_.insert(node->kind).second) return;
    spdlog::warn("the engine has no nodes of the kind {}: audio passes them by", to_string(node->kind));
    graph_due_ = true;
  }
}

engine::Configure Engine::configuration() const {
  engine::Configure wanted{.sample_rate_hz = project_rate(), .block_frames = kBlockFrames, .driver = {}, .device_id = {}};
  if (!device_) return wanted;
  wanted.device_id = device_->device_id;
  wanted.sample_rate_hz = device_->sample_rate_hz.value_or(wanted.sample_rate_hz);
  wanted.block_frames = device_->block_frames.value_or(wanted.block_frames);
  return wanted;
}

void Engine::send_transport() {
  transport_due_ = false;
  tempo_due_ = false;  // it goes with it
  in_flight_ = true;
  const std::int64_t position = convert_frames(transport_.position_frames(Clock::now()), project_rate(), engine_rate());
  engine::TransportSet command{.playing = transport_.playing(), .position_frames = position, .loop = {}, .tempo_bpm = project_tempo()};
  if (transport_.loop() != transport::Loop{}) command.loop = converted(transport_.loop(), project_rate(), engine_rate());
  call(std::move(command), [this](auto answer) {
    if (port_ == nullptr) return;
    if (answer)
      transport_.resume(Clock::now());
    else
      spdlog::error("the transport cannot be restored: {}", to_string(answer.error()));
    step_done();
  });
}

void Engine::send_tempo() {
  tempo_due_ = false;
  in_flight_ = true;
  call(engine::TransportSet{.playing = {}, .position_frames = {}, .loop = {}, .tempo_bpm = project_tempo()}, [this](auto answer) {
    if (port_ == nullptr) return;
    if (!answer) {
      spdlog::error("the tempo did not reach the engine: {}", to_string(answer.error()));
    } else {
      const engine::TransportState state = take_transport(*std::move(answer));
      if (on_tempo_) on_tempo_(state);
    }
    step_done();
  });
}

void Engine::send_values() {
  in_flight_ = true;
  engine::ParameterSet command;
  while (!values_due_.empty() && command.values.size() < kValuesPerMessage) {
    const auto first = values_due_.extract(values_due_.begin());
    command.values.push_back({.handle = first.key(), .value = first.mapped()});
  }
  // Whoever waited before this message waits for no later one, or a stream of edits would keep them waiting for ever.
  if (values_due_.empty()) settling_ = std::exchange(settled_, {});
  call(command, [this, values = command.values](auto answer) {
    if (port_ == nullptr) return;
    if (!answer) {
      // The engine's graph is not what was thought; the whole one puts that right.
      spdlog::error("values did not reach the engine: {}", to_string(answer.error()));
      if (!std::exchange(values_refused_, true)) send_anew();
    } else {
      values_refused_ = false;
      values_set(values);
    }
    const auto settled = std::exchange(settling_, {});
    for (const auto& one : settled) one(true);
    step_done();
  });
}

// ---- use ----

void Engine::when_running(std::function<void(Result<void>)> ready, std::chrono::milliseconds patience) {
  if (link() != nullptr) return ready({});
  if (state_ == EngineState::absent || state_ == EngineState::failed) return ready(unavailable());
  when_restarted(std::move(ready), patience);
}

void Engine::when_restarted(std::function<void(Result<void>)> ready, std::chrono::milliseconds patience) {
  const std::uint64_t number = next_waiter_++;
  const net::TimerId timer = loop_.after(patience, [this, number] {
    const auto entry = waiters_.extract(number);
    if (!entry.empty()) entry.mapped().ready(unavailable());
  });
  waiters_.emplace(number, Waiter{.ready = std::move(ready), .timer = timer});
}

void Engine::when_ready(std::function<void(Result<void>)> ready) {
  when_running([this, ready = std::move(ready)](Result<void> running) {
    if (!running) return ready(std::move(running));
    when_graph_live([this, ready](bool live) {
      if (live) return ready({});
      ready(unavailable());
    });
  });
}

void Engine::when_graph_live(std::function<void(bool)> live) {
  if (link() == nullptr) return live(false);
  if (!in_flight_) return live(true);
  graph_live_.push_back(std::move(live));
}

void Engine::when_settled(std::function<void(bool)> settled) {
  if (link() == nullptr) return settled(false);
  if (!in_flight_) return settled(true);
  settled_.push_back(std::move(settled));
}

void Engine::set_transport(const TransportWish& wish, std::function<void(Result<engine::TransportState>)> done) {
  when_ready([this, wish, done = std::move(done)](Result<void> running) {
    if (!running) return done(running.error());
    engine::TransportSet command{.playing = wish.playing, .position_frames = {}, .loop = {}, .tempo_bpm = project_tempo()};
    if (wish.position_frames) command.position_frames = convert_frames(*wish.position_frames, project_rate(), engine_rate());
    if (wish.loop) command.loop = converted(*wish.loop, project_rate(), engine_rate());
    call(command, [this, wish, done](Result<engine::TransportState> answer) {
      if (!answer) return done(std::move(answer));
      engine::TransportState state = take_transport(*std::move(answer));
      if (wish.loop) {
        state.loop = *wish.loop;  // there and back between two sample rates may round
        transport_.set_loop(state.loop);
      }
      done(std::move(state));
    });
  });
}

void Engine::select_device(const device::Select& wanted, std::function<void(Result<engine::Effective>)> done) {
  when_ready([this, wanted, done = std::move(done)](Result<void> running) {
    if (!running) return done(running.error());
    const auto before = std::exchange(device_, wanted);
    call(configuration(), [this, before, done](Result<engine::Effective> answer) {
      if (!answer) {
        device_ = before;
        return done(std::move(answer));
      }
      took_effect(*answer);
      done(*answer);
      pump();
    });
  });
}

engine::TransportState Engine::take_transport(engine::TransportState state) {
  state.position_frames = convert_frames(state.position_frames, engine_rate(), project_rate());
  state.loop = converted(state.loop, engine_rate(), project_rate());
  transport_.set(state.playing, state.position_frames, project_rate(), Clock::now());
  transport_.set_loop(state.loop);
  return state;
}

}  // namespace loophole::pulse
