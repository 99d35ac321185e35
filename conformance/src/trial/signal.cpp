#include "trial/signal.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "loophole/core/id.hpp"
#include "loophole/messages/device.hpp"
#include "loophole/messages/plugin.hpp"
#include "loophole/messages/registry.hpp"

namespace loophole::conformance {
namespace {

constexpr int kLooksForGoodbye = 50;
constexpr long kLookForGoodbyeMs = 5;

template <class T>
std::variant<wire::Payload, Error> reply(T value) {
  return wire::Payload::of(std::move(value));
}

plugin::PluginParameter plugin_parameter(std::string key, parameter::ParameterKind kind, double maximum, bool automatable) {
  return {.key = key,
          .name = std::move(key),
          .kind = kind,
          .minimum = 0,
          .maximum = maximum,
          .initial = 0,
          .step = 0,
          .unit = "",
          .curve = parameter::Curve::linear,
          .labels = {},
          .automatable = automatable,
          .hidden = false};
}

std::vector<std::string> routed(loophole::Kind kind, Role from, Role to) {
  std::vector<std::string> names;
  for (const wire::MessageDesc* one : wire::all_messages())
    if (one->kind == kind && one->allows(from, to)) names.emplace_back(one->name);
  return names;
}

}  // namespace

Signal::Signal(Trial& trial, const std::filesystem::path& folder) : trial_(trial), desk_(folder) {
  forget_process();
  effective = {.driver = engine::Driver::paced, .device = "none", .sample_rate_hz = 0, .block_frames = 256, .output_latency_frames = 0};
}
Signal::~Signal() = default;

const EngineStart& Signal::start() const {
  if (starts_.empty()) throw CaseEnded("the peer started no engine");
  return *starts_.back();
}

void Signal::crash() {
  trial_.note("process", "note", "signal", "the engine dies");
  starts_.back()->crash();
  forget_process();
}

void Signal::forget_pulse() {
  rules_ = {};
  retries_ = {};
}

void Signal::forget_process() {
  lane_.reset();
  stream_lane_.reset();
  telemetry_lane_.reset();
  live = {};
  streams.clear();
  transport = {.playing = false, .position_frames = 0, .position_beats = 0, .tempo_bpm = 120, .loop = {}};
  held_.clear();
  connections_.clear();
  pulse_.reset();
  order_.clear();
  first_word_.clear();
  commands_.clear();
  beats_ = 0;
  said_goodbye_ = false;
}

void Signal::cut_connection() {
  trial_.note("control", "note", "signal", "cuts the connection, and binds again");
  lane_.reset();
  connections_.clear();
  pulse_.reset();
  order_.clear();
  first_word_.clear();
  commands_.clear();
  std::string error;
  // The socket goes away a moment after it was closed.
  if (!trial_.wait([&] { return (lane_ = Lane::bind(trial_.lanes_, Lane::Kind::router, start().option("--control"), error)) != nullptr; }))
    throw CaseEnded(error);
}

std::size_t Signal::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count(order_, name));
}

std::string Signal::next_id() {
  return "s" + std::to_string(++next_id_);
}

std::vector<Lane*> Signal::lanes() const {
  return lane_ ? std::vector<Lane*>{lane_.get()} : std::vector<Lane*>{};
}

void Signal::take_start(std::unique_ptr<EngineStart> start) {
  std::string text = "the engine was started:";
  for (const std::string& word : start->arguments()) text += " " + word;
  trial_.note("process", "note", "signal", text);
  forget_process();
  mute_ = false;
  starts_.push_back(std::move(start));
  const EngineStart& now = *starts_.back();
  link_ = {.epoch = static_cast<Epoch>(1'000 * starts_.size() + static_cast<std::size_t>(::getpid()) % 1'000),
           .stream_endpoint = now.option("--stream"),
           .telemetry_endpoint = now.option("--telemetry")};
  instance_ = random_id("i");
  std::string error;
  const mode_t before = ::umask(0177);
  lane_ = Lane::bind(trial_.lanes_, Lane::Kind::router, now.option("--control"), error);
  if (lane_ == nullptr) trial_.note("process", "note", "signal", error);
  stream_lane_ = Lane::bind(trial_.lanes_, Lane::Kind::pull, link_.stream_endpoint, error);
  telemetry_lane_ = Lane::bind(trial_.lanes_, Lane::Kind::xpub, link_.telemetry_endpoint, error);
  ::umask(before);
  for (Lane* one : {stream_lane_.get(), telemetry_lane_.get()})
    if (one != nullptr) one->count(trial_.lanes_, Lane::Change::accepted);
}

