#pragma once
// Client::State: the client behind its public face.
//
// The Loop's handlers never call the user: they put what arrived into an inbox, in its order, and poll() empties the inbox outside of the
// Loop. So a handler may wait for a reply, and project() is exactly at the revision of what a handler is told. While a snapshot is on its
// way the inbox rests: the reply of project.open is delivered when its project is in the mirror.

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "gesture_shared.hpp"
#include "loophole/aura/client.hpp"
#include "loophole/transport/loop.hpp"
#include "loophole/transport/sockets.hpp"
#include "telemetry_impl.hpp"

namespace loophole::aura {

class Client::State : public std::enable_shared_from_this<Client::State> {
 public:
  explicit State(ClientOptions options);
  ~State();

  [[nodiscard]] net::Context& context() noexcept { return context_; }
  [[nodiscard]] net::Loop& loop() noexcept { return loop_; }
  [[nodiscard]] const ClientOptions& options() const noexcept { return options_; }

  // Takes the port into use and waits for the hello and the first snapshot.
  [[nodiscard]] Result<void> start(std::unique_ptr<ProjectPort> port, Clock::time_point deadline);

  bool poll(std::chrono::milliseconds timeout);
  // Polls until `done`; false: it was not before the deadline or the end of the connection.
  bool wait(const std::function<bool()>& done, std::chrono::milliseconds deadline);

  // `on_answer` is called from the inbox.
  MessageId call_payload(const wire::MessageDesc& command, wire::Payload payload, session::Port::AnswerHandler on_answer,
                         session::CallOptions options);
  template <class C>
  void call(C command, std::function<void(Result<typename C::Reply>)> on_answer) {
    call_payload(wire::MessageOf<C>::desc(), wire::Payload::of(std::move(command)),
                 [handler = std::move(on_answer)](Result<wire::Payload> answer) {
                   if (!handler) return;
                   if (!answer) return handler(std::move(answer).error());
                   handler(*answer->template as<typename C::Reply>());
                 },
                 {});
  }
  [[nodiscard]] Result<wire::Payload> call_and_wait(const wire::MessageDesc& command, wire::Payload payload, session::CallOptions options);

  void begin_gesture(GestureOptions options, std::function<void(Result<Gesture>)> on_begun);
  // The gesture is over: it gets no more events.
  void forget(const GestureId& gesture);

  net::TimerId after(std::chrono::nanoseconds delay, std::function<void()> handler);
  net::TimerId every(std::chrono::nanoseconds interval, std::function<void()> handler);
  void cancel(net::TimerId timer);

  [[nodiscard]] bool connected() const noexcept { return !closed_; }
  [[nodiscard]] const ProjectPort& port() const noexcept { return *port_; }
  [[nodiscard]] const std::optional<Error>& close_reason() const noexcept { return close_reason_; }

  Mirror mirror;
  ClientCounters counters;
  std::unique_ptr<Telemetry> telemetry;
  std::optional<session::EngineLink> engine_link;

  std::function<void(const project::Changed&)> on_change;
  std::function<void()> on_reset;
  std::function<void(const engine::Changed&)> on_engine;
  std::function<void(const transport::Changed&)> on_transport;
  std::function<void(const Error&)> on_closed;

 private:
  void drain();
  void deliver(const wire::Message& message);
  void deliver_change(const project::Changed& changed);
  void deliver_engine(const engine::Changed& changed);
  void deliver_resumed(const parameter::GestureResumed& resumed);
  void deliver_ended(const parameter::GestureEnded& ended);
  void deliver_closed();
  void reset_done();

  // Asks for the transactions up to `target` that are missing, or for a snapshot when they cannot be had; the inbox rests until they are
  // here.
  void catch_up(std::int64_t target);
  void finish_catch_up(std::int64_t target, const Result<wire::Payload>& answer);

  // Asks for a snapshot; the inbox rests until it is here.
  void resync();
  void finish_resync(Result<wire::Payload> answer);

  void follow_engine(const std::optional<session::EngineLink>& link);
  [[nodiscard]] Result<std::shared_ptr<net::FrameSink>> sink_for(const session::EngineLink& link);
  [[nodiscard]] Result<Gesture> adopt(const parameter::GestureBeginReply& grant);
  void tick_gestures();

  ClientOptions options_;
  net::Context context_;
  net::Loop loop_;
  std::unique_ptr<ProjectPort> port_;

  std::deque<std::function<void()>> inbox_;
  std::deque<std::function<void()>> side_inbox_;  // telemetry and timers: not bound to the order of the control plane
  bool resyncing_ = false;
  int resync_tries_ = 0;
  std::optional<Error> resync_fault_;  // why the newest snapshot could not be had
  bool closed_ = true;
  std::optional<Error> close_reason_;

  std::unordered_map<GestureId, std::weak_ptr<Gesture::Shared>> gestures_;
  std::optional<net::TimerId> gesture_timer_;
  // One socket for each stream endpoint and epoch, kept while the engine or a gesture needs it.
  session::EngineLink sink_link_;
  std::shared_ptr<net::StreamSender> sink_;
};

}  // namespace loophole::aura
