#pragma once
// AudioDriver: who calls the renderer. A driver has a thread of its own (or the sound system's) while it runs.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "loophole/core/result.hpp"
#include "loophole/messages/engine.hpp"
#include "loophole/signal/rt/nonblocking.hpp"

namespace loophole::reference_signal {

class AudioCallback {
 public:
  virtual ~AudioCallback() = default;
  // [audio-thread] Fills interleaved stereo. `time_ns` is CLOCK_MONOTONIC at the begin of the block, taken by the driver.
  virtual void render(std::span<float> interleaved, std::uint64_t time_ns) noexcept LOOPHOLE_NONBLOCKING = 0;
  // [audio-thread] For drivers that have time: like render(), but only when all that the block needs is in memory. False: nothing was
  // rendered; try again soon. Renders what take_due() took and nothing newer. May allocate and wait.
  [[nodiscard]] virtual bool render_complete(std::span<float> interleaved, std::uint64_t time_ns) {
    render(interleaved, time_ns);
    return true;
  }
  // [audio-thread] There was a gap in the sound before this block.
  virtual void xrun() noexcept LOOPHOLE_NONBLOCKING {}
  // [audio-thread] For drivers that render only while the transport runs: takes what is due at a block boundary. Returns whether it runs.
  // While it stands, changes of the graph are not faded.
  virtual bool take_due() noexcept LOOPHOLE_NONBLOCKING { return true; }
};

class AudioDriver {
 public:
  virtual ~AudioDriver() = default;  // stops

  // All functions are [io-thread].

  // What is in effect; known before it starts.
  [[nodiscard]] virtual const engine::Effective& effective() const noexcept = 0;
  // The device that it has taken, as Drivers::devices() names it.
  [[nodiscard]] virtual std::optional<DeviceId> device() const { return std::nullopt; }
  // Error engine.driverFailed, with the driver's own words.
  [[nodiscard]] virtual Result<void> start(AudioCallback& callback) = 0;
  // When it returns, the callback is not running and will not be called again.
  virtual void stop() = 0;
  // Why it no longer calls although it should: a sentence for people. Nothing while all is well.
  [[nodiscard]] virtual std::optional<std::string> fault() = 0;
  // Whether it has rendered all that it is there for, and waits for the transport to stop.
  [[nodiscard]] virtual bool finished() const noexcept { return false; }
};

}  // namespace loophole::reference_signal
