#include "nodes/clip_player.hpp"

#include <algorithm>

namespace loophole::reference_signal {
namespace {

void play(const PlacedClip& clip, const Stretch& stretch, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING {
  const std::uint64_t frames = clip.audio->frames();
  const std::uint64_t available = frames > clip.offset ? frames - clip.offset : 0;
  const std::uint64_t length = std::min(clip.length, available);
  const bool is_cut = clip.length < available;
  const std::uint64_t cut = std::min(ClipPlayer::kCutFrames, length);
  const std::uint64_t first = std::max(clip.start, stretch.position);
  const std::uint64_t last = std::min(clip.start + length, stretch.position + stretch.frames);
  if (clip.change == ClipChange::goes && stretch.change_begin == 1.0F) return;
  const bool changes = clip.change != ClipChange::stays && stretch.change_begin < 1.0F;
  const float change_slope = (stretch.change_end - stretch.change_begin) / static_cast<float>(stretch.frames);
  const float slope = (stretch.fade_end - stretch.fade_begin) / static_cast<float>(stretch.frames);
  for (std::uint64_t at = first; at < last; ++at) {
    const auto i = static_cast<std::uint32_t>(at - stretch.position);
    const auto played = static_cast<std::size_t>(at - clip.start);
    const std::size_t source = played + clip.offset;
    float gain = clip.gain * (stretch.fade_begin + slope * static_cast<float>(i));
    if (is_cut && length - played <= cut) gain *= static_cast<float>(length - played) / static_cast<float>(cut + 1);
    if (changes) {
      const float come = stretch.change_begin + change_slope * static_cast<float>(i);
      gain *= clip.change == ClipChange::comes ? come : 1.0F - come;
    }
    audio.left[i] += gain * clip.audio->left[source];
    audio.right[i] += gain * clip.audio->right[source];
  }
}

}  // namespace

void ClipPlayer::process(const Stretch& stretch, const NodeSetup& setup, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING {
  if (!stretch.audible) return;
  const std::vector<PlacedClip>& clips = setup.clips.clips;
  const std::uint64_t earliest = stretch.position > setup.clips.longest ? stretch.position - setup.clips.longest : 0;
  const std::uint64_t end = stretch.position + stretch.frames;
  auto clip = std::lower_bound(clips.begin(), clips.end(), earliest, [](const PlacedClip& c, std::uint64_t at) { return c.start < at; });
  for (; clip != clips.end() && clip->start < end; ++clip) play(*clip, stretch, audio);
}

}  // namespace loophole::reference_signal
