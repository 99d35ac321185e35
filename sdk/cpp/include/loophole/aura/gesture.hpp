#pragma once
// Gesture: a user moves one or several parameters. Pulse grants a lease, samples go straight to Signal, and the end is one undo step.
//
// 1. auto gesture = client.begin_gesture(cutoff).value();
// 2. gesture.set(value) as often as the mouse moves; it never blocks.
// 3. gesture.finish() waits for the reply; gesture.end() does not.
//
// At most a thousand frames a second go out, and 250 at once, however fast the mouse is. What comes sooner, or finds the stream's queue
// full, waits: the newest value of each parameter goes with the next frame, and what it replaces is counted as coalesced. A gesture goes on
// by itself when the engine is restarted, and renews its lease while it is held still, as long as the client is polled. A Gesture that goes
// out of scope ends itself with its last values.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/messages/parameter.hpp"

namespace loophole::aura {

// What a gesture moves, and how it ends where nobody ends it.
struct GestureOptions {
  std::vector<ParameterId> parameters{};                           // 1 to 16
  parameter::OnAbandon on_abandon = parameter::OnAbandon::commit;  // what Pulse does with the values when this client goes away
  bool take_over = false;  // end a gesture of another client on the same parameter instead of being refused
};

// What became of the values that were set.
struct GestureCounters {
  std::uint64_t samples_sent = 0;  // handed to the stream, over all streams of this gesture
  std::uint64_t frames_sent = 0;   // that these samples went in
  std::uint64_t coalesced = 0;     // replaced by a newer value of the same parameter before they could be sent
  std::uint64_t refused = 0;       // not a finite number, or no parameter of this gesture
  std::uint64_t clamped = 0;       // moved to the nearest end of the range
  std::uint64_t renewals = 0;      // of samples_sent, repeated to keep the lease
  std::uint64_t resumed = 0;       // times that the gesture went on with a new stream
};

class Gesture {
 public:
  using EndHandler = std::function<void(Result<parameter::GestureEndReply>)>;  // what the end was answered with
  using LostHandler = std::function<void(const parameter::GestureEnded&)>;     // how it was lost

  Gesture(Gesture&& other) noexcept;             // the one that is moved from is over
  Gesture& operator=(Gesture&& other) noexcept;  // ends the gesture that was here
  ~Gesture();

  // [owner-thread] A new value in the parameter's unit; without an id, of the first parameter. Values outside the range are moved to its
  // nearest end. False: the gesture is over, or the value was refused.
  bool set(double value);
  bool set(const ParameterId& parameter, double value);

  // [owner-thread] A new value by the position, 0 … 1, of a control, with the parameter's curve.
  bool set_normalized(double position);
  bool set_normalized(const ParameterId& parameter, double position);

  // [owner-thread] Ends the gesture with the values that were set last. The handler is called from poll().
  void end(EndHandler on_ended = {});
  // [owner-thread] Ends the gesture and waits for the reply.
  [[nodiscard]] Result<parameter::GestureEndReply> finish();
  // [owner-thread] Ends the gesture and brings the values before it back; no undo step.
  void cancel(EndHandler on_ended = {});

  // [owner-thread] Called from poll() when the gesture is over without having been ended here: the parameter was removed, another client
  // took over, … When the connection to Pulse was lost, the reason is unknown, and Pulse does what `on_abandon` said. Also when it was over
  // before there was a handler; once.
  void on_lost(LostHandler handler);
  // [owner-thread] Why the gesture is over when it was not ended here, as end() then says too: gesture.expired, gesture.targetRemoved,
  // gesture.notFound, project.none, session.lost. Nothing: it is open, or was ended here.
  [[nodiscard]] const std::optional<Error>& fault() const noexcept;

  // [owner-thread] The value that was set last; without an id, of the first parameter. Nothing: none was.
  [[nodiscard]] std::optional<double> value() const noexcept;
  [[nodiscard]] std::optional<double> value(const ParameterId& parameter) const noexcept;

  // [owner-thread] Whether values can be set.
  [[nodiscard]] bool is_open() const noexcept;
  [[nodiscard]] const GestureId& id() const noexcept;
  // [owner-thread] The parameters as granted, with handle, range and value at the beginning.
  [[nodiscard]] const std::vector<parameter::GestureTarget>& targets() const noexcept;
  [[nodiscard]] GestureCounters counters() const noexcept;

  class Shared;  // defined in the implementation

 private:
  friend class Client;
  explicit Gesture(std::shared_ptr<Shared> shared) noexcept;
  std::shared_ptr<Shared> shared_;
};

}  // namespace loophole::aura
