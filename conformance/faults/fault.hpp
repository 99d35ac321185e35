#pragma once
// Planted faults: a proxy on the wire makes a good engine a bad one, in one way. The suite must turn exactly the declared checks red.

#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loophole::conformance::faults {

using Texts = std::vector<std::string>;
// What goes on in the place of a message. Empty: it is swallowed.
using Hook = std::function<Texts(const std::string&)>;

class Manners;  // manner.hpp

// What the proxy does otherwise than to pass everything on. Hooks may keep a memory; there is one process for each run of a peer.
struct Fault {
  std::string_view id;
  std::string_view does;
  // Control messages of the peer with its clients: an engine with Pulse, a Pulse with user interfaces.
  Hook from_peer;
  Hook to_peer;
  // What goes back to the suite when it sent this.
  Hook answers;
  // Of a Pulse, with its engine.
  Hook to_signal;
  Hook from_signal;
  // Frames.
  Hook stream;
  std::function<Texts(const std::string& topic, const std::string&)> telemetry;
  // The process.
  std::optional<int> exit_code;  // whatever that of the engine was
  bool ignores_term = false;
  std::optional<int> usage_code;   // for wrong arguments
  std::optional<int> in_use_code;  // for endpoints that are served
  bool open_files = false;         // socket files that anybody may use
  bool ends_on_garbage = false;    // the process ends when a control message is no JSON
  bool no_bind_check = false;
  bool joins_parts = false;                        // takes the last part of a control message of several
  bool ordered_options = false;                    // of an engine: only in the order of the specification
  bool waits_for_endpoints = false;                // of a Pulse: for one that is served
  bool own_runtime_dir = false;                    // of a Pulse: another one than it was given
  bool keeps_engine = false;                       // of a Pulse: its engine is not asked to end
  bool hides_cuts = false;                         // of a Pulse: goes on with its engine on a connection that was made again
  bool kills_engine = false;                       // of a Pulse: its engine is killed where it should be asked to end
  std::function<void()> meanwhile{};               // of a Pulse: again and again
  std::function<void(Texts&)> engine_arguments{};  // with which the engine is started, by a Pulse or by the suite
  // What breaks nothing: legal oddities.
  std::function<std::unique_ptr<Manners>()> speaks;            // each connection of the peer with its clients
  std::function<std::unique_ptr<Manners>()> speaks_to_signal;  // of a Pulse, with its engine
  std::chrono::milliseconds start_after{0};                    // until the process binds
  std::chrono::milliseconds end_after{0};                      // from when the good peer is gone
  bool chatters = false;                                       // on its standard streams
  // Of an Aura: what it says by itself, on the control and on the stream plane; looked at every few milliseconds. What it subscribes to.
  std::function<Texts()> says;
  std::function<Texts()> streams;
  Hook subscription;
  bool keeps_first_link = false;   // goes on at the endpoints of the first engine
  bool takes_any_session = false;  // whatever session.json says of its name and its process
  bool takes_any_folder = false;   // whoever can use the run-time directory
  bool link_from_file = false;     // endpoints of the engine from session.json
  bool loses_when_full = false;    // frames of the stream for which there is no room
  bool waits_when_full = false;    // for room, and does nothing else
  bool ends_on_bad_frame = false;  // the process ends when a frame of telemetry has no identifier of this plane
  std::string_view role = "signal";
  std::vector<std::string> scope{};  // cases that can notice, as patterns; the declared red set is that of these cases
};

// [any-thread] All of a role; the first one, `none`, does nothing.
[[nodiscard]] std::vector<const Fault*> catalogue(std::string_view role);
// [any-thread] Legal oddities of a role, `legal-…`: they are to turn nothing red.
[[nodiscard]] std::vector<const Fault*> oddities(std::string_view role);
// [any-thread] Of either.
[[nodiscard]] const Fault* find(std::string_view role, std::string_view id);

void add_control_faults(std::vector<Fault>& faults);
void add_command_faults(std::vector<Fault>& faults);
void add_frame_faults(std::vector<Fault>& faults);
void add_process_faults(std::vector<Fault>& faults);
void add_sound_faults(std::vector<Fault>& faults);
void add_shared_faults(std::vector<Fault>& faults, std::string_view role);  // of any server
void add_pulse_faults(std::vector<Fault>& faults);
void add_pulse_session_faults(std::vector<Fault>& faults);
void add_pulse_project_faults(std::vector<Fault>& faults);
void add_pulse_engine_faults(std::vector<Fault>& faults);
void add_oddities(std::vector<Fault>& oddities);
void add_aura_faults(std::vector<Fault>& faults);

// Peers that are none: never-binds (an Aura: never-connects), exits-at-once, closes-at-once, silent, echoes, says-ok. An Aura also:
// obeys-nothing, which is greeted, and says ok to its driver.
inline constexpr std::string_view kObeysNothing = "obeys-nothing";
[[nodiscard]] const std::vector<std::string>& dead_peers(std::string_view role);

// The program of a planted fault or a dead peer: `arguments` are where it is to be found, then -- and the command of a good peer with
// @control@ and so on in the places of its endpoints. An engine: --control, --stream and --telemetry, each with an endpoint. A Pulse:
// --project with an endpoint, --engine with the program of its engine. Returns the exit code.
int play_fault(std::string_view id, const std::vector<std::string>& arguments);
int play_pulse_fault(std::string_view id, const std::vector<std::string>& arguments);
// Of an Aura: --find with the endpoint of Pulse, --driver with a descriptor where there is one.
int play_aura_fault(std::string_view id, const std::vector<std::string>& arguments);
int play_dead_aura(std::string_view id, const std::vector<std::string>& arguments);
int play_dead(std::string_view id, const std::vector<std::string>& arguments);
// The program that a Pulse behind a fault starts as its engine: `arguments` are the real one, then the words of Pulse.
int play_engine_fault(std::string_view id, const std::vector<std::string>& arguments);

// --- Parts of both proxies
extern volatile std::sig_atomic_t asked_to_end;
// Waits, unless the process is asked to end.
void pause(std::chrono::milliseconds time);
// Writes more than a pipe holds.
void chatter();
// Whether a process answers there. ZeroMQ itself takes a socket file away from whoever serves it.
[[nodiscard]] bool served(const std::string& endpoint);
[[nodiscard]] bool beyond_this_machine(const std::string& endpoint);
[[nodiscard]] std::string replaced(std::string text, const std::string& from, const std::string& to);

}  // namespace loophole::conformance::faults
