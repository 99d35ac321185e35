#include "nodes/clip_player.hpp"

#include <algorithm>

namespace loophole::reference_signal {
namespace {

// A clip within a stretch.
struct Sounding {
  std::uint64_t length = 0;  // that plays of the clip
  std::uint64_t cut = 0;     // frames over which its end is faded; 0: it ends with its file
  bool changes = false;      // it comes or goes
};

// Adds `frames` of a page, from `source` on.
void add(const PlacedClip& clip, const Sounding& sounding, const Stretch& stretch, StereoBlock audio, const ClipPage& page,
         std::uint64_t at, std::uint64_t frames) noexcept LOOPHOLE_NONBLOCKING {
  const float change_slope = (stretch.change_end - stretch.change_begin) / static_cast<float>(stretch.frames);
  const float slope = (stretch.fade_end - stretch.fade_begin) / static_cast<float>(stretch.frames);
  const std::size_t source = static_cast<std::size_t>((at - clip.start + clip.offset) % ClipFile::kPageFrames);
  const float* left = page.left_samples() + source;
  const float* right = page.right_samples() + source;
  for (std::uint64_t n = 0; n < frames; ++n) {
    const auto i = static_cast<std::uint32_t>(at + n - stretch.position);
    const std::uint64_t rest = sounding.length - (at + n - clip.start);
    float gain = clip.gain * (stretch.fade_begin + slope * static_cast<float>(i));
    if (rest <= sounding.cut) gain *= static_cast<float>(rest) / static_cast<float>(sounding.cut + 1);
    if (sounding.changes) {
      const float come = stretch.change_begin + change_slope * static_cast<float>(i);
      gain *= clip.change == ClipChange::comes ? come : 1.0F - come;
    }
    audio.left[i] += gain * left[n];
    audio.right[i] += gain * right[n];
  }
}

// Returns how many frames were not there.
std::uint64_t play(const PlacedClip& clip, const Stretch& stretch, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING {
  if (clip.change == ClipChange::goes && stretch.change_begin == 1.0F) return 0;
  Sounding sounding{.length = std::min(clip.length, clip.available())};
  if (clip.length < clip.available()) sounding.cut = std::min(ClipPlayer::kCutFrames, sounding.length);
  sounding.changes = clip.change != ClipChange::stays && stretch.change_begin < 1.0F;
  const std::uint64_t last = std::min(clip.start + sounding.length, stretch.position + stretch.frames);
  std::uint64_t missed = 0;
  for (std::uint64_t at = std::max(clip.start, stretch.position); at < last;) {
    const std::uint64_t source = at - clip.start + clip.offset;
    const std::uint64_t frames = std::min(last - at, ClipFile::kPageFrames - source % ClipFile::kPageFrames);
    if (const ClipPage* page = clip.file->page(source / ClipFile::kPageFrames))
      add(clip, sounding, stretch, audio, *page, at, frames);
    else
      missed += frames;
    at += frames;
  }
  return missed;
}

}  // namespace

void ClipPlayer::process(const Stretch& stretch, const NodeSetup& setup, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING {
  if (!stretch.audible) return;
  setup.clips.between(stretch.position, stretch.position + stretch.frames, [&](const PlacedClip& clip) noexcept {
    const std::uint64_t missed = play(clip, stretch, audio);
    if (missed == 0) return;
    clip.file->miss(missed);
    if (stretch.missed != nullptr) *stretch.missed += missed;
  });
}

}  // namespace loophole::reference_signal
