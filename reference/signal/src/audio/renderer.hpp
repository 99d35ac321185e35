#pragma once
// Renderer: the audio callback and its hand-over. Each block: take a new plan and what is due, render, publish readings, feed the tap.
//
//   I/O thread                                        audio thread, at the begin of a block
//   publish(plan)      --- incoming (one, newest) -->  values before its mark to the old plan, swap, values after it to the new one
//   collect()          <-- retired (ring) -----------  the old plan
//   taken(ticket)?     <-- live ticket, atomic ------

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "audio/tap.hpp"
#include "audio/transport.hpp"
#include "drivers/audio_driver.hpp"
#include "graph/plan.hpp"
#include "loophole/messages/engine.hpp"
#include "loophole/signal/rt/audio_port.hpp"
#include "loophole/signal/rt/spsc_ring.hpp"

namespace loophole::reference_signal {

class Renderer final : public AudioCallback {
 public:
  using Ticket = signal::Engine::Ticket;

  explicit Renderer(signal::rt::AudioPort& port) : port_(port) {}
  ~Renderer() override;  // when no driver runs any more

  // [io-thread] Hands a plan over. It belongs to the block after; a plan that waited and was never live is destroyed.
  [[nodiscard]] Ticket publish(std::unique_ptr<Plan> plan);
  // [io-thread]
  [[nodiscard]] Result<Ticket> set_transport(const engine::TransportSet& change);
  [[nodiscard]] engine::TransportState transport() const;
  [[nodiscard]] bool taken(Ticket ticket) const;
  // [io-thread] Destroys the plans that came back, and hands over what found no room before.
  void collect();
  // [io-thread] Takes what was handed over in the audio thread's stead; only while no driver runs.
  void take_without_driver() noexcept { begin_block(); }
  // [io-thread] Where rendered audio goes beside the driver; only while no driver runs.
  void set_tap(std::shared_ptr<Tap> tap) { tap_ = std::move(tap); }
  void set_sample_rate(std::int64_t hz) noexcept { sample_rate_hz_ = static_cast<std::uint32_t>(hz); }

  // [audio-thread]
  void render(std::span<float> interleaved, std::uint64_t time_ns) noexcept LOOPHOLE_NONBLOCKING override;
  void xrun() noexcept LOOPHOLE_NONBLOCKING override { port_.load.xrun(); }
  bool take_due() noexcept LOOPHOLE_NONBLOCKING override;

  // [any-thread]
  [[nodiscard]] std::uint64_t engine_frames() const noexcept { return engine_frames_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t xruns() const noexcept { return port_.load.xruns(); }
  [[nodiscard]] std::uint64_t faults() const noexcept { return faults_.load(std::memory_order_relaxed); }

 private:
  struct TransportChange {
    Ticket ticket = 0;
    std::uint64_t position = 0;
    bool has_position = false;
    bool has_playing = false;
    bool playing = false;
  };
  static constexpr std::size_t kRetired = 64;
  static constexpr std::size_t kChanges = 256;

  void begin_block() noexcept LOOPHOLE_NONBLOCKING;
  void take_plan() noexcept LOOPHOLE_NONBLOCKING;
  void take_transport() noexcept LOOPHOLE_NONBLOCKING;
  void store_transport() noexcept LOOPHOLE_NONBLOCKING;
  void render_piece(std::span<float> interleaved) noexcept LOOPHOLE_NONBLOCKING;

  signal::rt::AudioPort& port_;

  // I/O thread's
  Ticket last_ticket_ = 0;
  std::deque<Ticket> plan_tickets_;       // handed over, perhaps not live yet
  std::deque<Ticket> transport_tickets_;  // the same for changes of the transport
  std::optional<TransportChange> waiting_change_;
  std::shared_ptr<Tap> tap_;
  std::uint32_t sample_rate_hz_ = 48'000;
  double tempo_bpm_ = 120;
  transport::Loop loop_{};

  // between the two
  std::atomic<Plan*> incoming_{nullptr};
  signal::rt::SpscRing<Plan*> retired_{kRetired};
  signal::rt::SpscRing<TransportChange> changes_{kChanges};
  std::atomic<Ticket> live_ticket_{0};
  std::atomic<Ticket> transport_ticket_{0};
  std::atomic<std::uint64_t> transport_state_{0};  // position * 2 + playing
  std::atomic<std::uint64_t> engine_frames_{0};
  std::atomic<std::uint64_t> faults_{0};

  // audio thread's
  Plan* plan_ = nullptr;
  Transport transport_;
  std::uint64_t rendered_ = 0;
  std::uint64_t new_faults_ = 0;
};

}  // namespace loophole::reference_signal
