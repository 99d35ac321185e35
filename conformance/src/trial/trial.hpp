#pragma once
// Trial: one case under way. It starts the peer, holds the seats of the suite, waits for events and takes down everything in both
// directions. [owner-thread] throughout.
//
//   Pulse& pulse = t.pulse();                                  // greeted; the case ends here when that fails
//   const Answer answer = pulse.call(graph::Query{});
//   t.check("answered", answer.as<graph::QueryReply>() != nullptr, answer.text());
//
// No check passes in a case in which the peer never answered a hello as it should: a dead peer keeps no promise by doing nothing.

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "lanes/lane.hpp"
#include "peer/command_line.hpp"
#include "peer/process.hpp"
#include "trial/case.hpp"
#include "trial/speech_rules.hpp"

namespace loophole::conformance {

class Client;
class Pulse;
class Aura;
class Signal;
class Host;
class Driver;
class Hand;
class Watcher;

using Milliseconds = std::chrono::milliseconds;

// How the peer is reached, the same for all cases of a run.
struct Setting {
  std::vector<std::string> command;  // with placeholders; empty when attached
  std::optional<Endpoints> attached;
  Topology topology = Topology::ipc;
  Milliseconds patience{5'000};           // bound of each wait, before noise
  Milliseconds case_limit{60'000};        // bound of a case, before noise and the leases of the peer
  std::filesystem::path folder;           // of the case, to be made; empty: one where temporary files are
  std::vector<std::string> capabilities;  // that the suite names in its hellos
};

// The case ended before its last step; what() says why.
struct CaseEnded : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// The suite did what it must not.
struct SuiteFault : std::logic_error {
  using std::logic_error::logic_error;
};
// The suite said nothing for longer than the lease of the peer, because it was held up: nothing of the case counts, and it is run again.
struct SuiteHeldUp : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Trial {
 public:
  Trial(const Case& of, const Setting& setting, double noise);
  ~Trial();
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  // --- What a case finds
  void check(std::string_view id, bool holds, std::string_view came);
  void require(std::string_view id, bool holds, std::string_view came);  // and the case ends when it does not hold

  // --- Who takes part
  // Where the peer is an engine:
  [[nodiscard]] Pulse& pulse();                                   // the first one, greeted
  [[nodiscard]] Pulse& connect(std::string_view name = "pulse");  // a further connection that said nothing yet
  [[nodiscard]] Hand& hand(std::uint64_t stream_id);              // an Aura that sends samples
  [[nodiscard]] Watcher& watcher();                               // an Aura that watches
  [[nodiscard]] std::unique_ptr<Lane> stalled_subscriber(const std::vector<std::string>& topics);  // an Aura that never reads

  // Where the peer is a Pulse:
  [[nodiscard]] Aura& aura();                                      // the first one, greeted
  [[nodiscard]] Aura& join(Lane::Kind kind = Lane::Kind::dealer);  // a further connection that said nothing yet
  [[nodiscard]] Aura& join_at(const std::string& endpoint);
  [[nodiscard]] Signal& signal();  // the engine that the peer starts; the peer is started, the engine perhaps not yet

  // Where the peer is an Aura:
  [[nodiscard]] Host& host();      // the suite's Pulse; up, and the peer is not started yet
  void start_guest() { start(); }  // and the peer is started, whatever it does
  Host& guest();                   // the same, and the peer is started and greeted; the case ends here when that fails
  [[nodiscard]] Driver& driver();  // to tell the peer what to do

  // --- Time: until `done` holds. False: it did not, within the patience for one wait (or `bound`), or because the peer ended.
  [[nodiscard]] bool wait(const std::function<bool()>& done, std::optional<Milliseconds> bound = {});
  // Goes on for so long, whatever happens. For silence that a case is about, never to wait for something.
  void pass(Milliseconds time);

  // --- The process of the peer
  void restart_peer();  // kills the one that runs, and starts another with new endpoints
  void restart_with(const std::vector<std::string>& command, const Endpoints& at);  // the same, with another command
  [[nodiscard]] PeerProcess* process() { return process_.get(); }
  // Waits up to `bound` for the end of the process that was asked for. False: it did not come.
  [[nodiscard]] bool wait_for_end(Milliseconds bound);
  void expect_end() { end_expected_ = true; }  // from here on the peer may end
  [[nodiscard]] const Endpoints& endpoints() const { return endpoints_; }
  [[nodiscard]] const Setting& setting() const { return setting_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path runtime_folder() const { return folder_.path() / "run"; }  // LOOPHOLE_RUNTIME_DIR of the peer
  [[nodiscard]] Endpoints other_endpoints();
  [[nodiscard]] double noise() const { return noise_; }

  [[nodiscard]] Milliseconds patience() const;
  // For a wait for what the peer may take `time` for: its time, and the patience on top.
  [[nodiscard]] Milliseconds patience_after(Milliseconds time) const { return time + patience(); }
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

  // --- For the runner
  [[nodiscard]] CaseResult finish(std::string ended, std::optional<std::string> fault);
  [[nodiscard]] const std::optional<std::string>& held_up() const { return held_up_; }

 private:
  friend class Client;
  friend class Aura;
  friend class Signal;
  friend class Host;
  friend class Deck;
  friend class Driver;
  friend class Hand;
  friend class Watcher;
  void start();
  template <class Seat>
  Seat& seat(std::string_view name, const std::string& endpoint, Lane::Kind kind = Lane::Kind::dealer);
  void start_peer(const std::vector<std::string>& command);
  void start_aura();
  void leave_peer();
  void leave_attached();
  [[nodiscard]] bool attached_answers();
  void pump();
  void beat();  // of every seat: while much is worked on, too
  [[noreturn]] void was_held_up(const std::string& who, std::chrono::steady_clock::duration silence);
  void note(std::string plane, std::string way, std::string who, std::string text, bool wrong = false, std::string raw = {});
  void violated(const std::vector<Violation>& violations);
  void greeted(std::uint64_t epoch, Milliseconds lease);
  [[nodiscard]] double now_ms() const;
  CheckResult& find(std::string_view id);

  const Case& case_;
  const Setting& setting_;
  double noise_;
  std::chrono::steady_clock::time_point begin_;
  Folder folder_;
  int folders_ = 0;
  std::size_t connections_ = 0;
  Endpoints endpoints_;
  CaseResult result_;
  bool started_ = false;
  bool greeted_ = false;
  bool end_expected_ = false;
  bool cut_ = false;  // the run was interrupted in the middle
  Milliseconds longest_lease_{0};
  std::optional<std::string> held_up_;
  std::uint64_t epoch_ = 0;
  std::size_t unlisted_ = 0;
  SpeechRules rules_;
  LaneContext lanes_;
  std::unique_ptr<PeerProcess> process_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::unique_ptr<Signal> signal_;
  std::unique_ptr<Driver> driver_;
  std::unique_ptr<Host> host_;
  std::vector<std::unique_ptr<Hand>> hands_;
  std::unique_ptr<Watcher> watcher_;
};

// Set by a signal: cases end, and the run is incomplete.
extern volatile bool interrupted;

}  // namespace loophole::conformance
