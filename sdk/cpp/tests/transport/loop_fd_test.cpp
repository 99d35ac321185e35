// Descriptors in the Loop, and the Loop's own descriptor in another loop.
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "loophole/transport/sockets.hpp"
#include "support.hpp"

using namespace loophole;
using namespace std::chrono_literals;

namespace {
class Pipe {
 public:
  Pipe() { REQUIRE(::pipe(ends_.data()) == 0); }
  ~Pipe() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  [[nodiscard]] int out() const { return ends_[0]; }
  void put(char c) const { REQUIRE(::write(ends_[1], &c, 1) == 1); }
  [[nodiscard]] char take() const {
    char c = 0;
    REQUIRE(::read(ends_[0], &c, 1) == 1);
    return c;
  }

 private:
  std::array<int, 2> ends_{};
};
}  // namespace

TEST_CASE("a descriptor's handler is called while there is something to read") {
  net::Loop loop;
  const Pipe pipe;
  std::string seen;
  loop.watch_fd(pipe.out(), [&] { seen += pipe.take(); });  // one byte a call
  pipe.put('a');
  pipe.put('b');
  REQUIRE_SOON(loop, seen == "ab");
  loop.unwatch_fd(pipe.out());
  pipe.put('c');
  CHECK_FALSE(loop.run_once(10ms));
}

TEST_CASE("a handler may unwatch itself and others that are ready in the same turn") {
  net::Loop loop;
  const Pipe first;
  const Pipe second;
  int runs = 0;
  const auto only_one = [&] {
    ++runs;
    loop.unwatch_fd(first.out());
    loop.unwatch_fd(second.out());
  };
  loop.watch_fd(first.out(), only_one);
  loop.watch_fd(second.out(), only_one);
  first.put('x');
  second.put('x');
  REQUIRE_SOON(loop, runs == 1);
  CHECK_FALSE(loop.run_once(10ms));
  CHECK(runs == 1);
}

TEST_CASE("a handler's captures live until it is over, although it unwatched itself") {
  net::Loop loop;
  const Pipe pipe;
  auto owned = std::make_shared<std::string>("alive");
  const std::weak_ptr<std::string> watched = owned;
  std::string seen;
  loop.watch_fd(pipe.out(), [&loop, &pipe, &seen, owned] {
    loop.unwatch_fd(pipe.out());
    seen = *owned;
  });
  owned.reset();
  pipe.put('x');
  REQUIRE_SOON(loop, seen == "alive");
  CHECK(watched.expired());
}

TEST_CASE("inside another event loop, fd() tells when there is something to do") {
  net::Loop loop;
  net::Context context;
  const int foreign = ::epoll_create1(EPOLL_CLOEXEC);
  REQUIRE(foreign >= 0);
  epoll_event interest{};
  interest.events = EPOLLIN;
  REQUIRE(::epoll_ctl(foreign, EPOLL_CTL_ADD, loop.fd(), &interest) == 0);
  const auto wake = [&](std::chrono::milliseconds within) {
    epoll_event event{};
    return ::epoll_wait(foreign, &event, 1, static_cast<int>(within.count())) == 1;
  };
  while (loop.run_once(0ms)) {
  }
  CHECK_FALSE(wake(10ms));

  SUBCASE("a timer") {
    bool ran = false;
    loop.after(5ms, [&] { ran = true; });
    REQUIRE(wake(test::kWatchdog));
    REQUIRE(loop.run_once(0ms));
    CHECK(ran);
  }
  SUBCASE("posted work") {
    bool ran = false;
    loop.post([&] { ran = true; });
    REQUIRE(wake(test::kWatchdog));
    REQUIRE(loop.run_once(0ms));
    CHECK(ran);
  }
  SUBCASE("messages, each of them") {
    const auto endpoint = test::inproc();
    auto listener = net::ControlListener::bind(context, endpoint).value();
    auto connection = net::ControlConnection::connect(context, endpoint).value();
    int received = 0;
    loop.watch(*listener, [&] {
      if (listener->receive()) ++received;
    });
    for (int i = 1; i <= 50; ++i) {
      REQUIRE(connection->send("{}"));
      while (received < i) {
        REQUIRE(wake(test::kWatchdog));
        loop.run_once(0ms);
      }
    }
    loop.unwatch(*listener);
  }
  while (loop.run_once(0ms)) {
  }
  CHECK_FALSE(wake(10ms));
  ::close(foreign);
}
