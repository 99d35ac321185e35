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

class Pulse;
class Hand;
class Watcher;

using Milliseconds = std::chrono::milliseconds;

// How the peer is reached, the same for all cases of a run.
struct Setting {
  std::vector<std::string> command;  // with placeholders; empty when attached
  std::optional<Endpoints> attached;
  Topology topology = Topology::ipc;
  Milliseconds patience{5'000};           // bound of each wait, before noise
  Milliseconds case_limit{60'000};        // bound of a case, before noise
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
  [[nodiscard]] Pulse& pulse();                                   // the first one, greeted
  [[nodiscard]] Pulse& connect(std::string_view name = "pulse");  // a further connection that said nothing yet
  [[nodiscard]] Hand& hand(std::uint64_t stream_id);              // an Aura that sends samples
  [[nodiscard]] Watcher& watcher();                               // an Aura that watches
  [[nodiscard]] std::unique_ptr<Lane> stalled_subscriber(const std::vector<std::string>& topics);  // an Aura that never reads

  // --- Time: until `done` holds. False: it did not, within the patience for one wait (or `bound`), or because the peer ended.
  [[nodiscard]] bool wait(const std::function<bool()>& done, std::optional<Milliseconds> bound = {});
  // Goes on for so long, whatever happens. For silence that a case is about, never to wait for something.
  void pass(Milliseconds time);

  // --- The process of the peer
  void restart_peer();  // ends the one that runs, and starts another with new endpoints
  void restart_with(const std::vector<std::string>& command, const Endpoints& at);  // the same, with another command
  [[nodiscard]] PeerProcess* process() { return process_.get(); }
  void expect_end() { end_expected_ = true; }  // from here on the peer may end
  [[nodiscard]] const Endpoints& endpoints() const { return endpoints_; }
  [[nodiscard]] const Setting& setting() const { return setting_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] Endpoints other_endpoints();

  [[nodiscard]] Milliseconds patience() const;
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

  // --- For the runner
  [[nodiscard]] CaseResult finish(std::string ended, std::optional<std::string> fault);

 private:
  friend class Pulse;
  friend class Hand;
  friend class Watcher;
  void start();
  void start_peer(const std::vector<std::string>& command);
  void leave_peer();
  void leave_attached();
  void pump();
  void note(std::string plane, std::string way, std::string who, std::string text, bool wrong = false, std::string raw = {});
  void violated(const std::vector<Violation>& violations);
  void greeted(std::uint64_t epoch);
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
  std::uint64_t epoch_ = 0;
  std::size_t unlisted_ = 0;
  SpeechRules rules_;
  LaneContext lanes_;
  std::unique_ptr<PeerProcess> process_;
  std::vector<std::unique_ptr<Pulse>> pulses_;
  std::vector<std::unique_ptr<Hand>> hands_;
  std::unique_ptr<Watcher> watcher_;
};

// Set by a signal: cases end, and the run is incomplete.
extern volatile bool interrupted;

}  // namespace loophole::conformance
