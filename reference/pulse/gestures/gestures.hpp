#pragma once
// Gestures: who moves which parameter, from begin to whatever ends it. Samples go from Aura to Signal; here only the two ends are seen.
//
//   begin ──stream.open──> open ──end──> transaction ──stream.close──> answer with the engine's report
//                           |  ^
//               engine lost |  | engine back: new stream, parameter.gesture.resumed
//                           v  |
//                         waiting
//   client gone, lease over: the last applied values are committed (or reverted, as the begin said) and parameter.gesture.ended is sent
//   taken over: the same, and the next gesture begins; target removed, project closed, engine gone for good: ended, nothing committed
//
// A parameter is held by one gesture at most. All functions are [owner-thread].

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "edits/edit.hpp"
#include "loophole/core/clock.hpp"
#include "loophole/messages/all.hpp"
#include "loophole/session/server.hpp"

namespace loophole::pulse {

class Hub;

class Gestures {
 public:
  // `hub` must outlive it.
  explicit Gestures(Hub& hub) : hub_(hub) {}

  // ---- commands ----

  // Errors: project.none, parameter.notFound, payload.invalid (a parameter twice), gesture.conflict, engine.unavailable.
  void begin(session::Server::Request<parameter::GestureBegin> request);
  // Errors: project.none, gesture.notFound, gesture.targetRemoved, gesture.expired; payload.invalid (not a target), parameter.outOfRange,
  // automation.invalidPoints, automation.unsupported, project.fileUnwritable, after which the gesture is still open.
  void end(session::Server::Request<parameter::GestureEnd> request);

  // ---- what may happen meanwhile ----

  void client_gone(session::ClientKey client);
  void stream_expired(const stream::Expired& event);
  void engine_lost();
  void engine_back();
  void engine_gone();  // for good
  void model_changed(const std::vector<project::Change>& changes);
  void project_closing();

  [[nodiscard]] bool holds(const ParameterId& parameter) const { return held_.contains(parameter); }
  // Error gesture.conflict with this pointer: a gesture holds the parameter.
  [[nodiscard]] Result<void> check_free(const ParameterId& parameter, const std::string& pointer) const;

 private:
  enum class Phase { opening, open, waiting };
  struct Target {
    ParameterId parameter;
    Handle handle = 0;
  };
  struct Gesture {
    GestureId id;
    session::ClientKey client = 0;
    InstanceId instance;
    parameter::OnAbandon on_abandon = parameter::OnAbandon::commit;
    StreamId stream;
    std::vector<Target> targets;
    Phase phase = Phase::opening;
  };
  using Expired = std::optional<stream::Expired>;

  [[nodiscard]] Result<void> check_begin(const parameter::GestureBegin& command) const;
  void begin_now(session::Server::Request<parameter::GestureBegin> request);
  void opened(const GestureId& id, session::Server::Request<parameter::GestureBegin>& request, const Result<envelope::Empty>& answer);
  [[nodiscard]] Result<std::vector<parameter::ParameterValue>> final_values(const Gesture& gesture,
                                                                            const parameter::GestureEnd& command) const;
  // Adds to `edit` the points that the client took down, unless it takes the gesture back.
  [[nodiscard]] static Result<void> add_automation(const Gesture& gesture, const parameter::GestureEnd& command, const EditContext& context,
                                                   Edit& edit);
  void close_and_answer(const Gesture& gesture, std::vector<parameter::ParameterValue> values, Revision revision,
                        session::Server::Request<parameter::GestureEnd>& request);
  // Ends a gesture without its client: learns the last values from the engine, commits or reverts, and tells.
  void abandon(const GestureId& id, parameter::GestureEndReason reason);
  void conclude(const Gesture& gesture, parameter::GestureEndReason reason, const std::vector<engine::HandleValue>& last_values);
  // Ends a gesture without a commit; the engine goes back to the committed values.
  void drop(const GestureId& id, parameter::GestureEndReason reason);
  void tell_ended(const GestureId& id, parameter::GestureEndReason reason, bool committed);
  [[nodiscard]] std::vector<engine::HandleValue> committed_values(const Gesture& gesture) const;
  void restore_committed(const Gesture& gesture);
  [[nodiscard]] Error why_not_open(const GestureId& id) const;
  // Takes a gesture out and frees its parameters.
  [[nodiscard]] Gesture release(const GestureId& id);
  void remember(const GestureId& id, parameter::GestureEndReason reason);
  template <class Matches>
  [[nodiscard]] std::vector<GestureId> those(Matches matches) const;

  Hub& hub_;
  std::unordered_map<GestureId, Gesture> gestures_;
  std::unordered_map<ParameterId, GestureId> held_;
  // Streams being closed: an expiry that was on its way has the report that the close then cannot give.
  std::unordered_map<StreamId, Expired> closing_;
  // How the last gestures ended, for clients that end them afterwards.
  std::unordered_map<GestureId, parameter::GestureEndReason> ended_;
  std::deque<std::pair<GestureId, Clock::time_point>> ended_order_;
};

}  // namespace loophole::pulse
