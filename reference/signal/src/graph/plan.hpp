#pragma once
// Plan: a graph as the audio thread runs it. Everything is allocated and sorted when it is made; running it touches nothing else. A plan is
// made on the I/O thread, given to the audio thread, given back, and destroyed on the I/O thread.
//
// A plan has what its graph has, and for as long as a fade takes also what the graph before had and this one has not: nodes and connections
// that leave (docs/design/signal-engine.md).

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "clips/clip_schedule.hpp"
#include "graph/fader.hpp"
#include "graph/wire.hpp"
#include "loophole/signal/engine.hpp"
#include "loophole/signal/rt/parameter_feed.hpp"
#include "nodes/processor.hpp"

namespace loophole::reference_signal {

// One connection, at the node that it leads to.
struct Input {
  std::uint32_t buffer = 0;  // of the plan: what comes in
  std::shared_ptr<Wire> wire;
  std::uint32_t delay_frames = 0;
  std::unique_ptr<DelayRing> ring;  // for a wire whose delay is longer than before
  bool leaves = false;
};

// One node in its turn.
struct Step {
  std::shared_ptr<Processor> processor;
  std::shared_ptr<Fader> heard;  // shut where it is bypassed
  NodeSetup setup;
  std::uint32_t number = 0;  // of the node, for faults
  std::uint32_t buffer = 0;  // of the plan: where the node works
  std::uint32_t delay = 0;   // of the plan: how late the node hears
  std::vector<Input> inputs;
  bool in_place = false;  // its one input has no other reader and lies in `buffer` already
  bool bypassed = false;
  bool leaves = false;
};

// A parameter of the graph, by its number in frames.
struct Binding {
  std::uint32_t handle = 0;
  SmoothedParameter* parameter = nullptr;
  double value = 0;  // that the graph came with
  std::unique_ptr<const signal::rt::Automation> automation{};
  std::uint32_t ramp_frames = 0;
  std::uint32_t delay = 0;  // of the plan: how late its node hears
};

// Other automation for a plan. It comes back with what the plan had before, so that nothing is destroyed on the audio thread.
struct AutomationBatch {
  struct Entry {
    std::uint32_t handle = 0;
    std::unique_ptr<const signal::rt::Automation> automation{};  // nullptr: none
  };
  signal::Engine::Ticket ticket = 0;
  signal::Engine::Ticket plan = 0;  // ticket of the plan that it is for
  std::vector<Entry> entries;       // one a handle
};

// What a plan is made of; the I/O thread fills it.
struct PlanParts {
  std::vector<Step> steps;
  std::vector<Binding> bindings;
  std::vector<SmoothedParameter*> unbound;   // of nodes of the graph, which does not mention them
  std::vector<std::shared_ptr<Wire>> first;  // wires that have to be shut in the plan before, because they would close a circle in this one
  std::vector<std::uint32_t> delays{0};      // frames of latency before nodes, each once
  std::uint32_t buffers = 0;
  std::uint32_t output_buffer = 0;
  double sample_rate = 48'000;
  std::uint32_t block_frames = 256;
  bool fades = false;                                          // something leaves, or clips change
  std::vector<std::shared_ptr<const ClipSchedule>> schedules;  // of what sounds, so that it is read ahead
};

// [audio-thread] Told of each node whose output was not finite.
class FaultSink {
 public:
  virtual void note(std::uint32_t node) noexcept LOOPHOLE_NONBLOCKING = 0;

 protected:
  ~FaultSink() = default;
};

// What becomes of fades where graphs change. Skipped: nothing is rendered now, and what is next begins as the new graph has it.
enum class Fades : std::uint8_t { heard, skipped };

class Plan {
 public:
  static constexpr double kFadeSeconds = 0.005;

  explicit Plan(PlanParts parts);

  // [io-thread] Set when it is handed over.
  signal::Engine::Ticket ticket = 0;
  signal::rt::ParameterFeed::Mark mark = 0;
  // [io-thread] The graph is the one of before in another form: its parameters keep the values committed since.
  bool keeps_values = false;