void Signal::pump() {
  while (auto start = desk_.next()) take_start(std::move(start));
  if (starts_.empty()) return;
  EngineStart& process = *starts_.back();
  const bool was_asked = process.asked_to_end();
  process.look();
  if (process.gone()) {
    lane_.reset();
    stream_lane_.reset();
    telemetry_lane_.reset();
    return;
  }
  const auto read = [this] {
    for (auto parts = lane_ ? lane_->receive() : std::nullopt; parts; parts = lane_ ? lane_->receive() : std::nullopt) {
      if (parts->size() != 2) {
        trial_.note("control", "received", "signal", std::to_string(parts->size() - 1) + " parts");
        trial_.violated({{"FRM-2", "a control message of " + std::to_string(parts->size() - 1) + " parts to the engine"}});
        continue;
      }
      take(parts->front(), std::move(parts->back()));
      trial_.beat();  // a large message takes its time
    }
  };
  const bool bound = lane_ != nullptr;
  read();
  if (bound && lane_ == nullptr) return;
  if (connections_to_planes() > 0) trial_.violated({{"FRM-4", "somebody connects to the stream or telemetry endpoint of the engine"}});
  if (process.asked_to_end() && !was_asked) trial_.note("process", "note", "signal", "SIGTERM");
  if (process.asked_to_end() && !keeps_running_) {
    if (pulse_ && !said_goodbye_) tell(session::Goodbye{.reason = session::GoodbyeReason::closing, .message = {}});
    said_goodbye_ = true;
    // The signal is here at once; the goodbye that was said before it may still be on its way.
    for (int i = 0; i < kLooksForGoodbye && pulse_ && lane_ != nullptr; ++i) {
      wait_for_any({lane_.get()}, kLookForGoodbyeMs);
      read();
    }
    process.exit(0);
  }
  beat();
}

void Signal::take(const std::string& from, std::string raw) {
  trial_.note("control", "received", "signal", raw);
  ConnectionMemory& memory = connections_[from];
  std::vector<Violation> violations;
  auto received = std::make_shared<Received>(rules_.hear(std::move(raw), Role::pulse, Role::signal, memory, violations));
  trial_.violated(violations);
  if (!received->message) return;
  const wire::Message& message = *received->message;
  ids_.insert(message.header.id.value);
  if (first_word_.empty()) first_word_ = message.header.name;
  const bool hello = message.as<session::Hello>() != nullptr;
  if (!hello && pulse_ != from && held_.empty())
    trial_.violated({{"HELLO-1", message.header.name + " before any hello on this connection"}});
  if (!hello && pulse_ != from && !held_.empty()) trial_.violated({{"HELLO-4", message.header.name + " between the hello and its answer"}});
  if (message.as<session::Heartbeat>() != nullptr) {
    ++heartbeats_;
    return;
  }
  if (message.as<session::Goodbye>() != nullptr) {
    heard_goodbye_ = true;
    if (pulse_ == from) pulse_.reset();
  }
  if (message.header.kind == loophole::Kind::reply || message.header.kind == loophole::Kind::error) {
    ++answers_;
    trial_.violated({{"ENV-34", message.header.name + " is answered, though an engine asks nothing"}});
  }
  if (message.header.kind != loophole::Kind::command) return;
  if (const auto* said = message.as<session::Hello>()) hellos_.push_back(*said);
  std::vector<Violation> repeated;
  retries_.hear(message, instance_, repeated);
  trial_.violated(repeated);
  order_.push_back(message.header.name);
  commands_.put(received);
  if (mute_) return;
  if (ways_.holds(message.header.name)) {
    held_.emplace_back(received, from);
    return;
  }
  answer(received, from);
}

