#pragma once
// TransportControl: the transport of an engine, between its two threads. What Pulse sets goes into an rt::Transport at a block boundary,
// all of it before the transport starts.
//
//   I/O thread                                            audio thread, each block
//   Engine::set_transport:  control.set(change)     ...>  control.take()
//                                                         port.transport.publish(frames, control.reading(rendered, time_ns))
//   Engine::transport:      control.state()         <...  control.advance(frames left), part by part

#include <atomic>
#include <cstdint>

#include "loophole/core/result.hpp"
#include "loophole/messages/engine.hpp"
#include "loophole/signal/rt/nonblocking.hpp"
#include "loophole/signal/rt/spsc_ring.hpp"
#include "loophole/signal/rt/transport.hpp"
#include "loophole/signal/rt/transport_readings.hpp"

namespace loophole::signal {

class TransportControl {
 public:
  explicit TransportControl(std::uint32_t sample_rate_hz) : sample_rate_hz_(sample_rate_hz) {}  // for an engine of this rate

  // [io-thread] Hands over what is to change. Error engine.unavailable: so much waits for the audio thread that nothing more fits.
  [[nodiscard]] Result<void> set(const engine::TransportSet& change);
  // [io-thread] As it was set, at the position where the audio thread is.
  [[nodiscard]] engine::TransportState state() const;

  // [audio-thread] What was set comes into force: once a block, before its first part.
  void take() noexcept LOOPHOLE_NONBLOCKING;
  // [audio-thread] The next frames that lie together on the timeline, at most `most`, which is more than 0.
  rt::Transport::Part advance(std::uint32_t most) noexcept LOOPHOLE_NONBLOCKING;
  // [audio-thread] For TransportReadings: where it is, when `engine_frames` were rendered and the next one is due at `time_ns`.
  [[nodiscard]] rt::TransportReading reading(std::uint64_t engine_frames, std::uint64_t time_ns) const noexcept LOOPHOLE_NONBLOCKING;

 private:
  struct Change {
    double tempo_bpm = 0;  // 0: stays
    std::uint64_t position = 0;
    rt::Transport::Loop loop{};
    bool has_position = false;
    bool has_loop = false;
    bool has_playing = false;
    bool playing = false;
  };
  std::uint32_t sample_rate_hz_;
  engine::TransportState wanted_{.playing = false, .position_frames = 0, .position_beats = 0, .tempo_bpm = 120, .loop = {}};
  rt::SpscRing<Change> changes_{256};
  std::atomic<std::uint64_t> position_{0};
  rt::Transport transport_;  // the rest is the audio thread's
  double tempo_bpm_ = 120;
};

}  // namespace loophole::signal
