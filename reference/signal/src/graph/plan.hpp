#pragma once
// Plan: a graph as the audio thread runs it. Everything is allocated and sorted when it is made; running it touches nothing else. A plan is
// made on the I/O thread, given to the audio thread, given back, and destroyed on the I/O thread.

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "loophole/signal/engine.hpp"
#include "loophole/signal/rt/parameter_feed.hpp"
#include "nodes/processor.hpp"

namespace loophole::reference_signal {

// One node in its turn.
struct Step {
  std::shared_ptr<Processor> processor;
  NodeSetup setup;
  std::uint32_t buffer = 0;           // of the plan: where the node works
  std::vector<std::uint32_t> inputs;  // buffers to sum into it; empty with `in_place`
  bool in_place = false;              // its one input has no other reader and lies in `buffer` already
};

// A parameter of the graph, by its number in frames.
struct Binding {
  std::uint32_t handle = 0;
  SmoothedParameter* parameter = nullptr;
  double value = 0;  // that the graph came with
  std::uint32_t ramp_frames = 0;
};

class Plan {
 public:
  Plan(std::vector<Step> steps, std::vector<Binding> bindings, std::uint32_t buffers, std::uint32_t output_buffer, double sample_rate,
       std::uint32_t block_frames);

  // [io-thread] Set when it is handed over.
  signal::Engine::Ticket ticket = 0;
  signal::rt::ParameterFeed::Mark mark = 0;

  // [audio-thread] The values that the graph came with go to the nodes.
  void begin() noexcept LOOPHOLE_NONBLOCKING;
  // [audio-thread] A value for a parameter; nothing happens when the graph has no such handle.
  void set(std::uint32_t handle, double value) noexcept LOOPHOLE_NONBLOCKING;
  // [audio-thread] Runs all nodes over at most block_frames() frames and returns what the output has. `faults` counts nodes whose output
  // was not finite and was replaced by silence.
  StereoBlock run(const Stretch& stretch, std::uint64_t& faults) noexcept LOOPHOLE_NONBLOCKING;

  [[nodiscard]] std::span<signal::rt::MeterLevels* const> meters() const noexcept LOOPHOLE_NONBLOCKING { return meters_; }
  [[nodiscard]] double sample_rate() const noexcept LOOPHOLE_NONBLOCKING { return sample_rate_; }
  [[nodiscard]] std::uint32_t block_frames() const noexcept LOOPHOLE_NONBLOCKING { return block_frames_; }

  // [audio-thread] while it is live, [io-thread] before and after.
  [[nodiscard]] const std::vector<Step>& steps() const noexcept { return steps_; }
  [[nodiscard]] const std::vector<Binding>& bindings() const noexcept { return bindings_; }

 private:
  [[nodiscard]] StereoBlock block(std::uint32_t buffer, std::uint32_t frames) noexcept LOOPHOLE_NONBLOCKING;
  void gather(const Step& step, StereoBlock into) noexcept LOOPHOLE_NONBLOCKING;

  std::vector<Step> steps_;
  std::vector<Binding> bindings_;  // by handle
  std::vector<signal::rt::MeterLevels*> meters_;
  std::vector<float> samples_;
  std::uint32_t output_buffer_;
  double sample_rate_;
  std::uint32_t block_frames_;
};

}  // namespace loophole::reference_signal
