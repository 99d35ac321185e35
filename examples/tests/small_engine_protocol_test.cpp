// The small engine of the guide, asked directly as a Pulse asks it: what the protocol wants of every engine.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "graphs.hpp"
#include "pulse_seat.hpp"
#include "support/running_program.hpp"

using namespace loophole;
using namespace loophole::test;

namespace {

constexpr std::uint32_t kMeter = 9;

class Bench {
 public:
  Bench() {
    pulse.wait_ready();
    REQUIRE(pulse.call(engine::Configure{.sample_rate_hz = 48'000, .block_frames = 256, .driver = {}, .device_id = {}}));
    watcher.emplace(context, loop, pulse.link());
    REQUIRE(watcher->subscriber->subscribe(std::string(wire::topic::kMeters)));
    REQUIRE(watcher->subscriber->subscribe(std::string(wire::topic::kStats)));
  }
  void load(graph::Graph graph) { REQUIRE(pulse.call(graph::Replace{.revision = ++revision, .graph = std::move(graph)})); }
  // Whether a reading of the meter that has only what comes from now on has this peak.
  bool shows(double peak) {
    const std::size_t seen = watcher->meters.size();
    return pulse.run([&] {
      for (std::size_t i = seen; i < watcher->meters.size(); ++i)
        for (const auto& reading : watcher->meters[i].readings)
          if (reading.handle == kMeter && std::abs(reading.peak - peak) < 0.005) return true;
      return false;
    });
  }

  TempFolder folder;
  std::string control = net::ipc_endpoint(folder.path() / "control");
  pulse::test::Running engine{std::getenv("LOOPHOLE_SMALL_ENGINE"),
                              {"--control", control, "--stream", net::ipc_endpoint(folder.path() / "stream"), "--telemetry",
                               net::ipc_endpoint(folder.path() / "telemetry")}};
  net::Context context;
  net::Loop loop;
  PulseSeat pulse{context, loop, control};
  std::optional<Watcher> watcher;
  std::int64_t revision = 0;
};

graph::Graph tone_through(graph::GraphNode gain) {
  return chain_of({tone_of("tone", 1, 440, 0), std::move(gain), meter_of("meter", kMeter), output_of()});
}

}  // namespace

TEST_CASE("bypassed nodes pass their input on, and -90 dB is silence") {
  Bench bench;
  graph::GraphNode gain = gain_of("gain", 3, -6);
  bench.load(tone_through(gain));
  REQUIRE(bench.pulse.call(engine::TransportSet{.playing = true}));
  CHECK(bench.shows(0.501));
  gain.bypassed = true;
  bench.load(tone_through(gain));
  CHECK(bench.shows(1));
  gain.bypassed = false;
  gain.parameters[0].value = -90;
  bench.load(tone_through(gain));
  REQUIRE(bench.pulse.run([&] {
    const auto& last = bench.watcher->meters.back();
    return std::ranges::all_of(last.readings, [](const auto& reading) { return reading.peak == 0; });
  }));
}

TEST_CASE("a change takes as long as its smoothing says") {
  Bench bench;
  graph::GraphNode gain = gain_of("gain", 3, 0);
  gain.parameters[0].smoothing_ms = 2'000;
  bench.load(tone_through(gain));
  REQUIRE(bench.pulse.call(engine::TransportSet{.playing = true}));
  CHECK(bench.shows(1));
  REQUIRE(bench.pulse.call(engine::ParameterSet{.values = {{.handle = 3, .value = -40}}}));
  CHECK(bench.shows(0.1));  // on the way
  CHECK(bench.shows(0.01));
}

TEST_CASE("a stopped engine renders nothing, takes commands, and goes on where it was") {
  Bench bench;
  bench.load(tone_through(gain_of("gain", 3)));
  REQUIRE(bench.pulse.call(engine::TransportSet{.playing = true}));
  CHECK(bench.shows(1));
  const auto stopped = bench.pulse.call(engine::Stop{}).value();
  CHECK(stopped.state == engine::AudioState::stopped);
  const auto position = bench.pulse.call(engine::TransportSet{}).value().position_frames;
  CHECK(position > 0);
  for (int i = 0; i < 20; ++i) bench.load(tone_through(gain_of("gain", 3, -i)));  // each lets the engine tick
  CHECK(bench.pulse.call(engine::State{}).value().engine_frames == stopped.engine_frames);
  CHECK(bench.pulse.call(engine::TransportSet{}).value().position_frames == position);
  CHECK(bench.pulse.call(engine::TransportSet{.position_frames = 480}).value().position_frames == 480);
  REQUIRE(bench.pulse.call(engine::Start{}));
  CHECK(bench.pulse.run([&] { return bench.pulse.call(engine::TransportSet{}).value().position_frames > 480; }));
}

TEST_CASE("statistics tell of a running driver") {
  Bench bench;
  bench.load(tone_through(gain_of("gain", 3)));
  CHECK(bench.pulse.run([&] {
    return std::ranges::any_of(bench.watcher->stats, [](const auto& stats) { return stats.nodes == 4 && stats.block_frames == 256; });
  }));
}

TEST_CASE("a transport change is answered when it is in force, with its tempo, and what it leaves out stays") {
  Bench bench;
  const transport::Loop loop{.enabled = true, .start_frames = 9'600, .end_frames = 19'200};
  const auto state =
      bench.pulse.call(engine::TransportSet{.playing = false, .position_frames = 48'000, .loop = loop, .tempo_bpm = 90}).value();
  CHECK_FALSE(state.playing);
  CHECK(state.position_frames == 48'000);
  CHECK(state.tempo_bpm == 90);
  CHECK(state.position_beats == doctest::Approx(1.5));
  const auto moved = bench.pulse.call(engine::TransportSet{.position_frames = 480}).value();
  CHECK(moved.position_frames == 480);
  CHECK(moved.tempo_bpm == 90);
  CHECK(moved.loop == loop);
}

TEST_CASE("what the engine holds is told, and a kind that it does not have is refused by name") {
  Bench bench;
  bench.load(tone_through(gain_of("gain", 3, -6)));
  REQUIRE(bench.pulse.call(engine::ParameterSet{.values = {{.handle = 3, .value = -9}}}));
  const auto values = bench.pulse.call(graph::Query{}).value().values;
  CHECK(std::ranges::find(values, engine::HandleValue{.handle = 3, .value = -9}) != values.end());

  const auto refused = bench.pulse.call(graph::Replace{.revision = 9, .graph = chain_of({filter_of("low", 1), output_of()})});
  REQUIRE_FALSE(refused);
  CHECK(is(refused.error(), errors::kNodeKindUnsupported));
  CHECK(refused.error().message.find("'low' is of the kind filter") != std::string::npos);
  CHECK(refused.error().pointer == "/payload/graph/nodes/0/kind");
}
