#pragma once
// Processor: what a node of the graph does to audio. Made on the I/O thread, used by the audio thread while its graph is live, destroyed on
// the I/O thread. A node that is in the next graph too keeps its processor, and with it its state.

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "audio/past.hpp"
#include "clips/clip_track.hpp"
#include "loophole/signal/rt/meter_board.hpp"
#include "loophole/signal/rt/nonblocking.hpp"
#include "loophole/signal/rt/smoothed_parameter.hpp"
#include "loophole/signal/rt/spectrum_board.hpp"

namespace loophole::reference_signal {

using signal::rt::SmoothedParameter;

// Two channels of `frames` samples, changed in place.
struct StereoBlock {
  float* left = nullptr;
  float* right = nullptr;
  std::uint32_t frames = 0;
};

// What all nodes of one stretch of audio have in common. A stretch never crosses a jump of the transport.
struct Stretch {
  double sample_rate = 48'000;
  std::uint32_t frames = 0;
  std::uint64_t position = 0;  // on the timeline, of the first frame
  bool audible = false;        // whether sources of the timeline sound; they are multiplied by a line from fade_begin to fade_end
  float fade_begin = 0;
  float fade_end = 0;
  double tempo_bpm = 120;
  Place heard;                      // where on the timeline was what comes in to the node, behind the latency before it
  bool measuring = false;           // whether anybody watches meters
  signal::rt::SampleClock clock{};  // of the first frame
  // How far the graph has moved on from the one before, 0 … 1 in a line: clips that come or go are faded along it.
  float change_begin = 1;
  float change_end = 1;
  std::uint64_t* missed = nullptr;  // sources add frames that should have sounded and were not in memory
};

// What a node has in one graph beside its parameters.
struct NodeSetup {
  ClipTrack clips;
};

// Parameters move in steps of at most this many frames inside of nodes; levels are drawn as lines between the steps.
inline constexpr std::uint32_t kStepFrames = 16;

class Processor {
 public:
  virtual ~Processor() = default;
  Processor(const Processor&) = delete;
  Processor& operator=(const Processor&) = delete;

  // [audio-thread]
  virtual void process(const Stretch& stretch, const NodeSetup& setup, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING = 0;
  // [audio-thread] Forgets what it has of the past, after its output was not finite.
  virtual void reset() noexcept LOOPHOLE_NONBLOCKING {}
  // [audio-thread] The levels of a meter; nullptr for others.
  virtual signal::rt::MeterLevels* levels() noexcept LOOPHOLE_NONBLOCKING { return nullptr; }

  // [any-thread] Frames by which its output comes later than its input. It may change while the node runs; the engine looks now and then.
  [[nodiscard]] virtual std::uint32_t latency_frames() const noexcept LOOPHOLE_NONBLOCKING { return 0; }

  // [audio-thread] The node leaves the graph: parameters stay where they are, and nothing of the graph is used any more.
  void let_go() noexcept LOOPHOLE_NONBLOCKING {
    for (const Named& named : parameters_) named.parameter->let_go();
  }

  // [io-thread] A parameter by its key; nullptr: there is none.
  [[nodiscard]] SmoothedParameter* parameter(std::string_view key) noexcept {
    for (const Named& named : parameters_)
      if (named.key == key) return named.parameter;
    return nullptr;
  }
  [[nodiscard]] std::vector<SmoothedParameter*> parameters() const {
    std::vector<SmoothedParameter*> parameters;
    for (const Named& named : parameters_) parameters.push_back(named.parameter);
    return parameters;
  }
  [[nodiscard]] std::vector<std::string_view> keys() const {
    std::vector<std::string_view> keys;
    for (const Named& named : parameters_) keys.push_back(named.key);
    return keys;
  }

 protected:
  struct Named {
    std::string_view key;
    SmoothedParameter* parameter;
  };
  Processor() = default;
  explicit Processor(std::vector<Named> parameters) : parameters_(std::move(parameters)) {}

 private:
  std::vector<Named> parameters_;
};

// [audio-thread] Calls step(offset, frames) for one step after the other, in each of which all of the parameters move in straight lines.
template <class Step, class... Parameters>
void in_steps(std::uint32_t frames, Step&& step, const Parameters&... parameters) noexcept LOOPHOLE_NONBLOCKING {
  for (std::uint32_t at = 0; at < frames;) {
    std::uint32_t length = std::min(kStepFrames, frames - at);
    ((length = parameters.straight(length)), ...);
    step(at, length);
    at += length;
  }
}

}  // namespace loophole::reference_signal
