#pragma once
// What every frame of an Aura on the stream plane is held to, in every case, by protocol/gestures.md and framing.md.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "loophole/core/bytes.hpp"
#include "loophole/frames/parameter_stream.hpp"
#include "loophole/messages/parameter.hpp"
#include "loophole/messages/stream.hpp"
#include "trial/speech_rules.hpp"

namespace loophole::conformance {

using Instant = std::chrono::steady_clock::time_point;

// A stream that was granted.
struct GrantedStream {
  std::uint64_t epoch = 0;
  std::vector<parameter::GestureTarget> targets;
  std::uint64_t next = 0;  // number of the sample that is due
  std::vector<frames::ParameterSample> samples;
  std::vector<Instant> frames;      // when each came
  std::map<Handle, double> newest;  // of each parameter that moved
};

// [owner-thread].
class StreamRules {
 public:
  // The number that frames carry.
  [[nodiscard]] static std::uint64_t number_of(const StreamId& id);

  void granted(const StreamId& id, std::int64_t epoch, std::vector<parameter::GestureTarget> targets);
  // From then on no frame of this stream may come; `requirement` says so. Control and stream are two connections, so what was sent before
  // may come a little later: `since` has that in it.
  void over(const StreamId& id, std::string requirement, Instant since);
  // As long as no grant is open, or was ever given.
  [[nodiscard]] bool any() const { return !streams_.empty(); }
  [[nodiscard]] const GrantedStream* find(const StreamId& id) const;
  [[nodiscard]] stream::StreamReport report(const StreamId& id) const;

  // A frame: text for people, and what is wrong with it.
  std::string hear(Bytes frame, Instant now, std::vector<Violation>& violations);

 private:
  struct Over {
    std::string requirement;
    Instant since;
  };
  std::map<std::uint64_t, GrantedStream> streams_;
  std::map<std::uint64_t, Over> over_;
};

}  // namespace loophole::conformance
