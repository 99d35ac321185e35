#include "graph/wire.hpp"

#include <algorithm>
#include <utility>

namespace loophole::reference_signal {

void Wire::begin(bool stays, std::uint32_t delay_frames, std::unique_ptr<DelayRing>& ring,
                 std::uint32_t fade_frames) noexcept LOOPHOLE_NONBLOCKING {
  fade_frames_ = fade_frames;
  wanted_ = delay_frames;
  fader_.go(stays, fade_frames);
  if (ring == nullptr || (ring_ != nullptr && ring_->capacity() >= ring->capacity())) return;
  if (ring_ != nullptr) ring->remember(*ring_);
  std::swap(ring_, ring);
}

void Wire::arrive() noexcept LOOPHOLE_NONBLOCKING {
  fader_.arrive();
  move_ = Fader(true);
  delay_ = wanted_;
}

void Wire::carry(StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING {
  if (ring_ != nullptr) delay(audio);
  if (fader_.is_open()) return;
  if (fader_.is_shut() || (ring_ != nullptr && !ring_->reaches(delay_))) {
    std::fill_n(audio.left, audio.frames, 0.0F);
    std::fill_n(audio.right, audio.frames, 0.0F);
    return;
  }
  for (std::uint32_t i = 0; i < audio.frames; ++i) {
    const float gain = fader_.next();
    audio.left[i] *= gain;
    audio.right[i] *= gain;
  }
}

void Wire::delay(StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING {
  if (wanted_ != delay_ && move_.is_open() && ring_->reaches(wanted_)) {
    before_ = std::exchange(delay_, wanted_);
    move_ = Fader(false);
    move_.go(true, fade_frames_);
  }
  for (std::uint32_t i = 0; i < audio.frames; ++i) {
    ring_->write(audio.left[i], audio.right[i]);
    audio.left[i] = ring_->left(delay_);
    audio.right[i] = ring_->right(delay_);
    if (move_.is_open()) continue;
    const float moved = move_.next();
    audio.left[i] += (1 - moved) * (ring_->left(before_) - audio.left[i]);
    audio.right[i] += (1 - moved) * (ring_->right(before_) - audio.right[i]);
  }
}

}  // namespace loophole::reference_signal