void Signal::release() {
  ways_.release();
  const auto waiting = std::move(held_);
  held_.clear();
  for (const auto& [received, from] : waiting) answer(received, from);
}

void Signal::answer(const std::shared_ptr<const Received>& received, const std::string& from) {
  const wire::Message& command = *received->message;
  if (const auto error = ways_.refusal(command.header.name)) {
    if (command.as<session::Hello>() != nullptr) pulse_ = from;
    say(wire::make_error_reply(MessageId(next_id()), command, *error));
    if (command.as<session::Hello>() != nullptr) pulse_.reset();
    return;
  }
  Said said = respond(command, from);
  if (const Error* error = std::get_if<Error>(&said)) {
    say(wire::make_error_reply(MessageId(next_id()), command, *error));
    return;
  }
  say(wire::make_reply(MessageId(next_id()), command, ways_.changed(command, std::get<wire::Payload>(std::move(said)))));
}

Signal::Said Signal::respond(const wire::Message& command, const std::string& from) {
  if (const auto* hello = command.as<session::Hello>()) {
    pulse_ = from;
    std::vector<std::string> both;
    for (const std::string& one : capabilities)
      if (std::ranges::find(hello->capabilities, one) != hello->capabilities.end()) both.push_back(one);
    return reply(session::HelloReply{.session_id = SessionId("s-" + instance_),
                                     .role = Role::signal,
                                     .instance_id = InstanceId(instance_),
                                     .software = {.name = "loophole-conformance", .version = LOOPHOLE_VERSION},
                                     .protocol = version,
                                     .capabilities = both,
                                     .heartbeat_interval_ms = kHeartbeat.count(),
                                     .lease_ms = lease_ms,
                                     .limits = {.max_message_bytes = 16'777'216, .max_depth = 32, .max_frame_bytes = 1'048'576},
                                     .engine = link_,
                                     .fingerprint = {}});
  }
  if (command.as<session::Describe>() != nullptr)
    return reply(session::DescribeReply{.handles = routed(loophole::Kind::command, Role::pulse, Role::signal),
                                        .sends = routed(loophole::Kind::event, Role::signal, Role::pulse),
                                        .protocol = version,
                                        .fingerprint = std::string(wire::kModelFingerprint)});
  if (command.as<session::Counters>() != nullptr) return reply(session::CountersReply{});
  if (const auto* wanted = command.as<engine::Configure>()) {
    engine::Effective now = effective;
    if (now.sample_rate_hz == 0) now.sample_rate_hz = wanted->sample_rate_hz;
    return reply(std::move(now));
  }
  if (const auto* wanted = command.as<engine::TransportSet>()) {
    if (wanted->loop && wanted->loop->enabled && wanted->loop->end_frames <= wanted->loop->start_frames)
      return make_error(errors::kTransportInvalidLoop, "the loop ends before it begins");
    if (wanted->position_frames) transport.position_frames = *wanted->position_frames;
    if (wanted->loop) transport.loop = *wanted->loop;
    if (wanted->tempo_bpm) transport.tempo_bpm = *wanted->tempo_bpm;
    if (wanted->playing) transport.playing = *wanted->playing;
    return reply(transport);
  }
  if (command.as<engine::Start>() != nullptr || command.as<engine::Stop>() != nullptr || command.as<engine::State>() != nullptr)
    return reply(
        engine::StateReply{.state = command.as<engine::Stop>() != nullptr ? engine::AudioState::stopped : engine::AudioState::running,
                           .effective = {},
                           .xruns = 0,
                           .engine_frames = 0});
  if (command.as<device::List>() != nullptr) return reply(device::ListReply{});
  if (command.as<plugin::Scan>() != nullptr) return reply(plugin::ScanReply{});
  if (command.as<plugin::List>() != nullptr) return reply(plugin::ListReply{});
  if (const auto* wanted = command.as<plugin::Info>())
    return reply(plugin::InfoReply{
        .brief = {.plugin = wanted->plugin, .format = plugin::Format::lv2, .name = "Tin", .vendor = "Suite", .category = "Effect"},
        .parameters = {plugin_parameter("shine", parameter::ParameterKind::float_, 1, true),
                       plugin_parameter("steps", parameter::ParameterKind::int_, 10, true),
                       plugin_parameter("secret", parameter::ParameterKind::float_, 1, false)},
        .audio_inputs = 2,
        .audio_outputs = 2,
        .latency_frames = 0});
  if (command.as<engine::PluginStateGet>() != nullptr) return reply(engine::PluginStateReply{.state = PluginState(plugin_state)});
  if (command.header.name.starts_with("stream.")) return respond_with_stream(command);
  return respond_with_graph(command);
}

