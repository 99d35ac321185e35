#pragma once
// What a run found: one value that every report is made of, and that the verdict is judged from. Nothing here does any I/O.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loophole::conformance {

// Named by what they promise; each has the cases of those before it.
enum class Level : std::uint8_t {
  wire,      // what it says is well formed: the first look, in seconds
  required,  // every MUST
  strict,    // and every SHOULD
  stress,    // and under load, with garbage, without mercy
};
inline constexpr std::array<std::string_view, 4> kLevels{"wire", "required", "strict", "stress"};

enum class Outcome : std::uint8_t {
  passed,
  failed,
  not_reached,     // the case ended before; as bad as failed
  not_applicable,  // needs a capability that the peer does not declare
  not_run,         // not selected, or the run ended before; never as good as passed
};
inline constexpr std::array<std::string_view, 5> kOutcomes{"passed", "failed", "notReached", "notApplicable", "notRun"};

struct CheckResult {
  std::string id;  // "signal.hello.older-major/refused"
  std::vector<std::string> requirements;
  std::string expects;  // in the words of the specification
  Outcome outcome = Outcome::not_run;
  std::string came;  // what came instead, or why it was not run
};

// One message or frame, or a word on the process of the peer.
struct Entry {
  double at_ms = 0;    // since the begin of the case
  std::string plane;   // control, stream, telemetry, process
  std::string way;     // sent, received, note
  std::string who;     // the seat of the suite: "pulse", "pulse 2", "aura"
  bool wrong = false;  // the suite sent it wrong on purpose
  std::string fault;   // what is wrong with what the peer sent; empty: nothing
  std::string text;    // decoded
  std::string raw;     // frames: the bytes in hexadecimal digits
};

struct CaseResult {
  std::string id;
  std::string title;
  std::string steps;
  Level level = Level::required;
  std::vector<CheckResult> checks;
  double ms = 0;
  std::string ended;   // why it ended before its last step; empty: it did not
  std::string repeat;  // the command that repeats this case alone
  std::vector<Entry> transcript;
  std::string output;                      // the end of what the peer wrote to its standard streams
  std::optional<std::string> suite_fault;  // the suite itself did wrong: nothing of this case counts
};

// A failure that the vendor knows of; still run, and never better for the verdict.
struct Expected {
  std::string check;
  std::string reason;
};

struct RunResult {
  std::string suite_version;
  std::string protocol;  // "1.0"
  std::string role;
  Level level = Level::required;
  std::vector<std::string> command;  // of the peer, as given; or its endpoints
  bool attached = false;
  std::string peer_software;              // as it says of itself; proves nothing
  std::vector<std::string> capabilities;  // that it declares
  double noise = 1;                       // by which deadlines were multiplied at most
  double seconds = 0;
  std::optional<std::string> start_problem;  // why the peer could not be greeted at all
  std::vector<CaseResult> cases;             // every case of role and level, also those that did not run
  std::size_t planned_checks = 0;            // as the catalogue has them; to be the number of the checks above
  std::vector<Expected> expected;
};

enum class Verdict : std::uint8_t { conformant, not_conformant, not_started, suite_fault, incomplete };
inline constexpr std::array<std::string_view, 5> kVerdicts{"conformant", "notConformant", "notStarted", "suiteFault", "incomplete"};

struct Counts {
  std::size_t cases = 0;  // of which at least one check ran
  std::size_t checks = 0;
  std::array<std::size_t, kOutcomes.size()> by_outcome{};
  std::size_t expected_failures = 0;
  std::vector<std::string> unexpected_passes;
  [[nodiscard]] std::size_t of(Outcome outcome) const { return by_outcome[static_cast<std::size_t>(outcome)]; }
  [[nodiscard]] std::size_t executed() const { return of(Outcome::passed) + of(Outcome::failed) + of(Outcome::not_reached); }
};

struct Judgement {
  Verdict verdict = Verdict::incomplete;
  std::string reason;  // a sentence
  Counts counts;
};

// [any-thread] The one verdict. `conformant` needs: level required or higher, every check of the level executed and passed (those that need
// a capability which the peer does not declare aside), at least one check executed, and no fault of the suite.
[[nodiscard]] Judgement judge(const RunResult& run);

// [any-thread] 0 conformant, 1 not conformant, 3 the peer did not start, 4 fault of the suite, 5 incomplete. (2 is wrong arguments.)
[[nodiscard]] int exit_code(Verdict verdict);

[[nodiscard]] inline std::string_view to_string(Level level) {
  return kLevels[static_cast<std::size_t>(level)];
}
[[nodiscard]] inline std::string_view to_string(Outcome outcome) {
  return kOutcomes[static_cast<std::size_t>(outcome)];
}
[[nodiscard]] inline std::string_view to_string(Verdict verdict) {
  return kVerdicts[static_cast<std::size_t>(verdict)];
}
[[nodiscard]] std::optional<Level> level_named(std::string_view name);

// [any-thread] Puts together runs of parts: of each check the worst outcome that was executed. An error where they are not of one role,
// level, suite and peer.
struct Merged {
  std::optional<RunResult> run;
  std::string error;
};
[[nodiscard]] Merged merge(const std::vector<RunResult>& runs);

}  // namespace loophole::conformance
