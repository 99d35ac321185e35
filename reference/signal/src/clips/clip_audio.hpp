#pragma once
// ClipAudio: an audio file in memory, at the rate of the engine. ClipTrack: where clips lie on the timeline.

#include <cstdint>
#include <memory>
#include <vector>

namespace loophole::reference_signal {

// Immutable once loaded; shared by all clips that play the file. Mono is on both channels; of more than two channels the first two count.
struct ClipAudio {
  std::vector<float> left;
  std::vector<float> right;
  [[nodiscard]] std::size_t frames() const noexcept { return left.size(); }
};

// What a new graph does with a clip: one that was there before plays on, others are faded in and out.
enum class ClipChange : std::uint8_t { stays, comes, goes };

struct PlacedClip {
  std::uint64_t start = 0;   // on the timeline, in frames
  std::uint64_t offset = 0;  // into the file
  std::uint64_t length = 0;  // frames that play; what the file does not have is silence
  float gain = 1;
  std::shared_ptr<const ClipAudio> audio{};
  ClipChange change = ClipChange::stays;

  [[nodiscard]] bool sounds_like(const PlacedClip& other) const noexcept {
    return start == other.start && offset == other.offset && length == other.length && gain == other.gain && audio == other.audio;
  }
};

// Clips by start. `longest` bounds how far back a clip may begin that still plays.
struct ClipTrack {
  std::vector<PlacedClip> clips;
  std::uint64_t longest = 0;
};

}  // namespace loophole::reference_signal