std::optional<Error> Signal::unreadable(const graph::Graph& graph) const {
  for (std::size_t n = 0; n < graph.nodes.size(); ++n)
    for (std::size_t c = 0; c < graph.nodes[n].clips.size(); ++c) {
      const std::string& path = graph.nodes[n].clips[c].path;
      if (std::ranges::find(unreadable_, path) == unreadable_.end()) continue;
      Error error = make_error(errors::kClipFileUnreadable, "'" + path + "' cannot be read");
      error.pointer = "/payload/graph/nodes/" + std::to_string(n) + "/clips/" + std::to_string(c) + "/path";
      return error;
    }
  return std::nullopt;
}

Signal::Said Signal::respond_with_graph(const wire::Message& command) {
  const auto live_now = [&](std::optional<Error> fault) -> Said {
    if (fault) return *std::move(fault);
    for (const graph::GraphNode& node : live.graph().nodes)
      if (plugins_are && node.kind == graph::GraphNodeKind::plugin && node.plugin && !node.bypassed)
        tell(engine::PluginFailed{.node_id = node.id, .plugin = *node.plugin, .status = *plugins_are, .reason = "cannot be used"});
    if (says_applied_)
      say(wire::make_event(MessageId(next_id()), Role::signal, Role::pulse,
                           graph::Applied{.revision = live.revision(), .digest = live.digest(), .latency_frames = 0}, command.header.id));
    return reply(graph::AppliedReply{.revision = live.revision(), .digest = live.digest(), .latency_frames = 0});
  };
  const auto set_now = [&](std::optional<Error> fault) -> Said {
    if (fault) return *std::move(fault);
    return reply(engine::ParameterSetReply{.digest = live.digest()});
  };
  if (const auto* wanted = command.as<graph::Replace>()) {
    if (auto fault = unreadable(wanted->graph)) return *std::move(fault);
    return live_now(live.replace(*wanted));
  }
  if (const auto* wanted = command.as<graph::Patch>()) {
    LiveGraph next = live;
    std::optional<Error> fault = next.patch(*wanted);
    for (std::size_t i = 0; i < wanted->operations.size() && !fault; ++i) {
      const auto* added = std::get_if<graph::AddNode>(&wanted->operations[i]);
      const auto* changed = std::get_if<graph::ReplaceNode>(&wanted->operations[i]);
      if (added == nullptr && changed == nullptr) continue;
      fault = unreadable({.nodes = {added != nullptr ? added->node : changed->node}, .connections = {}});
      if (fault)
        fault->pointer =
            "/payload/operations/" + std::to_string(i) + "/node" + fault->pointer->substr(std::string("/payload/graph/nodes/0").size());
    }
    if (fault) return *std::move(fault);
    live = std::move(next);
    return live_now(std::nullopt);
  }
  if (const auto* wanted = command.as<engine::ParameterSet>()) return set_now(live.set(wanted->values));
  if (const auto* wanted = command.as<engine::AutomationSet>()) return set_now(live.set(wanted->lanes));
  if (command.as<graph::Query>() != nullptr) {
    graph::QueryReply now{.revision = live.revision(), .digest = {}, .values = {}};
    if (live.there()) now.digest = live.digest();
    return reply(std::move(now));
  }
  if (const auto* wanted = command.as<engine::PluginStateSet>()) {
    plugin_state = wanted->state.value;
    engine::PluginStateSetReply now{.values = {}, .digest = live.digest()};
    if (const graph::GraphNode* node = live.node_of_plugin())
      for (const graph::GraphParameter& one : node->parameters)
        if (one.key != "steps") now.values.push_back({.handle = one.handle, .value = 0.75});
    (void)live.set(now.values);
    now.digest = live.digest();
    return reply(std::move(now));
  }
  return make_error(errors::kEnvelopeUnknownName, "the suite has no " + command.header.name);
}

