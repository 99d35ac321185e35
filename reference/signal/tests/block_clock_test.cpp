// BlockClock: a line through calls that come in bursts, late, from a device that is a little too fast, and after a gap.

#include "drivers/block_clock.hpp"

#include <doctest/doctest.h>

#include <random>

namespace loophole::test {
namespace {

using reference_signal::BlockClock;

constexpr double kPeriodNs = 1e9 * 256 / 48'000;
constexpr double kBegin = 5e15;  // a machine that has run for two months

struct Line {
  double worst_step = 0;   // from a period, in ns
  double worst_place = 0;  // from where the block truly begins
  bool rises = true;
};

// The blocks after the first `settling` of them; called(i) is when block i is asked for and true_at(i) when it begins, both in ns.
template <class Called, class True>
Line line_of(BlockClock& clock, int blocks, int settling, Called&& called, True&& true_at) {
  Line line;
  double before = 0;
  for (int i = 0; i < blocks; ++i) {
    const auto begin = static_cast<double>(clock.next(static_cast<std::uint64_t>(kBegin + called(i))) - static_cast<std::uint64_t>(kBegin));
    if (i > 0) line.rises = line.rises && begin > before;
    if (i > settling) {
      line.worst_step = std::max(line.worst_step, std::fabs(begin - before - kPeriodNs));
      line.worst_place = std::max(line.worst_place, std::fabs(begin - true_at(i)));
    }
    before = begin;
  }
  return line;
}

TEST_CASE("calls on the line stay where they are") {
  BlockClock clock(48'000, 256);
  const auto exact = [](int i) { return i * kPeriodNs; };
  const Line line = line_of(clock, 10'000, 0, exact, exact);
  CHECK(line.rises);
  CHECK(line.worst_place < 100);  // calls are whole nanoseconds
}

TEST_CASE("a host with longer periods calls for several blocks at once; they follow one another all the same") {
  for (const int burst : {2, 4, 8}) {
    CAPTURE(burst);
    BlockClock clock(48'000, 256);
    // In the middle of the burst, seen over a long time.
    const auto called = [burst](int i) { return i / burst * burst * kPeriodNs; };
    const auto middle = [burst](int i) { return (i - (burst - 1) / 2.0) * kPeriodNs; };
    const Line line = line_of(clock, 10'000, 2'000, called, middle);
    CHECK(line.rises);
    CHECK(line.worst_step < 0.1 * burst * kPeriodNs);
    CHECK(line.worst_place < 0.1 * burst * kPeriodNs);
  }
}

TEST_CASE("what fills the buffer of a device comes at once, and is forgotten within a second") {
  BlockClock clock(48'000, 256);
  const auto called = [](int i) { return i < 4 ? 0.0 : (i - 3) * kPeriodNs; };
  const auto placed = [](int i) { return (i - 3) * kPeriodNs; };
  const Line line = line_of(clock, 2'000, 400, called, placed);
  CHECK(line.rises);
  CHECK(line.worst_place < 0.05 * kPeriodNs);
}

TEST_CASE("a device that is too fast is followed, and calls that come late do not shake the line") {
  BlockClock clock(48'000, 256);
  std::mt19937 random(7);
  std::exponential_distribution<double> late(1 / 300e3);  // 0.3 ms, and up to some ms
  const auto place = [](int i) { return i * kPeriodNs * 0.9995; };
  const auto called = [&](int i) { return place(i) + std::min(late(random), 3e6); };
  const Line line = line_of(clock, 20'000, 1'000, called, [&](int i) { return place(i) + 300e3; });
  CHECK(line.rises);
  CHECK(line.worst_step < 0.03 * kPeriodNs);
  CHECK(line.worst_place < 0.06 * kPeriodNs);
}

TEST_CASE("after a gap, told or seen, the line begins where the next call comes, and never goes back") {
  for (const bool told : {true, false}) {
    BlockClock clock(48'000, 256);
    std::uint64_t last = 0;
    for (int i = 0; i < 1'000; ++i) last = clock.next(static_cast<std::uint64_t>(kBegin + i * kPeriodNs));
    if (told) clock.reset();
    const auto later = static_cast<std::uint64_t>(kBegin + 1'000 * kPeriodNs) + (told ? 20'000'000U : 2'000'000'000U);
    CHECK(clock.next(later) == later);
    clock.reset();
    CHECK(clock.next(last) > later);  // called too early: no step back
  }
}

}  // namespace
}  // namespace loophole::test
