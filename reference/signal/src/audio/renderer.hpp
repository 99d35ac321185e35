#pragma once
// Renderer: the audio callback and its hand-over. Each block: take a new plan and what is due, render, publish readings, feed the tap.
//
//   I/O thread                                        audio thread, at the begin of a block
//   publish(plan)      --- incoming (one, newest) -->  values before its mark to the old plan; swap, once the old one has faded; values
//   after
//                                                      the mark to the new one
//   publish(automation) -- incoming (one, merged) -->  swap with what the plan has, where it is the plan that the automation is for
//   collect()          <-- retired (rings) ----------  the old plan, the old automation
//   taken(ticket)?     <-- live ticket, atomic ------

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "audio/past.hpp"
#include "audio/tap.hpp"
#include "clips/play_head.hpp"
#include "drivers/audio_driver.hpp"
#include "graph/plan.hpp"
#include "loophole/messages/engine.hpp"
#include "loophole/signal/rt/audio_port.hpp"
#include "loophole/signal/rt/spsc_ring.hpp"
#include "loophole/signal/rt/transport.hpp"

namespace loophole::reference_signal {

using signal::rt::Transport;

class Renderer final : public AudioCallback, private FaultSink {
 public:
  using Ticket = signal::Engine::Ticket;

  explicit Renderer(signal::rt::AudioPort& port) : port_(port) {}
  ~Renderer() override;  // when no driver runs any more

  // [io-thread] Takes back the plan that was handed over last, unless the audio thread has it. True: it will never be live.
  [[nodiscard]] bool withdraw();
  // [io-thread] Whether the plan that was handed over last is live.
  [[nodiscard]] bool is_live() const noexcept { return live_ticket_.load(std::memory_order_acquire) == last_plan_; }
  // [io-thread] Whether nothing of the graph before that one is heard any more.
  [[nodiscard]] bool has_faded() const noexcept { return !fading_.load(std::memory_order_relaxed); }
  // [io-thread] Hands a plan over, after withdraw(). It belongs to the block after, or to the first one in which nothing of the graph of
  // before fades any more.
  [[nodiscard]] Ticket publish(std::unique_ptr<Plan> plan);
  // [io-thread] Hands over automation for the plan that was published last.
  [[nodiscard]] Ticket publish(std::unique_ptr<AutomationBatch> batch);
  // [io-thread]
  [[nodiscard]] Ticket set_transport(const engine::TransportSet& change);
  [[nodiscard]] engine::TransportState transport() const;
  [[nodiscard]] bool taken(Ticket ticket) const;
  // [io-thread] Destroys the plans and the automation that came back, and hands over what found no room before.
  void collect();
  // [io-thread] Takes what was handed over in the audio thread's stead; only while no driver runs.
  void take_without_driver() noexcept { begin_block(Fades::skipped); }
  // [io-thread] Calls told(node) for each time that the output of a node was not finite, as far as the queue held them; faults() has all.
  template <class Told>
  void take_faults(Told&& told) {
    std::uint32_t node = 0;
    while (fault_nodes_.pop(node)) told(node);
  }
  // [io-thread] Where rendered audio goes beside the driver; only while no driver runs.
  void set_tap(std::shared_ptr<Tap> tap) { tap_ = std::move(tap); }
  void set_sample_rate(std::int64_t hz) noexcept {
    sample_rate_hz_ = static_cast<std::uint32_t>(hz);
    head_.set_sample_rate(hz);
  }
  // [io-thread] Changes of the transport wait, joined into one, until they are let go.
  void hold_transport() noexcept { holds_transport_ = true; }
  void let_transport_go() noexcept { holds_transport_ = false; }
  [[nodiscard]] bool holds_transport() const noexcept { return holds_transport_; }

  // [audio-thread]
  void render(std::span<float> interleaved, std::uint64_t time_ns) noexcept LOOPHOLE_NONBLOCKING override;
  [[nodiscard]] bool render_complete(std::span<float> interleaved, std::uint64_t time_ns) override;
  void xrun() noexcept LOOPHOLE_NONBLOCKING override { port_.load.xrun(); }
  bool take_due(bool was_heard) noexcept LOOPHOLE_NONBLOCKING override;

