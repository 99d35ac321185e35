#include "loophole/transport/loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "loophole/core/clock.hpp"
#include "native.hpp"

namespace loophole::net {
namespace {

using TimePoint = Clock::time_point;
using WatchId = std::uint64_t;

// What epoll hands back with an event.
constexpr WatchId kWakeId = 0;
constexpr WatchId kTimerId = 1;
constexpr WatchId kFirstWatchId = 2;

// A socket that never runs dry gets this many handler calls, then timers and the other sockets have their turn.
constexpr int kMaxCallsPerTurn = 16;
constexpr std::size_t kEventsPerTurn = 64;

int checked(int fd) {
  if (fd < 0) std::abort();  // out of descriptors before anything runs: there is no way on
  return fd;
}

timespec to_timespec(TimePoint time) {
  const auto since = time.time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
  const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(since - seconds);
  return {.tv_sec = static_cast<time_t>(seconds.count()), .tv_nsec = static_cast<long>(rest.count())};
}

}  // namespace

struct Loop::State {
  // A watched socket or descriptor. Entries that were unwatched stay until no handler runs, so that a handler may drop itself.
  struct Watch {
    WatchId id = 0;
    int fd = -1;
    Socket* socket = nullptr;  // nullptr: a plain descriptor
    Handler handler;
    bool alive = true;
    bool signalled = false;       // epoll reported it in this turn
    std::uint64_t asked_dry = 0;  // value of `activity` when the socket last had nothing
  };
  struct Timer {
    TimePoint due;
    std::chrono::nanoseconds interval{0};  // 0: once
    Handler handler;
  };

  int epoll = checked(::epoll_create1(EPOLL_CLOEXEC));
  int wake = checked(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  int clock = checked(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));

  std::vector<std::unique_ptr<Watch>> watches;
  WatchId next_watch = kFirstWatchId;
  std::unordered_map<TimerId, Timer> timers;
  std::set<std::pair<TimePoint, TimerId>> schedule;
  TimerId next_timer = 1;
  TimePoint armed = TimePoint::max();  // what the timerfd is set to

  // Rises whenever a handler ran or the owner did something outside: from then on every socket may have swallowed its edge.
  std::uint64_t activity = 1;
  int depth = 0;  // of nested run_once()
  bool sweep_needed = false;

  std::mutex mutex;
  std::deque<Handler> tasks;  // under mutex
  std::atomic<bool> stop{false};
  bool running = false;  // inside run()

  State() {
    add(wake, kWakeId);
    add(clock, kTimerId);
  }
  ~State() {
    ::close(clock);
    ::close(wake);
    ::close(epoll);
  }

  void add(int fd, WatchId id) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = id;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }

