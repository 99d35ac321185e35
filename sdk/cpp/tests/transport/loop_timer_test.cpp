// Timers of the Loop.
#include <chrono>
#include <vector>

#include "support.hpp"

using namespace loophole;
using namespace std::chrono_literals;

TEST_CASE("timers run in the order in which they are due, not before") {
  net::Loop loop;
  std::vector<int> order;
  const auto start = std::chrono::steady_clock::now();
  std::chrono::nanoseconds took{0};
  loop.after(30ms, [&] {
    order.push_back(3);
    took = std::chrono::steady_clock::now() - start;
  });
  loop.after(10ms, [&] { order.push_back(1); });
  loop.after(20ms, [&] { order.push_back(2); });
  REQUIRE_SOON(loop, order.size() == 3);
  CHECK(order == std::vector{1, 2, 3});
  CHECK(took >= 30ms);
}

TEST_CASE("an interval repeats until it is cancelled, also by its own handler") {
  net::Loop loop;
  int runs = 0;
  net::TimerId timer = 0;
  timer = loop.every(1ms, [&] {
    if (++runs == 5) loop.cancel(timer);
  });
  bool later = false;
  REQUIRE_SOON(loop, runs == 5);
  loop.after(20ms, [&] { later = true; });
  REQUIRE_SOON(loop, later);
  CHECK(runs == 5);
}

TEST_CASE("a handler may cancel a timer that is due in the same turn") {
  net::Loop loop;
  bool second = false;
  bool done = false;
  net::TimerId doomed = 0;
  loop.after(0ms, [&] { loop.cancel(doomed); });
  doomed = loop.after(0ms, [&] { second = true; });
  loop.after(1ms, [&] { done = true; });
  REQUIRE_SOON(loop, done);
  CHECK_FALSE(second);
}

TEST_CASE("a handler may add timers, which do not hold up the turn") {
  net::Loop loop;
  int runs = 0;
  std::function<void()> again = [&] {
    ++runs;
    loop.after(0ms, again);
  };
  loop.after(0ms, again);
  REQUIRE(loop.run_once(1000ms));
  CHECK(runs == 1);
  REQUIRE_SOON(loop, runs == 10);
}

TEST_CASE("cancelling what ran already or never was does nothing") {
  net::Loop loop;
  bool ran = false;
  const net::TimerId timer = loop.after(0ms, [&] { ran = true; });
  REQUIRE_SOON(loop, ran);
  loop.cancel(timer);
  loop.cancel(4711);
  CHECK_FALSE(loop.run_once(0ms));
}

TEST_CASE("run_once gives up after its timeout and says so") {
  net::Loop loop;
  CHECK_FALSE(loop.run_once(0ms));
  const auto start = std::chrono::steady_clock::now();
  CHECK_FALSE(loop.run_once(20ms));
  CHECK(std::chrono::steady_clock::now() - start >= 20ms);
}

TEST_CASE("a cancelled timer does not wake run_once for nothing") {
  net::Loop loop;
  loop.cancel(loop.after(1ms, [] {}));
  CHECK_FALSE(loop.run_once(20ms));
}

TEST_CASE("a timer's captures live until its handler is over") {
  net::Loop loop;
  auto owned = std::make_shared<int>(7);
  const std::weak_ptr<int> watched = owned;
  net::TimerId timer = 0;
  int seen = 0;
  timer = loop.every(1ms, [&loop, &timer, &seen, owned] {
    loop.cancel(timer);
    seen = *owned;
  });
  owned.reset();
  REQUIRE_SOON(loop, seen == 7);
  CHECK(watched.expired());
}
