#pragma once
// What cases for engines share: graphs as Pulse derives them, and the usual first steps.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "loophole/messages/engine.hpp"
#include "loophole/messages/graph.hpp"
#include "loophole/messages/stream.hpp"
#include "steps.hpp"
#include "trial/client.hpp"
#include "trial/planes.hpp"
#include "trial/trial.hpp"

namespace loophole::conformance::signal_cases {

using Kind = graph::GraphNodeKind;

// --- Graphs
[[nodiscard]] graph::GraphParameter parameter(Handle handle, std::string key, double value, double minimum, double maximum,
                                              double smoothing_ms = 5);
[[nodiscard]] graph::GraphNode node(std::string id, Kind kind, std::vector<graph::GraphParameter> parameters = {});
[[nodiscard]] graph::GraphNode tone(std::string id, Handle first, double frequency = 1'000, double level = -12);  // frequency, level
[[nodiscard]] graph::GraphNode gain(std::string id, Handle handle, double db = 0, double smoothing_ms = 5);
[[nodiscard]] graph::GraphNode meter(std::string id, Handle handle);
[[nodiscard]] graph::GraphNode output();
[[nodiscard]] graph::Graph chain(std::vector<graph::GraphNode> nodes);  // each into the next

// Tone at -12 dB (handles 1, 2), gain at 0 dB (3), meter (9), output.
inline constexpr Handle kFrequency = 1;
inline constexpr Handle kToneLevel = 2;
inline constexpr Handle kGain = 3;
inline constexpr std::uint32_t kMeter = 9;
inline constexpr double kToneDb = -12;
[[nodiscard]] graph::Graph voice(double gain_db = 0);

// --- First steps; the case ends where one is not possible
std::string put(Trial& t, const graph::Graph& graph, Revision revision = 1);  // graph.replace; the digest
engine::Effective configure(Trial& t);                                        // 48 kHz, 256 frames; what is in effect
void play(Trial& t, const graph::Graph& graph);                               // all of it, with the transport running
void watch_meters(Trial& t);                                                  // subscribes, and waits for the first frame

// --- Questions; empty or zero where they are not answered
[[nodiscard]] graph::QueryReply query(Trial& t);
[[nodiscard]] std::string digest(Trial& t);
[[nodiscard]] session::CountersReply counters(Trial& t);
inline constexpr Milliseconds kCountsBy{1'500};                             // when counts are told at the latest, and some more
[[nodiscard]] std::int64_t faults(const session::CountersReply& counters);  // all that was dropped or refused

// Whether the meter shows this peak, in dB of full scale, and the reading after it too.
[[nodiscard]] bool shows(Trial& t, double db, std::uint32_t handle = kMeter);
[[nodiscard]] std::string shown(Trial& t, std::uint32_t handle = kMeter);  // for people
// Whether the next three readings of the meter show this peak.
[[nodiscard]] bool keeps(Trial& t, double db, std::uint32_t handle = kMeter);

// --- Texts
// A command from Pulse to Signal with any payload.
[[nodiscard]] std::string envelope(std::string_view id, std::string_view name, std::string_view payload);

// --- Streams
[[nodiscard]] std::string hex(std::uint64_t stream_id);
inline constexpr std::uint64_t kStream = 0x00f1'a2b3'c4d5'e6f7;
Hand& open(Trial& t, std::uint64_t stream_id = kStream, std::vector<Handle> handles = {kGain}, std::int64_t lease_ms = 30'000);
// The voice plays, its meter is watched, and a stream is open on it.
Hand& playing_hand(Trial& t, std::vector<Handle> handles = {kGain}, std::int64_t lease_ms = 30'000);
Hand& moved_hand(Trial& t);  // the same, and its gain was moved to -20 dB and heard there
[[nodiscard]] Answer close(Trial& t, std::uint64_t stream_id, std::vector<engine::HandleValue> values);
// By how much counters rose since `before`. They are told a little later than what they count (hello.md), so `at_least` is waited for.
struct Rise {
  std::int64_t frames = 0, applied = 0, refused = 0, lost = 0;
};
[[nodiscard]] Rise risen(Trial& t, const session::CountersReply& before, const Rise& at_least);
[[nodiscard]] std::string text(const Rise& by);
// Waits until the engine counted so many frames more than `before`.
[[nodiscard]] bool counted(Trial& t, const session::CountersReply& before, std::int64_t frames);

void add_hello_cases(std::vector<Case>& cases);
void add_life_cases(std::vector<Case>& cases);
void add_envelope_cases(std::vector<Case>& cases);
void add_fault_cases(std::vector<Case>& cases);
void add_limit_cases(std::vector<Case>& cases);
void add_graph_cases(std::vector<Case>& cases);
void add_patch_cases(std::vector<Case>& cases);
void add_value_cases(std::vector<Case>& cases);
void add_transport_cases(std::vector<Case>& cases);
void add_stream_cases(std::vector<Case>& cases);
void add_sample_cases(std::vector<Case>& cases);
void add_sound_cases(std::vector<Case>& cases);
void add_telemetry_cases(std::vector<Case>& cases);
void add_process_cases(std::vector<Case>& cases);

}  // namespace loophole::conformance::signal_cases
