// The proxies between the suite and a good Pulse: one on the edge to user interfaces, and one on the edge to the engine, which Pulse
// starts.
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "control_relay.hpp"
#include "fault.hpp"
#include "peer/command_line.hpp"
#include "peer/process.hpp"

namespace loophole::conformance::faults {
namespace {

constexpr int kUsage = 2;
constexpr int kInUse = 3;

// What happens to the process behind a proxy when the proxy is asked to end.
enum class AtTerm { asked, left, killed };

// Passes on until the process is gone, and ends as it did.
int relay(ControlRelay& control, PeerProcess& process, AtTerm at_term, std::chrono::milliseconds end_after = {},
          const std::function<void()>& meanwhile = {}) {
  bool told = false;
  while (!control.broken()) {
    // What it was told before it was asked to end comes before that.
    if (asked_to_end != 0 && !told && !control.holds()) {
      if (at_term == AtTerm::asked) process.ask_to_end();
      if (at_term == AtTerm::killed) process.kill_all();
      told = true;
    }
    if (meanwhile) meanwhile();
    const bool gone = process.ended().has_value();
    const bool moved = control.pass();  // also its last words
    if (gone && !moved && !control.holds()) break;
    if (moved) continue;
    std::vector<Lane*> lanes;
    control.add_lanes(lanes);
    wait_for_any(lanes, 5);
  }
  std::this_thread::sleep_for(end_after);
  const std::string output = process.output();
  (void)!::write(STDERR_FILENO, output.data(), output.size());
  if (control.broken()) return 1;
  if (process.ended()->signal) {
    std::signal(*process.ended()->signal, SIG_DFL);
    ::raise(*process.ended()->signal);
  }
  return process.ended()->code.value_or(1);
}

}  // namespace

int play_pulse_fault(std::string_view id, const std::vector<std::string>& arguments) {
  const Fault* fault = find("pulse", id);
  if (fault == nullptr || arguments.size() < 6 || arguments[0] != "--project" || arguments[2] != "--engine" || arguments[4] != "--")
    return kUsage;
  const std::string& outer = arguments[1];
  if (beyond_this_machine(outer) && !fault->no_bind_check) return 1;
  std::signal(SIGTERM, [](int) { asked_to_end = 1; });
  while (served(outer)) {
    if (!fault->waits_for_endpoints || asked_to_end != 0) return kInUse;
    ::usleep(20'000);
  }
  pause(fault->start_after);
  if (fault->chatters) chatter();
  const Folder folder;
  const Endpoints inner = new_endpoints(Topology::ipc, folder.path());
  const std::string program = (folder.path() / "engine").string();
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  std::ofstream(program) << "#!/bin/sh\nexec " << quoted({self, "play-engine-fault", std::string(id), arguments[3]}) << " \"$@\"\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  std::vector<std::string> command(arguments.begin() + 5, arguments.end());
  for (std::string& word : command) word = replaced(replaced(word, "@project@", inner.project), "@engine@", program);
  LaneContext context;
  ControlRelay control(context, inner.project,
                       {.from_server = fault->from_peer,
                        .to_server = fault->to_peer,
                        .answers = fault->answers,
                        .ends_on_garbage = fault->ends_on_garbage,
                        .joins_parts = fault->joins_parts,
                        .server_manners = fault->speaks});
  const mode_t before = ::umask(fault->open_files ? 0 : 0177);
  const bool bound = control.bind(outer);
  ::umask(before);
  if (!bound) return 1;
  const std::vector<std::string> environment =
      fault->own_runtime_dir ? std::vector<std::string>{"LOOPHOLE_RUNTIME_DIR=" + folder.path().string()} : std::vector<std::string>{};
  std::string error;
  const auto pulse = PeerProcess::start(command, environment, error, std::nullopt, PeerProcess::Group::ours);
  const AtTerm at_term = fault->ignores_term ? AtTerm::left : AtTerm::asked;
  return pulse == nullptr ? 1 : relay(control, *pulse, at_term, fault->end_after, fault->meanwhile);
}

int play_engine_fault(std::string_view id, const std::vector<std::string>& arguments) {
  const Fault* fault = find("pulse", id);
  if (fault == nullptr || arguments.size() < 3 || arguments[1] != "--control") return kUsage;
  std::signal(SIGTERM, [](int) { asked_to_end = 1; });
  const Folder folder;
  const Endpoints inner = new_endpoints(Topology::ipc, folder.path());
  std::vector<std::string> command = arguments;
  command[2] = inner.control;
  if (fault->engine_arguments) fault->engine_arguments(command);
  LaneContext context;
  ControlRelay control(context, inner.control,
                       {.from_server = fault->from_signal,
                        .to_server = fault->to_signal,
                        .passes_cuts = !fault->hides_cuts,
                        .client_manners = fault->speaks_to_signal});
  const mode_t before = ::umask(0177);
  const bool bound = control.bind(arguments[2]);
  ::umask(before);
  if (!bound) return 1;
  std::string error;
  const auto engine = PeerProcess::start(command, {}, error, std::nullopt, PeerProcess::Group::ours);
  const AtTerm at_term = fault->keeps_engine ? AtTerm::left : fault->kills_engine ? AtTerm::killed : AtTerm::asked;
  return engine == nullptr ? 1 : relay(control, *engine, at_term);
}

}  // namespace loophole::conformance::faults
