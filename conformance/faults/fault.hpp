#pragma once
// Planted faults: a proxy on the wire makes a good engine a bad one, in one way. The suite must turn exactly the declared checks red.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loophole::conformance::faults {

using Texts = std::vector<std::string>;

// What the proxy does otherwise than to pass everything on. Hooks may keep a memory; there is one process for each run of a peer.
struct Fault {
  std::string_view id;
  std::string_view does;
  // Control messages: what goes on in the place of this one. Empty: it is swallowed.
  std::function<Texts(const std::string&)> from_engine;
  std::function<Texts(const std::string&)> to_engine;
  // What goes back to the suite when it sent this.
  std::function<Texts(const std::string&)> answers;
  // Frames.
  std::function<Texts(const std::string&)> stream;
  std::function<Texts(const std::string& topic, const std::string&)> telemetry;
  // The process.
  std::optional<int> exit_code;  // whatever that of the engine was
  bool ignores_term = false;
  std::optional<int> usage_code;   // for wrong arguments
  std::optional<int> in_use_code;  // for endpoints that are served
  bool open_files = false;         // socket files that anybody may use
  bool ends_on_garbage = false;    // the process ends when a control message is no JSON
  bool no_bind_check = false;
  std::vector<std::string> scope{};  // cases that can notice, as patterns; the declared red set is that of these cases
};

// [any-thread] All of them; the first one, `none`, does nothing.
[[nodiscard]] const std::vector<Fault>& catalogue();
[[nodiscard]] const Fault* find(std::string_view id);

void add_control_faults(std::vector<Fault>& faults);
void add_command_faults(std::vector<Fault>& faults);
void add_frame_faults(std::vector<Fault>& faults);
void add_process_faults(std::vector<Fault>& faults);

// Peers that are none: never-binds, exits-at-once, closes-at-once, silent, echoes, says-ok.
[[nodiscard]] const std::vector<std::string>& dead_peers();

// The program of a planted fault or a dead peer: `arguments` are --control, --stream, --telemetry with endpoints, then -- and the command
// of a good engine with @control@, @stream@ and @telemetry@. Returns the exit code.
int play_fault(std::string_view id, const std::vector<std::string>& arguments);
int play_dead(std::string_view id, const std::vector<std::string>& arguments);

}  // namespace loophole::conformance::faults
