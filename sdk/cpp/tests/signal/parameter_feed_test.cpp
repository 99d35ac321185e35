// ParameterFeed: order, marks, the latest value wins when the queue is full, batches stay together.

#include "loophole/signal/rt/parameter_feed.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "loophole/signal/rt/automated_parameter.hpp"

namespace loophole::signal::rt {
namespace {

ParameterChange change(std::uint32_t handle, double value) {
  return {.handle = handle, .origin = ParameterOrigin::committed, .value = value};
}

void push(ParameterFeed& feed, std::uint32_t handle, double value) {
  const ParameterChange one = change(handle, value);
  feed.push({&one, 1});
}

std::vector<std::pair<std::uint32_t, double>> drained(ParameterFeed& feed) {
  std::vector<std::pair<std::uint32_t, double>> out;
  feed.drain([&](const ParameterChange& c) { out.emplace_back(c.handle, c.value); });
  return out;
}

TEST_CASE("values come out in order, and applied() says when") {
  ParameterFeed feed(8);
  push(feed, 1, 10);
  push(feed, 2, 20);
  const auto mark = feed.mark();
  CHECK_FALSE(feed.applied(mark));
  CHECK(drained(feed) == std::vector<std::pair<std::uint32_t, double>>{{1, 10}, {2, 20}});
  CHECK(feed.applied(mark));
}

TEST_CASE("a mark divides what came before a graph from what came after") {
  ParameterFeed feed(8);
  push(feed, 1, 10);
  const auto mark = feed.mark();
  push(feed, 1, 11);
  std::vector<double> before;
  feed.drain_until(mark, [&](const ParameterChange& c) { before.push_back(c.value); });
  CHECK(before == std::vector<double>{10});
  CHECK(drained(feed) == std::vector<std::pair<std::uint32_t, double>>{{1, 11}});
}

TEST_CASE("when the queue is full the latest value of each parameter waits, and what it replaced is counted") {
  ParameterFeed feed(4);
  for (int i = 0; i < 4; ++i) push(feed, 1, i);
  for (int i = 4; i < 10; ++i) push(feed, 1, i);
  push(feed, 2, 99);
  CHECK(feed.waiting());
  CHECK(feed.counters().pushed == 11);
  CHECK(feed.counters().deferred == 7);
  CHECK(feed.counters().superseded == 5);
  CHECK(drained(feed).size() == 4);
  CHECK(feed.flush());
  CHECK(drained(feed) == std::vector<std::pair<std::uint32_t, double>>{{1, 9}, {2, 99}});
}

TEST_CASE("a newer value never overtakes one that waits") {
  ParameterFeed feed(2);
  push(feed, 1, 0);
  push(feed, 2, 0);
  push(feed, 1, 1);  // waits
  CHECK(drained(feed).size() == 2);
  push(feed, 1, 2);  // there is room now, but the waiting one goes first
  const auto out = drained(feed);
  REQUIRE_FALSE(out.empty());
  CHECK(out.back() == std::pair<std::uint32_t, double>{1, 2});
}

TEST_CASE("more parameters than the queue holds go in as they fit, and none is lost") {
  ParameterFeed feed(4);
  std::vector<ParameterChange> many;
  for (std::uint32_t handle = 1; handle <= 11; ++handle) many.push_back(change(handle, handle));
  feed.push(many);
  std::map<std::uint32_t, double> seen;
  for (int round = 0; round < 10; ++round) {
    for (const auto& [handle, value] : drained(feed)) seen[handle] = value;
    feed.flush();
  }
  CHECK(seen.size() == 11);
  CHECK_FALSE(feed.waiting());
}

TEST_CASE("forget_waiting leaves the queue as it is") {
  ParameterFeed feed(2);
  for (std::uint32_t handle = 1; handle <= 3; ++handle) push(feed, handle, 1);
  CHECK(feed.forget_waiting().size() == 1);
  CHECK_FALSE(feed.waiting());
  CHECK(drained(feed).size() == 2);
}

TEST_CASE("a committed value and a gesture wait beside each other; the end of the gesture brings the newest committed value") {
  ParameterFeed feed(2);
  push(feed, 9, 0);
  push(feed, 9, 0);
  const ParameterChange said[] = {{.handle = 1, .origin = ParameterOrigin::gesture, .value = 1},
                                  {.handle = 1, .origin = ParameterOrigin::committed, .value = 2},
                                  {.handle = 1, .origin = ParameterOrigin::gesture, .value = 3}};
  feed.push(said);
  CHECK(feed.counters().superseded == 1);
  const ParameterChange end{.handle = 1, .origin = ParameterOrigin::gesture_end, .value = 4};
  feed.push({&end, 1});
  drained(feed);
  REQUIRE(feed.flush());
  AutomatedParameter parameter(0);
  feed.drain([&](const ParameterChange& c) { parameter.apply(c); });
  CHECK(parameter.source(false) == AutomatedParameter::Source::committed);
  CHECK(parameter.value_at(0, false) == 4);
}

TEST_CASE("two threads: batches stay together, and the audio thread ends with the last value of every parameter") {
  ParameterFeed feed(256);
  std::atomic<bool> done{false};
  std::map<std::uint32_t, double> held;
  std::uint64_t torn = 0;
  std::thread audio([&] {
    bool last = false;
    while (true) {
      std::map<std::uint32_t, double> block;
      feed.drain([&](const ParameterChange& c) noexcept {
        held[c.handle] = c.value;
        block[c.handle] = c.value;
      });
      // Both parameters of a pair are always moved together, to the same value.
      if (block.contains(1) != block.contains(2) || (block.contains(1) && block[1] != block[2])) ++torn;
      if (last) break;
      last = done.load();
      std::this_thread::yield();
    }
  });
  constexpr int kMoves = 20'000;
  std::mt19937 random(3);
  for (int i = 1; i <= kMoves; ++i) {
    const ParameterChange pair[] = {change(1, i), change(2, i)};
    feed.push(pair);
    if (random() % 8 == 0) push(feed, static_cast<std::uint32_t>(3 + random() % 5), i);
    if (random() % 64 == 0) std::this_thread::yield();
  }
  while (!feed.flush()) std::this_thread::yield();
  done = true;
  audio.join();
  CHECK(torn == 0);
  CHECK(held[1] == kMoves);
  CHECK(held[2] == kMoves);
}

}  // namespace
}  // namespace loophole::signal::rt
