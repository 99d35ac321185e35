#include "signal/rig.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cases.hpp"

namespace loophole::conformance {

void add_signal_cases(std::vector<Case>& cases) {
  using namespace signal_cases;
  add_hello_cases(cases);
  add_life_cases(cases);
  add_envelope_cases(cases);
  add_fault_cases(cases);
  add_limit_cases(cases);
  add_graph_cases(cases);
  add_patch_cases(cases);
  add_value_cases(cases);
  add_transport_cases(cases);
  add_stream_cases(cases);
  add_sample_cases(cases);
  add_sound_cases(cases);
  add_telemetry_cases(cases);
  add_process_cases(cases);
}

}  // namespace loophole::conformance

namespace loophole::conformance::signal_cases {
namespace {

constexpr double kToleranceDb = 0.3;
constexpr double kSilenceDb = -100;

double in_db(float ratio) {
  return ratio <= 0 ? -200 : 20 * std::log10(static_cast<double>(ratio));
}

bool fits(float peak, double db) {
  return db <= kSilenceDb ? in_db(peak) <= kSilenceDb + 5 : std::abs(in_db(peak) - db) < kToleranceDb;
}

}  // namespace

graph::GraphParameter parameter(Handle handle, std::string key, double value, double minimum, double maximum, double smoothing_ms) {
  return {.handle = handle, .key = std::move(key), .value = value, .minimum = minimum, .maximum = maximum, .smoothing_ms = smoothing_ms};
}
graph::GraphNode node(std::string id, Kind kind, std::vector<graph::GraphParameter> parameters) {
  return {.id = GraphNodeId(std::move(id)), .kind = kind, .parameters = std::move(parameters)};
}
graph::GraphNode tone(std::string id, Handle first, double frequency, double level) {
  return node(std::move(id), Kind::test_tone,
              {parameter(first, "frequency", frequency, 20, 20'000), parameter(first + 1, "level", level, -90, 12)});
}
graph::GraphNode gain(std::string id, Handle handle, double db, double smoothing_ms) {
  return node(std::move(id), Kind::gain, {parameter(handle, "gain", db, -90, 12, smoothing_ms)});
}
graph::GraphNode meter(std::string id, Handle handle) {
  graph::GraphNode made = node(std::move(id), Kind::meter);
  made.meter_handle = handle;
  return made;
}
graph::GraphNode output() {
  return node("out", Kind::output);
}
graph::Graph chain(std::vector<graph::GraphNode> nodes) {
  graph::Graph graph{.nodes = std::move(nodes)};
  for (std::size_t i = 1; i < graph.nodes.size(); ++i)
    graph.connections.push_back({.from = graph.nodes[i - 1].id, .to = graph.nodes[i].id});
  return graph;
}
graph::Graph voice(double gain_db) {
  return chain({tone("tone", kFrequency), gain("gain", kGain, gain_db), meter("meter", kMeter), output()});
}

std::string put(Trial& t, const graph::Graph& graph, Revision revision) {
  const Answer answer = t.pulse().call(graph::Replace{.revision = revision, .graph = graph});
  const auto* reply = answer.as<graph::AppliedReply>();
  if (reply == nullptr) throw CaseEnded("a valid graph was not taken: " + answer.text());
  return reply->digest.value;
}

engine::Effective configure(Trial& t) {
  const Answer answer = t.pulse().call(engine::Configure{.sample_rate_hz = 48'000, .block_frames = 256});
  const auto* effective = answer.as<engine::Effective>();
  if (effective == nullptr) throw CaseEnded("engine.configure was refused: " + answer.text());
  const Answer started = t.pulse().call(engine::Start{});
  if (!started.is_reply()) throw CaseEnded("engine.start was refused: " + started.text());
  return *effective;
}

void play(Trial& t, const graph::Graph& graph) {
  configure(t);
  put(t, graph);
  const Answer answer = t.pulse().call(engine::TransportSet{.playing = true});
  if (!answer.is_reply()) throw CaseEnded("the transport does not start: " + answer.text());
}

void watch_meters(Trial& t) {
  Watcher& watcher = t.watcher();
  watcher.subscribe("meters");
  if (!t.wait([&] { return watcher.count("meters") > 0; })) throw CaseEnded("no frame came to a subscription to 'meters'");
}

graph::QueryReply query(Trial& t) {
  const Answer answer = t.pulse().call(graph::Query{});
  const auto* reply = answer.as<graph::QueryReply>();
  return reply == nullptr ? graph::QueryReply{.revision = -1} : *reply;
}
std::string digest(Trial& t) {
  const graph::QueryReply reply = query(t);
  return reply.digest ? reply.digest->value : std::string();
}
session::CountersReply counters(Trial& t) {
  return conformance::counters(t.pulse());
}
std::int64_t faults(const session::CountersReply& counters) {
  return counters.malformed + counters.refused + counters.stream_frames_seen + counters.telemetry_frames_seen;
}

bool shows(Trial& t, double db, std::uint32_t handle) {
  Watcher& watcher = t.watcher();
  std::size_t looked = watcher.count("meters");
  int fitting = 0;
  return t.wait([&] {
    if (watcher.count("meters") == looked) return false;
    looked = watcher.count("meters");
    const auto reading = watcher.reading(handle);
    fitting = reading && fits(reading->peak, db) ? fitting + 1 : 0;
    return fitting >= 2;
  });
}

bool keeps(Trial& t, double db, std::uint32_t handle) {
  Watcher& watcher = t.watcher();
  std::size_t looked = watcher.count("meters");
  int readings = 0;
  bool all = true;
  const bool came = t.wait([&] {
    if (watcher.count("meters") == looked) return false;
    looked = watcher.count("meters");
    const auto reading = watcher.reading(handle);
    all = all && reading && fits(reading->peak, db);
    return ++readings >= 3;
  });
  return came && all;
}

std::string shown(Trial& t, std::uint32_t handle) {
  const auto reading = t.watcher().reading(handle);
  if (!reading) return "no reading of meter " + std::to_string(handle);
  char text[96];
  std::snprintf(text, sizeof text, "the newest reading of meter %u: peak %.2f dB, RMS %.2f dB", handle, in_db(reading->peak),
                in_db(reading->rms));
  return text;
}

std::string envelope(std::string_view id, std::string_view name, std::string_view payload) {
  return command_text(Role::pulse, Role::signal, id, name, payload);
}

std::string hex(std::uint64_t stream_id) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(stream_id));
  return text;
}

Hand& open(Trial& t, std::uint64_t stream_id, std::vector<Handle> handles, std::int64_t lease_ms) {
  const Answer answer =
      t.pulse().call(stream::Open{.stream_id = StreamId(hex(stream_id)), .handles = std::move(handles), .lease_ms = lease_ms});
  if (!answer.is_reply()) throw CaseEnded("stream.open was refused: " + answer.text());
  return t.hand(stream_id);
}

Hand& playing_hand(Trial& t, std::vector<Handle> handles, std::int64_t lease_ms) {
  play(t, voice());
  watch_meters(t);
  return open(t, kStream, std::move(handles), lease_ms);
}

Hand& moved_hand(Trial& t) {
  Hand& hand = playing_hand(t);
  hand.move(kGain, -20);
  if (!shows(t, kToneDb - 20)) throw CaseEnded("the sample was not heard: " + shown(t));
  return hand;
}

Answer close(Trial& t, std::uint64_t stream_id, std::vector<engine::HandleValue> values) {
  return t.pulse().call(stream::Close{.stream_id = StreamId(hex(stream_id)), .values = std::move(values)});
}

Rise risen(Trial& t, const session::CountersReply& before, const Rise& at_least) {
  Rise by;
  const auto look = [&] {
    const session::CountersReply now = counters(t);
    by = {.frames = now.stream_frames_seen - before.stream_frames_seen,
          .applied = now.stream_samples_applied - before.stream_samples_applied,
          .refused = now.stream_samples_refused - before.stream_samples_refused,
          .lost = now.stream_samples_lost - before.stream_samples_lost};
    return by.frames >= at_least.frames && by.applied >= at_least.applied && by.refused >= at_least.refused && by.lost >= at_least.lost;
  };
  (void)soon(t, look, std::max(t.patience() / 3, kCountsBy));
  return by;
}

std::string text(const Rise& by) {
  return "frames +" + std::to_string(by.frames) + ", applied +" + std::to_string(by.applied) + ", refused +" + std::to_string(by.refused) +
         ", lost +" + std::to_string(by.lost);
}

bool counted(Trial& t, const session::CountersReply& before, std::int64_t frames) {
  return soon(t, [&] { return counters(t).stream_frames_seen >= before.stream_frames_seen + frames; });
}

}  // namespace loophole::conformance::signal_cases
