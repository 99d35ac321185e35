#pragma once
// Condition: what a script waits for or expects.
//
//   revision 3                   the project is at least at this revision
//   project Song                 its name; none: no project is open
//   tracks = 2                   how many it has
//   engine running               absent, starting, running, lost, failed
//   graph equal                  the engine runs what Pulse derived: equal, different, none
//   transport playing            playing, stopped
//   position > 1.5               of the transport, in seconds
//   meter Synth > -30 dB         the higher one of both sides, in the newest frame of telemetry
//   parameter Synth/Cutoff = 440 the committed value
//   held Synth/Cutoff = 440      the value that the engine holds
//   $reply.name = Song           anything else is compared as it stands
//
// Between both sides: =, !=, <, <=, >, >=, contains. Left out, it is = (for the revision >=).

#include <optional>
#include <string>
#include <vector>

#include "loophole/aura.hpp"

namespace loophole::cli {

struct Condition {
  std::string subject;
  std::string name;  // of a channel or parameter
  std::string comparison;
  std::string value;
  std::optional<double> within_s;  // how long to wait

  [[nodiscard]] std::string text() const;  // "meter Synth > -30"
};

// [any-thread] Error payload.invalid says how it is written.
[[nodiscard]] Result<Condition> parse_condition(const std::vector<std::string>& words);

// What a subject is now, and whether that is as wanted.
struct Finding {
  bool met = false;
  std::string found;
};
// [owner-thread] Asks, and is never behind what this or another client had answered before.
[[nodiscard]] Result<Finding> check_condition(aura::Client& client, const Condition& condition, const session::CallOptions& options);

// [any-thread] Error payload.invalid: numbers are compared with <, and there is none.
[[nodiscard]] Result<bool> compare(const std::string& left, const std::string& comparison, const std::string& right);

}  // namespace loophole::cli