  // [any-thread]
  [[nodiscard]] std::uint64_t engine_frames() const noexcept { return engine_frames_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t xruns() const noexcept { return port_.load.xruns(); }
  [[nodiscard]] const PlayHead& head() const noexcept { return head_; }
  // [any-thread] Frames of clips that should have sounded and were not in memory.
  [[nodiscard]] std::uint64_t missed_frames() const noexcept { return missed_frames_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t faults() const noexcept { return faults_.load(std::memory_order_relaxed); }

 private:
  struct TransportChange {
    Ticket ticket = 0;
    std::uint64_t position = 0;
    bool has_position = false;
    bool has_playing = false;
    bool playing = false;
    bool has_loop = false;
    Transport::Loop loop{};
    bool has_tempo = false;
    double tempo_bpm = 0;
  };
  static constexpr std::size_t kRetired = 64;
  static constexpr std::size_t kChanges = 256;
  static constexpr std::size_t kFaults = 256;

  enum class Fades : std::uint8_t { heard, skipped };
  void begin_block(Fades fades) noexcept LOOPHOLE_NONBLOCKING;
  void take_plan(Fades fades) noexcept LOOPHOLE_NONBLOCKING;
  void go_live(Fades fades) noexcept LOOPHOLE_NONBLOCKING;
  void take_values(signal::rt::ParameterFeed::Mark until) noexcept LOOPHOLE_NONBLOCKING;
  void note(std::uint32_t node) noexcept LOOPHOLE_NONBLOCKING override;
  void take_automation() noexcept LOOPHOLE_NONBLOCKING;
  void take_transport(Fades fades) noexcept LOOPHOLE_NONBLOCKING;
  void store_transport() noexcept LOOPHOLE_NONBLOCKING;
  void render_taken(std::span<float> interleaved, std::uint64_t time_ns, std::uint64_t begin_ns) noexcept LOOPHOLE_NONBLOCKING;
  [[nodiscard]] bool hold_pages(std::uint32_t frames);
  void release_pages() noexcept;
  void render_piece(std::span<float> interleaved, signal::rt::SampleClock& clock) noexcept LOOPHOLE_NONBLOCKING;
  void render_part(const Transport::Part& part, float* out, signal::rt::SampleClock& clock) noexcept LOOPHOLE_NONBLOCKING;

  signal::rt::AudioPort& port_;

  // I/O thread's
  Ticket last_ticket_ = 0;
  std::deque<Ticket> plan_tickets_;        // handed over, perhaps not live yet
  std::deque<Ticket> automation_tickets_;  // the same for automation
  std::deque<Ticket> transport_tickets_;   // and for changes of the transport
  Ticket last_plan_ = 0;
  std::optional<TransportChange> waiting_change_;
  bool holds_transport_ = false;
  std::shared_ptr<Tap> tap_;
  std::uint32_t sample_rate_hz_ = 48'000;
  double tempo_bpm_ = 120;
  transport::Loop loop_{};

  // between the two
  std::atomic<Plan*> incoming_{nullptr};
  std::atomic<AutomationBatch*> incoming_automation_{nullptr};
  signal::rt::SpscRing<Plan*> retired_{kRetired};
  signal::rt::SpscRing<AutomationBatch*> retired_automation_{kRetired};
  signal::rt::SpscRing<TransportChange> changes_{kChanges};
  signal::rt::SpscRing<std::uint32_t> fault_nodes_{kFaults};
  std::atomic<Ticket> live_ticket_{0};
  std::atomic<Ticket> automation_ticket_{0};
  std::atomic<bool> fading_{false};
  std::atomic<Ticket> transport_ticket_{0};
  PlayHead head_;
  std::atomic<std::uint64_t> engine_frames_{0};
  std::atomic<std::uint64_t> faults_{0};
  std::atomic<std::uint64_t> missed_frames_{0};

  // audio thread's
  Plan* plan_ = nullptr;
  Plan* next_ = nullptr;                        // waits until the one before has faded
  AutomationBatch* next_automation_ = nullptr;  // its plan is not live yet
  Transport transport_;
  Past past_;
  double heard_tempo_bpm_ = 120;
  std::uint64_t rendered_ = 0;
  std::uint64_t new_faults_ = 0;
  std::uint64_t missed_ = 0;
  std::vector<std::pair<std::shared_ptr<ClipFile>, std::uint64_t>> held_pages_;  // of a block that waits until it is complete
};

}  // namespace loophole::reference_signal
