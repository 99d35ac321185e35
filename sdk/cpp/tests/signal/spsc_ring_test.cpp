// SpscRing: order, capacity, all-or-nothing, and two real threads.

#include "loophole/signal/rt/spsc_ring.hpp"

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <thread>
#include <vector>

namespace loophole::signal::rt {
namespace {

TEST_CASE("capacity is rounded up to a power of two and then filled to the last cell") {
  SpscRing<int> ring(5);
  REQUIRE(ring.capacity() == 8);
  for (int i = 0; i < 8; ++i) CHECK(ring.push(i));
  CHECK_FALSE(ring.push(8));
  int value = -1;
  for (int i = 0; i < 8; ++i) {
    REQUIRE(ring.pop(value));
    CHECK(value == i);
  }
  CHECK_FALSE(ring.pop(value));
}

TEST_CASE("push_all takes all or nothing, push_some what fits") {
  SpscRing<int> ring(4);
  const std::array<int, 3> three{1, 2, 3};
  REQUIRE(ring.push_all(three));
  CHECK_FALSE(ring.push_all(three));
  CHECK(ring.written() == 3);
  CHECK(ring.push_some(three) == 1);
  std::array<int, 8> out{};
  CHECK(ring.pop_some(out) == 4);
  CHECK(out[3] == 1);
}

TEST_CASE("positions count on over the end of the memory") {
  SpscRing<int> ring(4);
  std::array<int, 3> out{};
  for (int round = 0; round < 100; ++round) {
    const std::array<int, 3> in{round, round + 1, round + 2};
    REQUIRE(ring.push_all(in));
    REQUIRE(ring.pop_some(out) == 3);
    CHECK(out == in);
  }
  CHECK(ring.written() == 300);
  CHECK(ring.taken() == 300);
}

TEST_CASE("two threads: everything arrives once and in order") {
  constexpr std::uint64_t kCount = 200'000;
  SpscRing<std::uint64_t> ring(64);
  std::thread producer([&] {
    std::mt19937 random(1);
    std::vector<std::uint64_t> piece;
    for (std::uint64_t next = 0; next < kCount;) {
      piece.clear();
      const std::uint64_t size = 1 + random() % 16;
      for (std::uint64_t i = 0; i < size && next + i < kCount; ++i) piece.push_back(next + i);
      const std::size_t gone = random() % 2 == 0 ? ring.push_some(piece) : (ring.push_all(piece) ? piece.size() : 0);
      next += gone;
      if (gone == 0) std::this_thread::yield();
    }
  });
  std::mt19937 random(2);
  std::array<std::uint64_t, 16> out{};
  std::uint64_t expected = 0;
  std::uint64_t wrong = 0;
  while (expected < kCount) {
    const std::size_t got = ring.pop_some(std::span(out).first(1 + random() % 16));
    for (std::size_t i = 0; i < got; ++i) wrong += out[i] == expected++ ? 0U : 1U;
    if (got == 0) std::this_thread::yield();
  }
  producer.join();
  CHECK(wrong == 0);
}

}  // namespace
}  // namespace loophole::signal::rt
