// StreamLeases: every sample ends in exactly one count, for the right reason.

#include "loophole/signal/stream_leases.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "graphs.hpp"

namespace loophole::signal {
namespace {

using namespace loophole::test;
using namespace std::chrono_literals;

constexpr std::uint64_t kEpoch = 17;

struct Desk {
  Desk() {
    live.replace({.revision = 1, .graph = synth_graph()});
    REQUIRE(leases.open({.stream_id = id, .handles = {3, 5}, .lease_ms = 1'000}, live, now));
  }
  std::size_t frame(std::uint64_t sequence, std::vector<std::pair<std::uint32_t, double>> values, std::uint64_t stream = 0xa1,
                    std::uint64_t epoch = kEpoch) {
    std::vector<frames::ParameterSample> samples;
    for (const auto& [handle, value] : values) samples.push_back({.value = value, .handle = handle});
    return leases.take({.header = {.stream_id = stream, .epoch = epoch, .sequence = sequence}, .samples = samples}, live, now).size();
  }
  LiveGraph live;
  StreamLeases leases{kEpoch};
  StreamId id{"00000000000000a1"};
  StreamLeases::Time now{};
};

TEST_CASE("samples of an open stream are applied and reported") {
  Desk desk;
  CHECK(desk.frame(0, {{3, 500}, {5, -6}}) == 2);
  CHECK(desk.frame(2, {{3, 600}}) == 1);
  const auto closed = desk.leases.close(desk.id);
  REQUIRE(closed);
  CHECK(closed->report == stream::StreamReport{.frames_received = 2, .samples_received = 3, .samples_applied = 3});
  CHECK(closed->last_values == std::vector<engine::HandleValue>{{.handle = 3, .value = 600}, {.handle = 5, .value = -6}});
  CHECK(desk.leases.counters().applied == 3);
  CHECK(desk.leases.counters().refused() == 0);
}

TEST_CASE("a gap in the numbers is a loss") {
  Desk desk;
  desk.frame(3, {{3, 500}});
  desk.frame(9, {{3, 501}});
  CHECK(desk.leases.counters().lost == 8);
  CHECK(desk.leases.close(desk.id)->report.samples_lost == 8);
}

TEST_CASE("each reason to refuse has its count") {
  Desk desk;
  CHECK(desk.frame(0, {{3, 500}}, 0xdead) == 0);
  CHECK(desk.leases.counters().unknown_stream == 1);
  CHECK(desk.frame(0, {{3, 500}}, 0xa1, kEpoch - 1) == 0);
  CHECK(desk.leases.counters().old_epoch == 1);
  CHECK(desk.frame(0, {{3, 500}, {3, 510}}) == 2);
  CHECK(desk.frame(0, {{3, 520}, {3, 530}, {3, 540}}) == 1);  // the first two numbers were seen before
  CHECK(desk.leases.counters().old_sequence == 2);
  CHECK(desk.frame(3, {{1, 500}}) == 0);  // a parameter of the graph, but not of the stream
  CHECK(desk.leases.counters().foreign_handle == 1);
  CHECK(desk.frame(4, {{3, std::nan("")}, {3, std::numeric_limits<double>::infinity()}}) == 0);
  CHECK(desk.leases.counters().not_finite == 2);
  CHECK(desk.frame(6, {{3, 19.9}, {3, 20'001}}) == 0);
  CHECK(desk.leases.counters().out_of_range == 2);
  desk.live.replace({.revision = 2, .graph = chain_of({gain_of("g", 5), output_of()})});
  CHECK(desk.frame(8, {{3, 500}, {5, 0}}) == 1);
  CHECK(desk.leases.counters().unknown_handle == 1);
  REQUIRE(desk.leases.close(desk.id));
  CHECK(desk.frame(10, {{5, 0}}) == 0);
  CHECK(desk.leases.counters().closed_stream == 1);

  const StreamCounters& counters = desk.leases.counters();
  CHECK(counters.samples == counters.applied + counters.refused());
}

TEST_CASE("the report of a stream adds up") {
  Desk desk;
  desk.frame(0, {{3, 500}, {3, 1}}, 0xa1, kEpoch + 1);
  desk.frame(0, {{3, 500}, {3, 1}, {9, 1}});
  const auto report = desk.leases.close(desk.id)->report;
  CHECK(report.frames_received == 2);
  CHECK(report.samples_received == 5);
  CHECK(report.samples_applied == 1);
  CHECK(report.samples_refused == 4);
}

TEST_CASE("a lease ends when no frame renewed it") {
  Desk desk;
  CHECK(desk.leases.next_expiry() == desk.now + 1s);
  desk.now += 900ms;
  desk.frame(0, {{3, 500}});
  desk.now += 900ms;
  CHECK(desk.leases.expire(desk.now).empty());
  desk.now += 100ms;
  const auto expired = desk.leases.expire(desk.now);
  REQUIRE(expired.size() == 1);
  CHECK(expired[0].stream_id == desk.id);
  CHECK(expired[0].values == std::vector<engine::HandleValue>{{.handle = 3, .value = 500}});
  CHECK(desk.frame(1, {{3, 600}}) == 0);
  CHECK(desk.leases.counters().closed_stream == 1);
  const auto late = desk.leases.close(desk.id);
  REQUIRE_FALSE(late);
  CHECK(is(late.error(), errors::kStreamUnknown));
}

TEST_CASE("frames of an old epoch do not renew") {
  Desk desk;
  desk.now += 900ms;
  desk.frame(0, {{3, 500}}, 0xa1, kEpoch - 1);
  desk.now += 100ms;
  CHECK(desk.leases.expire(desk.now).size() == 1);
}

TEST_CASE("opening needs handles of the live graph; opening again keeps the counts") {
  Desk desk;
  const auto refused =
      desk.leases.open({.stream_id = StreamId("00000000000000b2"), .handles = {3, 88}, .lease_ms = 1'000}, desk.live, desk.now);
  REQUIRE_FALSE(refused);
  CHECK(is(refused.error(), errors::kGraphUnknownHandle));
  CHECK(refused.error().pointer == "/handles/1");
  desk.frame(0, {{3, 500}});
  REQUIRE(desk.leases.open({.stream_id = desk.id, .handles = {3}, .lease_ms = 1'000}, desk.live, desk.now));
  CHECK(desk.frame(1, {{3, 501}}) == 1);
  CHECK(desk.leases.close(desk.id)->report.samples_applied == 2);
}

using Origin = rt::ParameterOrigin;

// What is said of a handle; nothing: it is not mentioned.
std::optional<std::pair<Origin, double>> said_of(std::uint32_t handle, const std::vector<rt::ParameterChange>& changes) {
  for (const rt::ParameterChange& change : changes)
    if (change.handle == handle) return std::pair(change.origin, change.value);
  return std::nullopt;
}

TEST_CASE("what gestures hold goes on in a new graph; what its range forbids goes to the committed value") {
  Desk desk;
  desk.frame(0, {{3, 500}, {5, -3}});
  CHECK(desk.leases.after_graph(desk.live, {}).size() == 2);
  desk.live.replace({.revision = 2, .graph = chain_of({gain_of("g", 5), output_of()})});
  const auto held = desk.leases.after_graph(desk.live, {});
  REQUIRE(held.size() == 1);
  CHECK(said_of(5, held) == std::pair(Origin::gesture, -3.0));
  graph::Graph narrow = chain_of({gain_of("g", 5), output_of()});
  narrow.nodes[0].parameters[0].minimum = -1;
  desk.live.replace({.revision = 3, .graph = narrow});
  CHECK(said_of(5, desk.leases.after_graph(desk.live, {})) == std::pair(Origin::gesture_end, 0.0));
}

TEST_CASE("a committed value ends a hold only where no open stream has moved the parameter") {
  Desk desk;
  desk.frame(0, {{3, 500}, {5, -3}});
  const std::vector<engine::HandleValue> values{{.handle = 3, .value = 700}, {.handle = 5, .value = -6}};
  CHECK(said_of(3, desk.leases.commits(values)) == std::pair(Origin::committed, 700.0));
  REQUIRE(desk.leases.close(desk.id));
  const auto ended = desk.leases.commits({values.data(), 1});
  CHECK(said_of(3, ended) == std::pair(Origin::gesture_end, 700.0));
  CHECK(said_of(3, desk.leases.commits(values)) == std::pair(Origin::committed, 700.0));  // ended once
}

TEST_CASE("what an expired stream left behind holds until Pulse says a value, or a graph") {
  Desk desk;
  desk.frame(0, {{3, 500}, {5, -3}});
  desk.now += 1s;
  REQUIRE(desk.leases.expire(desk.now).size() == 1);
  const std::vector<engine::HandleValue> value{{.handle = 3, .value = 600}};
  CHECK(said_of(3, desk.leases.commits(value)) == std::pair(Origin::gesture_end, 600.0));
  const auto after = desk.leases.after_graph(desk.live, {});
  CHECK(after.size() == 1);
  CHECK(said_of(5, after) == std::pair(Origin::gesture_end, 0.0));
  CHECK(desk.leases.after_graph(desk.live, {}).empty());
}

TEST_CASE("an end that waited outside of the queue is said again after the graph that made it forgotten") {
  Desk desk;
  const rt::ParameterChange forgotten{.handle = 3, .origin = Origin::gesture_end, .value = 1};
  CHECK(said_of(3, desk.leases.after_graph(desk.live, {&forgotten, 1})) == std::pair(Origin::gesture_end, 1'000.0));
}

}  // namespace
}  // namespace loophole::signal
