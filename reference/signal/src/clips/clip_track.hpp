#pragma once
// ClipTrack: where clips lie on the timeline.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "clips/clip_file.hpp"

namespace loophole::reference_signal {

// What a new graph does with a clip: one that was there before plays on, others are faded in and out.
enum class ClipChange : std::uint8_t { stays, comes, goes };

struct PlacedClip {
  std::uint64_t start = 0;   // on the timeline, in frames
  std::uint64_t offset = 0;  // into the file
  std::uint64_t length = 0;  // frames that play; what the file does not have is silence
  float gain = 1;
  std::shared_ptr<ClipFile> file{};
  ClipChange change = ClipChange::stays;

  [[nodiscard]] bool sounds_like(const PlacedClip& other) const noexcept {
    return start == other.start && offset == other.offset && length == other.length && gain == other.gain && file == other.file;
  }
  // Frames that the file has for it.
  [[nodiscard]] std::uint64_t available() const noexcept LOOPHOLE_NONBLOCKING {
    return file->frames() > offset ? file->frames() - offset : 0;
  }
};

// Clips by start. `longest` bounds how far back a clip may begin that still plays.
struct ClipTrack {
  std::vector<PlacedClip> clips;
  std::uint64_t longest = 0;

  void add(PlacedClip clip) {
    longest = std::max(longest, clip.length);
    clips.push_back(std::move(clip));
  }
  void sort() {
    std::stable_sort(clips.begin(), clips.end(), [](const PlacedClip& a, const PlacedClip& b) { return a.start < b.start; });
  }

  // [any-thread] Calls sounding(clip) for each clip that begins before `end` and may not be over at `begin`, in order.
  template <class Sounding>
  void between(std::uint64_t begin, std::uint64_t end, Sounding&& sounding) const {
    const std::uint64_t earliest = begin > longest ? begin - longest : 0;
    auto clip = std::lower_bound(clips.begin(), clips.end(), earliest, [](const PlacedClip& c, std::uint64_t at) { return c.start < at; });
    for (; clip != clips.end() && clip->start < end; ++clip) sounding(*clip);
  }
};

// [any-thread] Calls page(file, page, at) for each page that the track needs to sound from `begin` to `end`; `at` is where on the timeline
// it is first needed.
template <class Page>
void pages_between(const ClipTrack& track, std::uint64_t begin, std::uint64_t end, Page&& page) {
  track.between(begin, end, [&](const PlacedClip& clip) {
    const std::uint64_t first = std::max(clip.start, begin);
    const std::uint64_t last = std::min(clip.start + std::min(clip.length, clip.available()), end);
    for (std::uint64_t at = first; at < last;) {
      const std::uint64_t source = at - clip.start + clip.offset;
      page(clip.file, source / ClipFile::kPageFrames, at);
      at += ClipFile::kPageFrames - source % ClipFile::kPageFrames;
    }
  });
}

}  // namespace loophole::reference_signal
