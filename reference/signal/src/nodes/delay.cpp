#include "nodes/delay.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace loophole::reference_signal {
namespace {

constexpr double kMostFeedback = 0.995;

}  // namespace

Delay::Delay(double sample_rate)
    : Processor({{"time", &time_ms_}, {"feedback", &feedback_}, {"mix", &mix_}}),
      left_(std::bit_ceil(static_cast<std::size_t>(kMostMs / 1'000.0 * sample_rate) + 2)),
      right_(left_.size()),
      forget_(left_.size()) {}

// All at once would be long for a block: the past is forgotten from its old end on, and none of what is left is heard.
void Delay::reset() noexcept LOOPHOLE_NONBLOCKING {
  forget_ = left_.size();
}

void Delay::aim(double time_ms, double sample_rate) noexcept LOOPHOLE_NONBLOCKING {
  if (fading_ > 0) return;
  const auto most = static_cast<double>(left_.size() - 1);
  const auto wanted = static_cast<std::uint32_t>(std::lround(std::clamp(time_ms / 1'000.0 * sample_rate, 1.0, most)));
  if (wanted == frames_) return;
  before_ = std::exchange(frames_, wanted);
  fading_ = before_ == 0 ? 0 : kFadeFrames;
}

void Delay::process(const Stretch& stretch, const NodeSetup&, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING {
  const auto step = [&](std::uint32_t begin, std::uint32_t frames) noexcept {
    aim(time_ms_.next(frames).end, stretch.sample_rate);
    const SmoothedParameter::Line feedback_line = feedback_.next(frames);
    const SmoothedParameter::Line mix_line = mix_.next(frames);
    const auto gain = [](double value) noexcept { return static_cast<float>(value); };
    const GainLine feedback = GainLine::between(gain(std::clamp(feedback_line.begin, 0.0, kMostFeedback)),
                                                gain(std::clamp(feedback_line.end, 0.0, kMostFeedback)), frames);
    const GainLine mix = GainLine::between(gain(mix_line.begin), gain(mix_line.end), frames);
    for (std::uint32_t i = 0; i < frames; ++i) {
      ++at_;
      // What is older than the last reset is silence, and does not end at once: the input sounded already.
      const std::size_t known = left_.size() - forget_;
      const auto ago = [&](const std::vector<float>& past, std::uint32_t frames_ago) noexcept {
        if (frames_ago > known) return 0.0F;
        const auto age = static_cast<float>(std::min<std::size_t>(known - frames_ago, kOnsetFrames));
        return past[place(frames_ago)] * (age / static_cast<float>(kOnsetFrames));
      };
      const auto echo = [&](const std::vector<float>& past) noexcept {
        const float now = ago(past, frames_);
        if (fading_ == 0) return now;
        const float then = ago(past, before_);
        return now + (then - now) * (static_cast<float>(fading_) / static_cast<float>(kFadeFrames));
      };
      const float left = echo(left_);
      const float right = echo(right_);
      float& dry_left = audio.left[begin + i];
      float& dry_right = audio.right[begin + i];
      left_[place(0)] = dry_left + feedback.at(i) * left;
      right_[place(0)] = dry_right + feedback.at(i) * right;
      dry_left += mix.at(i) * (left - dry_left);
      dry_right += mix.at(i) * (right - dry_right);
      if (fading_ > 0) --fading_;
      if (forget_ > 0) --forget_;
    }
  };
  in_steps(audio.frames, step, time_ms_, feedback_, mix_);
}

}  // namespace loophole::reference_signal