Signal::Said Signal::respond_with_stream(const wire::Message& command) {
  if (const auto* wanted = command.as<stream::Open>()) {
    for (const Handle handle : wanted->handles)
      if (live.parameter(handle) == nullptr) return make_error(errors::kGraphUnknownHandle, "there is no handle " + std::to_string(handle));
    streams[wanted->stream_id.value] = {.handles = wanted->handles, .lease_ms = wanted->lease_ms, .report = {}, .last_values = {}};
    stream_ids.push_back(wanted->stream_id.value);
    return reply(envelope::Empty{});
  }
  const auto* wanted = command.as<stream::Close>();
  const auto open = wanted == nullptr ? streams.end() : streams.find(wanted->stream_id.value);
  if (open == streams.end()) return make_error(errors::kStreamUnknown, "the stream is not open");
  if (auto fault = live.set(wanted->values)) return *std::move(fault);
  stream::CloseReply now{.report = open->second.report, .last_values = open->second.last_values, .digest = live.digest()};
  streams.erase(open);
  return reply(std::move(now));
}

void Signal::moved(Handle handle, double value) {
  for (auto& [id, stream] : streams) {
    if (std::ranges::find(stream.handles, handle) == stream.handles.end()) continue;
    ++stream.report.frames_received;
    ++stream.report.samples_received;
    ++stream.report.samples_applied;
    std::erase_if(stream.last_values, [&](const engine::HandleValue& one) { return one.handle == handle; });
    stream.last_values.push_back({.handle = handle, .value = value});
    trial_.note("stream", "note", "signal", "as if a sample had moved " + std::to_string(handle) + " to " + std::to_string(value));
  }
}

void Signal::expire(const StreamId& id, std::vector<engine::HandleValue> last_values) {
  const auto open = streams.find(id.value);
  const stream::StreamReport report = open == streams.end() ? stream::StreamReport{} : open->second.report;
  streams.erase(id.value);
  tell(stream::Expired{.stream_id = id, .report = report, .values = std::move(last_values)});
}

std::size_t Signal::connections_to_planes() {
  std::size_t all = 0;
  for (Lane* one : {stream_lane_.get(), telemetry_lane_.get()})
    if (one != nullptr) all += one->counted();
  return all;
}

void Signal::say(const wire::Message& message) {
  auto text = wire::encode_message(message);
  if (!text) throw SuiteFault("the suite would send an invalid " + message.header.name + ": " + loophole::to_string(text.error()));
  trial_.note("control", "sent", "signal", *text);
  if (lane_ == nullptr || !pulse_) return;
  (void)lane_->send({*pulse_, *text});
  last_sent_ = std::chrono::steady_clock::now();
}

void Signal::tell_raw(const std::string& text) {
  trial_.note("control", "sent", "signal", text, true);
  if (lane_ != nullptr && pulse_) (void)lane_->send({*pulse_, text});
}

void Signal::beat() {
  if (!pulse_ || lane_ == nullptr || mute_ || said_goodbye_) return;
  const auto silence = std::chrono::steady_clock::now() - last_sent_;
  if (silence < kHeartbeat / 2) return;
  auto text =
      wire::encode_message(wire::make_event(MessageId(next_id()), Role::signal, Role::pulse, session::Heartbeat{.sequence = beats_++}));
  (void)lane_->send({*pulse_, *text});
  last_sent_ = std::chrono::steady_clock::now();
  if (silence >= std::chrono::milliseconds(lease_ms)) trial_.was_held_up("engine", silence);
}

}  // namespace loophole::conformance
