#pragma once
// Client: a user interface's connection to a Loophole session.
//
// 1. Client::connect({.session = "default", .client_id = "my-ui"}) finds the session, says hello and fetches the project; with an endpoint
// in place of the session it goes there. Client::open() does the same without waiting: on_connection() tells how far it is.
// 2. call(command) waits for its typed reply; call(command, handler) does not; start(command) gives a Pending to look at later. When the
// reply of an edit is here, its effect is in project().
// 3. begin_gesture(parameter) moves a parameter in real time; telemetry() has meters, spectra and the transport position.
// 4. poll() in a loop, or fd() in an event loop of your own and poll() when it is readable.
//
// One thread owns a Client, and all handlers run on it, within poll(), call() and the other functions that wait. A handler may use the
// client, also to wait; what arrives meanwhile is then handled within it. It must not destroy the client. In every handler, project() is
// exactly at the revision of what the handler is told.
//
// When the connection is lost, the client looks for the session until it is back, and goes on: project() is what it was until the new
// snapshot replaces it, which on_reset() tells; subscriptions stay; gestures are over, and say so. Commands under way are sent again with
// the same id where the protocol allows it, and otherwise fail with session.lost: to the same Pulse nothing is executed twice, to one that
// was started again only commands go that may be executed twice. New commands fail with session.lost until there is a connection.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "loophole/aura/changes.hpp"
#include "loophole/aura/connection.hpp"
#include "loophole/aura/gesture.hpp"
#include "loophole/aura/mirror.hpp"
#include "loophole/aura/pending.hpp"
#include "loophole/aura/project_port.hpp"
#include "loophole/aura/telemetry.hpp"

namespace loophole::net {
class Context;
}