  void signal() const noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake, &one, sizeof one);
  }
  static void drain(int fd) noexcept {
    std::uint64_t value = 0;
    [[maybe_unused]] const auto got = ::read(fd, &value, sizeof value);
  }

  void start_watch(int fd, Socket* socket, Handler handler) {
    auto watch = std::make_unique<Watch>();
    watch->id = next_watch++;
    watch->fd = fd;
    watch->socket = socket;
    watch->handler = std::move(handler);
    add(fd, watch->id);
    watches.push_back(std::move(watch));
  }

  template <class Which>
  void end_watch(Which which) {
    for (const auto& watch : watches) {
      if (!watch->alive || !which(*watch)) continue;
      watch->alive = false;
      ::epoll_ctl(epoll, EPOLL_CTL_DEL, watch->fd, nullptr);
      sweep_needed = true;
    }
    if (depth == 0) sweep();
  }

  void sweep() {
    if (!sweep_needed) return;
    sweep_needed = false;
    std::vector<std::unique_ptr<Watch>> dropped;  // destroyed last: a handler's captures may call back into the Loop
    for (auto& watch : watches)
      if (!watch->alive) dropped.push_back(std::move(watch));
    std::erase(watches, nullptr);
  }

  // Whether the socket has something; asks it only when something happened since it said no.
  bool readable(Watch& watch) const {
    Socket::Native& native = watch.socket->native();
    if (!watch.signalled && (watch.asked_dry == activity || native.quiet())) return false;
    watch.signalled = false;
    if (native.readable()) return true;
    watch.asked_dry = activity;
    return false;
  }
  bool any_readable() const {
    return std::any_of(watches.begin(), watches.end(),
                       [this](const auto& watch) { return watch->alive && watch->socket != nullptr && readable(*watch); });
  }

  void arm() {
    const TimePoint next = schedule.empty() ? TimePoint::max() : schedule.begin()->first;
    if (next >= armed) return;  // it wakes early enough; when for nothing, it is set again then
    itimerspec when{};
    when.it_value = to_timespec(next);
    ::timerfd_settime(clock, TFD_TIMER_ABSTIME, &when, nullptr);
    armed = next;
  }

  TimerId add_timer(TimePoint due, std::chrono::nanoseconds interval, Handler handler) {
    const TimerId id = next_timer++;
    timers.emplace(id, Timer{due, interval, std::move(handler)});
    schedule.emplace(due, id);
    arm();
    return id;
  }

  [[nodiscard]] bool stopping() const noexcept { return running && stop.load(std::memory_order_acquire); }

  bool run_tasks();
  bool run_sockets();
  bool run_timers();
  bool run_timer(TimerId id, TimePoint now);
  bool turn(int wait_ms);
  bool run_for(std::optional<TimePoint> deadline);
  void rearm() const {
    if (any_readable()) signal();
  }
};

bool Loop::State::run_tasks() {
  std::size_t count = 0;
  {
    const std::lock_guard lock(mutex);
    count = tasks.size();
  }
  bool handled = false;
  for (; count > 0 && !stopping(); --count) {
    Handler task;
    {
      const std::lock_guard lock(mutex);
      if (tasks.empty()) break;  // a nested run_once() was quicker
      task = std::move(tasks.front());
      tasks.pop_front();
    }
    task();
    ++activity;
    handled = true;
  }
  if (count > 0) signal();
  return handled;
}

bool Loop::State::run_sockets() {
  bool handled = false;
  const std::size_t present = watches.size();  // what is added meanwhile waits for the next turn
  for (std::size_t i = 0; i < present && i < watches.size(); ++i) {
    Watch& watch = *watches[i];  // stays where it is: entries are swept only when no turn runs
    if (watch.socket == nullptr) continue;
    for (int calls = 0; calls < kMaxCallsPerTurn && watch.alive && !stopping() && readable(watch); ++calls) {
      watch.handler();
      ++activity;
      handled = true;
    }
  }
  return handled;
}

bool Loop::State::run_timer(TimerId id, TimePoint now) {
  const auto found = timers.find(id);
  if (found == timers.end()) return false;
  Timer& timer = found->second;
  schedule.erase({timer.due, id});
  Handler handler = std::move(timer.handler);  // out of the table, so that it may cancel itself
  if (timer.interval.count() == 0) {
    timers.erase(found);
    handler();
    return true;
  }
  timer.due += timer.interval;
  if (timer.due <= now) timer.due = now + timer.interval;  // late: what was missed is not made up for
  schedule.emplace(timer.due, id);
  if (!handler) return false;  // it runs right now, further up the stack
  handler();
  if (const auto still = timers.find(id); still != timers.end()) still->second.handler = std::move(handler);
  return true;
}

bool Loop::State::run_timers() {
  if (schedule.empty()) return false;
  const TimePoint now = Clock::now();
  const TimerId newer = next_timer;  // timers that handlers add now are for the next turn
  bool handled = false;
  auto next = schedule.begin();
  while (next != schedule.end() && next->first <= now && !stopping()) {
    const auto [due, id] = *next;
    if (id < newer && run_timer(id, now)) {
      ++activity;
      handled = true;
    }
    next = schedule.upper_bound({due, id});
  }
  arm();
  return handled;
}

