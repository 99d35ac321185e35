#pragma once
// The project that the suite's Pulse has: small, with one of each thing, and ways to change it at random.

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "loophole/messages/project.hpp"

namespace loophole::conformance::song {

// Parameters that cases move.
inline const ParameterId kGain{"prm-2"};       // of the first track: -60 to 12 dB
inline const ParameterId kCutoff{"prm-3"};     // of its filter: 20 to 20,000 Hz
inline const ParameterId kResonance{"prm-4"};  // 0.1 to 10
inline const TrackId kTrack{"trk-1"};
inline const TrackId kOtherTrack{"trk-2"};

[[nodiscard]] project::Project project();
// A track without clips, as track.add makes it. `number` makes its ids, and those of all that is on it.
[[nodiscard]] track::Track track(std::int64_t number, const std::string& name);
// Handles of all meters.
[[nodiscard]] std::vector<Handle> meters(const project::Project& project);

// What leads back from after a change to before it; nothing for what no command of the suite's Pulse does.
[[nodiscard]] std::optional<project::Change> inverse(const project::Project& before, const project::Change& change);

// Changes without end, each transaction of one to three. The same seed gives the same ones.
class Shuffle {
 public:
  explicit Shuffle(std::uint64_t seed) : random_(seed) {}
  [[nodiscard]] std::vector<project::Change> next(const project::Project& now);

 private:
  [[nodiscard]] std::optional<project::Change> one(const project::Project& now, std::size_t type);
  [[nodiscard]] std::int64_t below(std::size_t end);  // 0 to end - 1; 0 where that is nothing
  [[nodiscard]] const channel::Channel& any_channel(const project::Project& now);
  std::mt19937_64 random_;
  std::int64_t number_ = 100;  // of the next thing
};

}  // namespace loophole::conformance::song