namespace loophole::aura {

// How a client finds its Pulse, and what it says of itself.
struct ClientOptions {
  std::string session = "default";  // name of the session that is looked for
  // Where Pulse listens, ipc://PATH or tcp://127.0.0.1:PORT (loophole-pulse --listen), instead of looking for a session. There is no state
  // `looking` then; all else is the same. What security this version accepts: loophole/transport/endpoint.hpp.
  std::string endpoint{};
  std::string client_id = "aura";           // name of the program, for people
  std::string software_version = "0.1.0";   // of that program, for people
  std::vector<std::string> capabilities{};  // names of abilities that the hello tells
  // For the whole of connect(), in which a session that is not up yet is waited for; and for each hello.
  std::chrono::milliseconds deadline{5'000};
  bool reconnect = true;                        // false: the end of the connection is final
  std::chrono::milliseconds retry_first{50};    // until the first attempt to connect again; doubles with each that fails
  std::chrono::milliseconds retry_most{2'000};  // the longest time between two attempts
};

// What happened to a client; from its beginning.
struct ClientCounters {
  std::uint64_t changes = 0;        // transactions that were applied to the mirror
  std::uint64_t changes_known = 0;  // transactions that a snapshot contained already
  std::uint64_t catch_ups = 0;      // gaps that were filled with the transactions that were missing
  std::uint64_t resyncs = 0;        // snapshots that were asked for because transactions were missing or did not fit
  std::uint64_t reconnects = 0;     // connections after the first
  std::uint64_t repeated = 0;       // commands that were sent again after a reconnect
};

class Client {
 public:
  // Makes the port to Pulse; `context` and `loop` outlive it.
  using PortFactory = std::function<Result<std::unique_ptr<ProjectPort>>(net::Context& context, net::Loop& loop)>;

  // [any-thread] Errors: session.notFound after the deadline, naming what was missing; session.runtimeDir; session.endpointRefused; what
  // the hello was refused with. The calling thread owns the client.
  [[nodiscard]] static Result<Client> connect(ClientOptions options = {});
  // [any-thread] Does not wait: on_connection() and connection() tell how far the client is, and why it is not further. Until it is
  // connected there is no project(), and commands fail with session.lost.
  [[nodiscard]] static Client open(ClientOptions options = {});
  // [any-thread] As connect(), over a port of the caller's making, such as a Pulse in this process. Its end is final.
  [[nodiscard]] static Result<Client> connect(const PortFactory& make_port, ClientOptions options = {});

  Client(Client&&) noexcept;             // pending commands, gestures and handlers go along
  Client& operator=(Client&&) noexcept;  // the same
  ~Client();                             // says goodbye

  // [owner-thread] Sends a command and waits for its answer; handlers run meanwhile, options.on_progress among them.
  template <ProjectCommand C>
  [[nodiscard]] Result<typename C::Reply> call(C command, session::CallOptions options = {}) {
    Result<wire::Payload> answer = call_and_wait(wire::MessageOf<C>::desc(), wire::Payload::of(std::move(command)), options);
    if (!answer) return std::move(answer).error();
    return *answer->template as<typename C::Reply>();
  }
  // [owner-thread] Sends a command; `on_answer` is called exactly once, from poll(). Returns the id that causes in changes refer to.
  template <ProjectCommand C>
  MessageId call(C command, std::function<void(Result<typename C::Reply>)> on_answer, session::CallOptions options = {}) {
    return call_later(
        wire::MessageOf<C>::desc(), wire::Payload::of(std::move(command)),
        [handler = std::move(on_answer)](Result<wire::Payload> answer) {
          if (!handler) return;
          if (!answer) return handler(std::move(answer).error());
          handler(*answer->template as<typename C::Reply>());
        },
        options);
  }
  // [owner-thread] Sends a command; the answer is looked at, or waited for, later. A Pending that is dropped drops the answer.
  template <ProjectCommand C>
  [[nodiscard]] Pending<typename C::Reply> start(C command, session::CallOptions options = {}) {
    auto [slot, id] = start_call(wire::MessageOf<C>::desc(), wire::Payload::of(std::move(command)), std::move(options));
    return Pending<typename C::Reply>(std::move(slot), std::move(id));
  }
  // [owner-thread] Withdraws a call: its handler is called with session.cancelled, from poll(). Pulse is not told, and may execute the
  // command all the same. Nothing happens when it was answered.
  void cancel(const MessageId& call);

  // [owner-thread] Waits up to `timeout` until something is due, and handles all that is. False: the connection is over for
  // good (Connection::is_final).
  bool poll(std::chrono::milliseconds timeout = std::chrono::milliseconds{0});
  // [owner-thread] Polls until `done` says true. False: it did not before the deadline, or the connection is
  // over for good.
  [[nodiscard]] bool poll_until(const std::function<bool()>& done, std::chrono::milliseconds deadline);
  // [any-thread] Readable when poll() has something to do.
  [[nodiscard]] int fd() const noexcept;

  // [owner-thread] The project at revision(); nullptr: none is open. Valid until the next poll(), call() or other function that waits.
  [[nodiscard]] const project::Project* project() const noexcept;
  // [owner-thread] The mirror: project, index, revision and path.
  [[nodiscard]] const Mirror& mirror() const noexcept;
  [[nodiscard]] std::int64_t revision() const noexcept;

  // [owner-thread] One handler each.
  void on_change(std::function<void(const project::Changed&)> handler);  // after it is in project()
  void on_reset(std::function<void()> handler);                          // project() was replaced: opened, closed, or a gap was mended
  void on_engine(std::function<void(const engine::Changed&)> handler);   // started, lost, found again
  void on_connection(std::function<void(const Connection&)> handler);    // another state, or another reason for it

  // [owner-thread] Changes by the kind of thing, with old and new value and the cause. Lives as long as the client, also when that is
  // moved.
  [[nodiscard]] Changes& changes() noexcept;

  // [owner-thread] Waits for the grant. Errors: parameter.notFound, gesture.conflict, engine.unavailable, project.none.
  [[nodiscard]] Result<Gesture> begin_gesture(ParameterId parameter);
  [[nodiscard]] Result<Gesture> begin_gesture(GestureOptions options);
  // [owner-thread] Does not wait; the handler is called from poll().
  void begin_gesture(GestureOptions options, std::function<void(Result<Gesture>)> on_begun);

  // [owner-thread] Lives as long as the client, also when that is moved.
  [[nodiscard]] Telemetry& telemetry() noexcept;

  // [owner-thread] Timers whose handlers are called from poll(), on the monotonic clock.
  net::TimerId after(std::chrono::nanoseconds delay, std::function<void()> handler);
  net::TimerId every(std::chrono::nanoseconds interval, std::function<void()> handler);
  void cancel(net::TimerId timer);

  // [owner-thread]
  [[nodiscard]] const Connection& connection() const noexcept;
  [[nodiscard]] bool is_connected() const noexcept { return connection().state == Connection::State::connected; }
  // [owner-thread] Why the connection is over for good; nothing: it is not.
  [[nodiscard]] const std::optional<Error>& close_reason() const noexcept;
  // [owner-thread] Says goodbye and ends for good; open calls fail with session.cancelled.
  void close();
  // [owner-thread] What Pulse said to the newest hello: versions, ids, limits. Empty before the first.
  [[nodiscard]] const session::HelloReply& hello() const noexcept;
  // [owner-thread] The engine as told last; nothing while there is none.
  [[nodiscard]] const std::optional<session::EngineLink>& engine_link() const noexcept;
  // [owner-thread] This program's instance, as causes in changes carry it.
  [[nodiscard]] const InstanceId& instance_id() const noexcept;
  [[nodiscard]] const ClientCounters& counters() const noexcept;

  class State;  // defined in the implementation

 private:
  explicit Client(std::shared_ptr<State> state) noexcept;
  Result<wire::Payload> call_and_wait(const wire::MessageDesc& command, wire::Payload payload, session::CallOptions options);
  std::pair<std::shared_ptr<PendingAnswer::Slot>, MessageId> start_call(const wire::MessageDesc& command, wire::Payload payload,
                                                                        session::CallOptions options);
  MessageId call_later(const wire::MessageDesc& command, wire::Payload payload, session::Port::AnswerHandler on_answer,
                       session::CallOptions options);

  std::shared_ptr<State> state_;
};

}  // namespace loophole::aura
