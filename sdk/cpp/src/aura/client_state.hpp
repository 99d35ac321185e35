#pragma once
// Client::State: the client behind its public face.
//
// The Loop's handlers never call the user: they put what arrived into an inbox, in its order, and poll() empties the inbox outside of the
// Loop. So a handler may wait for a reply, and project() is exactly at the revision of what a handler is told. While a snapshot is on its
// way the inbox rests: the reply of project.open is delivered when its project is in the mirror.
//
//   client_state.cpp        the inbox, and what Pulse tells: changes, snapshots, the engine, gestures
//   client_connection.cpp   looking for the session, hello, the end of a connection, and all that again
//   client_calls.cpp        commands and their answers, over all connections

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "changes_impl.hpp"
#include "gesture_shared.hpp"
#include "loophole/aura/client.hpp"
#include "loophole/transport/loop.hpp"
#include "loophole/transport/sockets.hpp"
#include "telemetry_impl.hpp"

namespace loophole::aura {

// What is left of a deadline, rounded up; nothing when it has passed.
inline std::chrono::milliseconds until(Clock::time_point deadline) {
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()), std::chrono::milliseconds{0});
}

class Client::State : public std::enable_shared_from_this<Client::State> {
 public:
  explicit State(ClientOptions options);
  ~State();

  [[nodiscard]] net::Context& context() noexcept { return context_; }
  [[nodiscard]] net::Loop& loop() noexcept { return loop_; }
  [[nodiscard]] const ClientOptions& options() const noexcept { return options_; }

  // Looks for the session by its name, or dials the endpoint, from now on.
  void open();
  // Takes a port into use that this client cannot make again.
  void use(std::unique_ptr<ProjectPort> port);
  // Waits until there is a connection and a project in it.
  [[nodiscard]] Result<void> wait_connected(Clock::time_point deadline);
  // Says goodbye; for good.
  void close();
  [[nodiscard]] const Connection& connection() const noexcept { return connection_; }

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
  // The handler of a call that was not answered yet is called from the inbox with session.cancelled.
  void cancel_call(const MessageId& id);
  [[nodiscard]] std::pair<std::shared_ptr<PendingAnswer::Slot>, MessageId> start_call(const wire::MessageDesc& command,
                                                                                      wire::Payload payload, session::CallOptions options);
  [[nodiscard]] Result<wire::Payload> call_and_wait(const wire::MessageDesc& command, wire::Payload payload, session::CallOptions options);

  void begin_gesture(GestureOptions options, std::function<void(Result<Gesture>)> on_begun);
  // What waits in gestures is sent then, also when nobody sets anything more.
  void flush_gestures_in(std::chrono::nanoseconds delay);
  // The gesture is over: it gets no more events.
  void forget(const GestureId& gesture);

  // To be called from poll(), outside of the Loop; also from within it.
  void post(std::function<void()> task);
  net::TimerId after(std::chrono::nanoseconds delay, std::function<void()> handler);
  net::TimerId every(std::chrono::nanoseconds interval, std::function<void()> handler);
  void cancel(net::TimerId timer);

  [[nodiscard]] const session::HelloReply& hello() const noexcept { return hello_; }
  [[nodiscard]] const InstanceId& instance_id() const noexcept { return instance_id_; }

  Mirror mirror;
  ClientCounters counters;
  std::unique_ptr<Telemetry> telemetry;
  std::unique_ptr<Changes> changes;
  std::optional<session::EngineLink> engine_link;

  std::function<void(const project::Changed&)> on_change;
  std::function<void()> on_reset;
  std::function<void(const engine::Changed&)> on_engine;
  std::function<void(const Connection&)> on_connection;

 private:
  // A command, from its sending until its answer is delivered.
  struct Call {
    enum class Stage {
      sent,
      interrupted,  // its connection ended before it was answered
      answered,     // the answer is in the inbox
      over,
    };
    const wire::MessageDesc* command = nullptr;
    wire::Payload payload{};
    session::Port::AnswerHandler on_answer{};
    session::CallOptions options{};
    MessageId id{};
    Stage stage = Stage::sent;
    std::uint64_t order = 0;                 // of all commands of this client
    InstanceId asked{};                      // the Pulse that it was sent to
    Clock::time_point due{};                 // then nobody waits any more; moves with each sign of progress
    std::optional<net::TimerId> watchdog{};  // of an interrupted call
  };
  using SharedCall = std::shared_ptr<Call>;