  // [audio-thread] The values that the graph came with go to the nodes; what is new begins to fade in, what leaves to fade out. `before`:
  // what was live until now; nullptr: nothing.
  void begin(Plan* before, Fades fades) noexcept LOOPHOLE_NONBLOCKING;
  // [audio-thread] Frames until everything that leaves, or makes way, is silent; the next plan waits for it.
  [[nodiscard]] std::uint32_t fading_frames() const noexcept LOOPHOLE_NONBLOCKING { return fading_ > yielding_ ? fading_ : yielding_; }
  // [audio-thread] Shuts what has to be shut before `next` can begin.
  void make_way(const Plan& next) noexcept LOOPHOLE_NONBLOCKING;

  // [audio-thread] A value for a parameter; nothing happens when the graph has no such handle.
  void apply(const signal::rt::ParameterChange& change) noexcept LOOPHOLE_NONBLOCKING;
  // [audio-thread] Plays other automation; `batch` has the old one afterwards.
  void exchange(AutomationBatch& batch) noexcept LOOPHOLE_NONBLOCKING;
  // [audio-thread] How many of the next frames, at most `most`, belong to one stretch.
  [[nodiscard]] std::uint32_t together(std::uint32_t most) const noexcept LOOPHOLE_NONBLOCKING {
    return fading_ > 0 && fading_ < most ? fading_ : most;
  }
  // [audio-thread] The same, as every node hears them, however late.
  [[nodiscard]] std::uint32_t heard_together(const Past& past, std::uint64_t engine_frame,
                                             std::uint32_t most) const noexcept LOOPHOLE_NONBLOCKING {
    for (const std::uint32_t delay : parts_.delays) most = past.together(engine_frame, delay, most);
    return most;
  }
  // [audio-thread] Runs all nodes over as many frames as lie together, at most block_frames(), and returns what the output has. A node
  // whose output was not finite is replaced by silence and told to `faults`.
  StereoBlock run(Stretch stretch, const Past& past, FaultSink& faults) noexcept LOOPHOLE_NONBLOCKING;

  // [driver-thread] Calls page(file, page) for each page that the next frames from `position` on need.
  template <class Page>
  void pages(std::uint64_t position, std::uint32_t frames, Page&& page) const {
    for (const Step& step : parts_.steps)
      pages_between(step.setup.clips, position, position + frames,
                    [&](const std::shared_ptr<ClipFile>& file, std::uint64_t number, std::uint64_t) { page(file, number); });
  }

  [[nodiscard]] std::span<signal::rt::MeterLevels* const> meters() const noexcept LOOPHOLE_NONBLOCKING { return meters_; }
  [[nodiscard]] double sample_rate() const noexcept LOOPHOLE_NONBLOCKING { return parts_.sample_rate; }
  [[nodiscard]] std::uint32_t block_frames() const noexcept LOOPHOLE_NONBLOCKING { return parts_.block_frames; }
  [[nodiscard]] std::uint32_t nodes() const noexcept LOOPHOLE_NONBLOCKING { return static_cast<std::uint32_t>(parts_.steps.size()); }

 private:
  [[nodiscard]] Binding* find(std::uint32_t handle) noexcept LOOPHOLE_NONBLOCKING;
  [[nodiscard]] StereoBlock block(std::uint32_t buffer, std::uint32_t frames) noexcept LOOPHOLE_NONBLOCKING;
  void gather(const Step& step, StereoBlock into) noexcept LOOPHOLE_NONBLOCKING;
  void process(const Step& step, const Stretch& stretch, StereoBlock audio) noexcept LOOPHOLE_NONBLOCKING;

  PlanParts parts_;  // bindings by handle
  std::vector<signal::rt::MeterLevels*> meters_;
  std::vector<Place> places_;   // by delay, of the stretch that is run
  std::vector<float> samples_;  // of all buffers, and of one more for what is on its way
  std::uint32_t fade_frames_;
  std::uint32_t fading_ = 0;    // frames until what leaves is silent
  std::uint32_t yielding_ = 0;  // frames until what makes way is silent
};

}  // namespace loophole::reference_signal