bool Loop::State::turn(int wait_ms) {
  std::array<epoll_event, kEventsPerTurn> events;
  const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), wait_ms);
  bool handled = false;
  bool woken = false;
  ++depth;
  for (int i = 0; i < count; ++i) {
    const WatchId id = events[static_cast<std::size_t>(i)].data.u64;
    if (id == kWakeId) {
      drain(wake);
      woken = true;
    } else if (id == kTimerId) {
      drain(clock);
      armed = TimePoint::max();
    } else {
      const auto found = std::find_if(watches.begin(), watches.end(), [id](const auto& watch) { return watch->id == id && watch->alive; });
      if (found == watches.end()) continue;  // unwatched by a handler of this turn
      Watch& watch = **found;
      if (watch.socket != nullptr) {
        watch.signalled = true;
      } else if (!stopping()) {
        watch.handler();
        ++activity;
        handled = true;
      }
    }
  }
  if (woken) handled |= run_tasks();
  handled |= run_sockets();
  handled |= run_timers();
  arm();
  --depth;
  if (depth == 0) sweep();
  return handled;
}

bool Loop::State::run_for(std::optional<TimePoint> deadline) {
  for (;;) {
    int wait_ms = -1;
    if (any_readable()) {
      wait_ms = 0;
    } else if (deadline) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now());
      wait_ms = static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 3'600'000));
    }
    if (turn(wait_ms) || stopping()) return true;
    if (deadline && Clock::now() >= *deadline) return false;
  }
}

Loop::Loop() : state_(std::make_unique<State>()) {}
Loop::~Loop() = default;

void Loop::watch(Socket& socket, Handler on_readable) {
  unwatch(socket);
  state_->start_watch(socket.native().fd(), &socket, std::move(on_readable));
  state_->signal();  // its edge may be gone already
}

void Loop::unwatch(Socket& socket) {
  state_->end_watch([&](const State::Watch& watch) { return watch.socket == &socket; });
}

void Loop::watch_fd(int fd, Handler on_readable) {
  unwatch_fd(fd);
  state_->start_watch(fd, nullptr, std::move(on_readable));
}

void Loop::unwatch_fd(int fd) {
  state_->end_watch([fd](const State::Watch& watch) { return watch.socket == nullptr && watch.fd == fd; });
}

TimerId Loop::after(std::chrono::nanoseconds delay, Handler handler) {
  return state_->add_timer(Clock::now() + std::max(delay, std::chrono::nanoseconds{0}), {}, std::move(handler));
}

TimerId Loop::every(std::chrono::nanoseconds interval, Handler handler) {
  interval = std::max(interval, std::chrono::nanoseconds{1});
  return state_->add_timer(Clock::now() + interval, interval, std::move(handler));
}

void Loop::cancel(TimerId timer) {
  const auto found = state_->timers.find(timer);
  if (found == state_->timers.end()) return;
  state_->schedule.erase({found->second.due, timer});
  const Handler dropped = std::move(found->second.handler);  // destroyed after the table is in order again
  state_->timers.erase(found);
}

bool Loop::run_once(std::optional<std::chrono::milliseconds> timeout) {
  State& state = *state_;
  ++state.activity;  // sockets may have been used since the last turn
  std::optional<TimePoint> deadline;
  if (timeout) deadline = Clock::now() + *timeout;
  const bool handled = state.run_for(deadline);
  state.rearm();
  return handled;
}

void Loop::run() {
  State& state = *state_;
  const bool outer = std::exchange(state.running, true);
  ++state.activity;
  while (!state.stop.exchange(false, std::memory_order_acq_rel)) state.run_for(std::nullopt);
  state.running = outer;
  rearm();
}

void Loop::stop() {
  state_->stop.store(true, std::memory_order_release);
  state_->signal();
}

void Loop::post(Handler task) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->tasks.push_back(std::move(task));
  }
  state_->signal();
}

int Loop::fd() const noexcept {
  return state_->epoll;
}

void Loop::rearm() {
  ++state_->activity;
  state_->rearm();
}

}  // namespace loophole::net
