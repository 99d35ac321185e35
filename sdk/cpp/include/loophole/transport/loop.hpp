#pragma once
// Loop: one thread's event loop over sockets of the transport, file descriptors and timers, built on epoll.
//
// 1. A process of its own: watch what matters, then run().
// 2. Inside another event loop: watch fd() for readability there, and call run_once(0ms) when it is readable.
//
// ZeroMQ tells of new messages once, at an edge, on a descriptor that other calls may swallow. The Loop hides that: it asks each socket
// before it sleeps, and makes fd() readable while any socket still has something.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace loophole::net {

class Socket;  // a transport socket; defined by the transport alone

using TimerId = std::uint64_t;  // what a timer is cancelled by

class Loop {
 public:
  using Handler = std::function<void()>;  // called on the thread that owns the loop

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // [owner-thread] Calls `on_readable` while `socket` has messages. The socket must be unwatched before it is destroyed.
  void watch(Socket& socket, Handler on_readable);
  void unwatch(Socket& socket);

  // [owner-thread] Calls `on_readable` while the descriptor is readable (level-triggered).
  void watch_fd(int fd, Handler on_readable);
  void unwatch_fd(int fd);

  // [owner-thread] Timers on the monotonic clock. A handler may add and cancel timers and watches, its own included.
  TimerId after(std::chrono::nanoseconds delay, Handler handler);
  TimerId every(std::chrono::nanoseconds interval, Handler handler);
  void cancel(TimerId timer);

  // [owner-thread] Waits up to `timeout` (forever without one) until something is due, and handles all that is. True when anything was.
  bool run_once(std::optional<std::chrono::milliseconds> timeout = {});
  // [owner-thread] Until stop().
  void run();

  // [any-thread] Ends run() after the handler that runs now.
  void stop();
  // [any-thread] Runs `task` on the owner thread, soon.
  void post(Handler task);

  // [any-thread] Readable when run_once() has something to do.
  [[nodiscard]] int fd() const noexcept;
  // [owner-thread] To be called after sockets were used outside of run_once() (a send may swallow an edge), so that fd() is right.
  void rearm();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace loophole::net