  void drain();

  // client_connection.cpp
  void set_connection(Connection connection);
  void attempt();
  // Dials; who answers is to be the Pulse of this client.
  void dial(const std::string& endpoint);
  // What this client is with, or wants to be, for people.
  [[nodiscard]] std::string place() const;
  // Of an endpoint: no answer to the hello.
  [[nodiscard]] Error nobody() const;
  void attempt_later(std::chrono::milliseconds delay);
  void take(std::unique_ptr<ProjectPort> port);
  void greeted();
  void connected();
  void port_closed();
  // The connection, or the attempt at one, is over.
  void disconnected(Error reason);
  void end_for_good(Connection::State state, Error reason);
  void drop_port();
  [[nodiscard]] bool will_reconnect() const noexcept { return can_dial_ && options_.reconnect && !closing_ && !connection_.is_final(); }

  // client_calls.cpp
  MessageId send(const SharedCall& call, std::optional<MessageId> again);
  void answered(const SharedCall& call, Result<wire::Payload> answer);
  void finish(const SharedCall& call, Result<wire::Payload> answer);
  void wait_for_reconnect();  // interrupted calls wait, each for its time
  void repeat_calls();
  void fail_interrupted(const Error& reason);
  [[nodiscard]] std::vector<SharedCall> interrupted_calls() const;

  void deliver(const wire::Message& message);
  void deliver_change(const project::Changed& changed);
  void tell_change(const project::Changed& changed);
  void deliver_engine(const engine::Changed& changed);
  void ask_latency();
  void deliver_resumed(const parameter::GestureResumed& resumed);
  void deliver_ended(const parameter::GestureEnded& ended);
  void reset_done();

  // Asks for the transactions up to `target` that are missing, or for a snapshot when they cannot be had; the inbox rests until they are
  // here. An answer that is a part only is told, and then asked on.
  void catch_up(std::int64_t target);
  void finish_catch_up(std::int64_t target, const Result<wire::Payload>& answer);

  // Asks for a snapshot; the inbox rests until it is here.
  void resync();
  void finish_resync(Result<wire::Payload> answer);

  void follow_engine(const std::optional<session::EngineLink>& link);
  [[nodiscard]] Result<std::shared_ptr<net::FrameSink>> sink_for(const session::EngineLink& link);
  [[nodiscard]] Result<Gesture> adopt(const parameter::GestureBeginReply& grant);
  void tick_gestures();
  void lose_gestures(const Error& reason);

  ClientOptions options_;
  net::Context context_;
  net::Loop loop_;
  std::unique_ptr<ProjectPort> port_;

  std::deque<std::function<void()>> inbox_;
  std::deque<std::function<void()>> side_inbox_;  // telemetry and timers: not bound to the order of the control plane
  bool resyncing_ = false;
  int resync_tries_ = 0;

  bool can_dial_ = false;  // by name or endpoint, again and again
  bool closing_ = false;
  bool was_connected_ = false;
  Connection connection_;
  Clock::time_point looking_since_{};
  Clock::time_point connected_at_{};
  std::chrono::milliseconds retry_in_{0};
  std::optional<net::TimerId> attempt_timer_;
  std::uint64_t ports_ = 0;  // that were made
  InstanceId instance_id_;
  session::HelloReply hello_;

  std::unordered_map<MessageId, SharedCall> calls_;
  std::uint64_t commands_ = 0;  // that were sent

  std::unordered_map<GestureId, std::weak_ptr<Gesture::Shared>> gestures_;
  std::optional<net::TimerId> gesture_timer_;
  std::optional<net::TimerId> flush_timer_;
  // One socket for each stream endpoint and epoch, kept while the engine or a gesture needs it.
  session::EngineLink sink_link_;
  std::shared_ptr<net::StreamSender> sink_;
};

}  // namespace loophole::aura
