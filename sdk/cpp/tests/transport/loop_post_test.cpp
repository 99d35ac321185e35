// Work and stop from other threads.
#include <atomic>
#include <thread>
#include <vector>

#include "support.hpp"

using namespace loophole;
using namespace std::chrono_literals;

TEST_CASE("posted work runs on the owner thread, in order") {
  net::Loop loop;
  std::vector<int> seen;
  std::thread::id where;
  std::thread poster([&] {
    for (int i = 0; i < 100; ++i)
      loop.post([&seen, &where, i] {
        seen.push_back(i);
        where = std::this_thread::get_id();
      });
  });
  REQUIRE_SOON(loop, seen.size() == 100);
  poster.join();
  for (int i = 0; i < 100; ++i) CHECK(seen[static_cast<std::size_t>(i)] == i);
  CHECK(where == std::this_thread::get_id());
}

TEST_CASE("work posted by posted work waits for the next turn") {
  net::Loop loop;
  int runs = 0;
  std::function<void()> again = [&] {
    ++runs;
    loop.post(again);
  };
  loop.post(again);
  REQUIRE(loop.run_once(1000ms));
  CHECK(runs == 1);
  REQUIRE(loop.run_once(1000ms));
  CHECK(runs == 2);
}

TEST_CASE("stop from another thread ends run") {
  net::Loop loop;
  std::atomic<bool> running{false};
  loop.post([&] { running = true; });
  std::thread stopper([&] {
    while (!running) std::this_thread::yield();
    loop.stop();
  });
  loop.run();
  stopper.join();
  CHECK(running);
}

TEST_CASE("stop before run ends it at once, and only that one") {
  net::Loop loop;
  loop.stop();
  loop.run();
  bool ran = false;
  loop.after(1ms, [&] {
    ran = true;
    loop.stop();
  });
  loop.run();
  CHECK(ran);
}

TEST_CASE("stop ends run after the present handler; what is left over is not lost") {
  net::Loop loop;
  int runs = 0;
  for (int i = 0; i < 3; ++i)
    loop.post([&] {
      ++runs;
      loop.stop();
    });
  loop.run();
  CHECK(runs == 1);
  loop.run();
  CHECK(runs == 2);
  loop.run();
  CHECK(runs == 3);
}

TEST_CASE("a handler may run the loop itself") {
  net::Loop loop;
  bool inner = false;
  bool outer = false;
  loop.post([&] {
    loop.post([&] { inner = true; });
    outer = test::run_until(loop, [&] { return inner; });
  });
  REQUIRE_SOON(loop, outer);
}
