// What does the protocol cost within the audio callback? Goal P5: with 16 streams under 1 us a block of 128 frames.
//
//   loophole-bench-callback [--blocks N] [--json FILE]
//
//   port     all that a callback does for the protocol: one sample of each of 16 streams, to its parameter among 320; the position of the
//            transport, 16 stereo meters, the load; everything is watched
//   floor    16 values and a position handed over bare: an atomic counter each way, and a copy
//   idle     the port, with no stream
//   engine   the callback of the reference engine, whole, over 16 gains: with and without the 16 samples
//
// Values come from another thread, block by block, as in life: what it wrote is in the cache of another core. One sample is one block; the
// clock that is read before and after it is part of each (and its own cost is told). That the callback does not allocate, lock or enter the
// kernel is what reference_signal_realtime_test proves.

#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "engine/reference_engine.hpp"
#include "lent_driver.hpp"
#include "loophole/signal/graph_check.hpp"
#include "loophole/signal/rt/automated_parameter.hpp"
#include "run.hpp"

namespace {

namespace lp = loophole;
namespace rt = loophole::signal::rt;
namespace bench = loophole::bench;
using loophole::bench::keep;
using BenchClock = std::chrono::steady_clock;

constexpr std::uint32_t kStreams = 16;
constexpr std::uint32_t kParameters = 320;
constexpr std::uint32_t kFrames = bench::kLentFrames;
constexpr std::uint32_t kRate = bench::kLentRate;
constexpr double kGoalUs = 1;

using Changes = std::array<rt::ParameterChange, kStreams>;

Changes samples_of(std::uint64_t block, std::uint32_t apart) {
  Changes changes;
  for (std::uint32_t i = 0; i < kStreams; ++i)
    changes[i] = {.handle = 1 + i * apart, .origin = rt::ParameterOrigin::gesture, .value = static_cast<double>((block + i) % 100) / 100};
  return changes;
}

// The other thread: does something for each block, and says when it has.
class OtherThread {
 public:
  explicit OtherThread(std::function<void(std::uint64_t)> work) : work_(std::move(work)), thread_([this] { run(); }) {}
  ~OtherThread() {
    ending_ = true;
    thread_.join();
  }
  void before_block() {
    const std::uint64_t wanted = asked_.fetch_add(1) + 1;
    while (done_.load(std::memory_order_acquire) != wanted) {
    }
  }

 private:
  void run() {
    for (std::uint64_t block = 0; !ending_;) {
      if (asked_.load(std::memory_order_acquire) == block) continue;
      work_(++block);
      done_.store(block, std::memory_order_release);
    }
  }
  std::function<void(std::uint64_t)> work_;
  std::atomic<std::uint64_t> asked_{0};
  std::atomic<std::uint64_t> done_{0};
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

template <class Block>
double timed_us(Block&& block) {
  const auto begin = BenchClock::now();
  block();
  return std::chrono::duration<double, std::micro>(BenchClock::now() - begin).count();
}

void watch(rt::AudioPort& port) {
  port.meters.set_wanted(true);
  port.transport.set_wanted(true);
  port.load.set_wanted(true);
}

// What the I/O thread does with what comes out.
struct Readings {
  rt::MeterBatch meters;
  rt::TransportReading transport;
  rt::LoadReading load;
  void take(rt::AudioPort& port) {
    while (port.meters.take(meters)) {
    }
    while (port.transport.take(transport)) {
    }
    while (port.load.take(load)) {
    }
  }
};

// The floor: values and a position, each behind a counter.
struct Bare {
  Changes values{};
  std::array<double, kStreams> taken{};
  rt::TransportReading position;
  rt::TransportReading told;
  alignas(64) std::atomic<std::uint64_t> given{0};
  alignas(64) std::atomic<std::uint64_t> published{0};

  void give(std::uint64_t block) {
    values = samples_of(block, 20);
    given.store(block, std::memory_order_release);
  }
  void block(std::uint64_t number) noexcept {
    if (given.load(std::memory_order_acquire) == number)
      for (std::uint32_t i = 0; i < kStreams; ++i) taken[i] = values[i].value;
    position.engine_frames = number * kFrames;
    std::memcpy(&told, &position, sizeof told);
    published.store(number, std::memory_order_release);
    keep(taken);
  }
};

// What a callback does with its AudioPort, and nothing else.
struct Port {
  rt::AudioPort port;
  std::vector<rt::AutomatedParameter> parameters;  // by handle, from 1
  std::vector<rt::MeterLevels> levels;
  std::vector<rt::MeterLevels*> meters;
  std::uint64_t rendered = 0;

  Port() {
    watch(port);
    for (std::uint32_t i = 0; i < kParameters; ++i) parameters.emplace_back(0.0).adopt(i + 1, 0.0, nullptr);
    for (std::uint32_t i = 0; i < kStreams; ++i) levels.emplace_back(1'000 + i);
    for (rt::MeterLevels& level : levels) meters.push_back(&level);
  }
  void block(std::uint64_t number) noexcept {
    const auto due = port.parameters.mark();
    port.parameters.drain_until(due, [this](const rt::ParameterChange& change) noexcept {
      const auto found = std::lower_bound(parameters.begin(), parameters.end(), change.handle,
                                          [](const rt::AutomatedParameter& p, std::uint32_t handle) { return p.handle() < handle; });
      if (found != parameters.end() && found->handle() == change.handle) found->apply(change);
    });
    const std::uint64_t time_ns = number * kFrames * 1'000'000'000 / kRate;
    port.transport.publish(kFrames, {.engine_frames = rendered,
                                     .time_ns = time_ns,
                                     .position_frames = rendered,
                                     .sample_rate_hz = kRate,
                                     .playing = 1,
                                     .tempo_bpm = 120});
    rendered += kFrames;
    port.meters.publish(meters, {.frames = kFrames, .engine_frames = rendered, .time_ns = time_ns});
    port.load.publish({.frames = kFrames,
                       .sample_rate_hz = kRate,
                       .nodes = 100,
                       .engine_frames = rendered,
                       .begin_ns = time_ns,
                       .end_ns = time_ns + 10'000});
    keep(parameters);
  }
};

// The reference engine over a tone and 16 gains, whose values are there at once.
struct Engine {
  rt::AudioPort port;
  bench::LentDrivers drivers;
  lp::reference_signal::ReferenceEngine engine{port, [](const std::function<void()>& task) { task(); }, {}, drivers};
  std::vector<float> out = std::vector<float>(std::size_t{kFrames} * 2);

  Engine() {
    watch(port);
    lp::graph::Graph graph;
    const auto add = [&](std::string id, lp::graph::GraphNodeKind kind) -> lp::graph::GraphNode& {
      if (!graph.nodes.empty()) graph.connections.push_back({.from = graph.nodes.back().id, .to = lp::GraphNodeId(id)});
      graph.nodes.push_back({.id = lp::GraphNodeId(std::move(id)), .kind = kind, .meter_handle = {}, .parameters = {}, .clips = {}});
      return graph.nodes.back();
    };
    add("tone", lp::graph::GraphNodeKind::test_tone);
    for (std::uint32_t i = 0; i < kStreams; ++i)
      add("gain" + std::to_string(i), lp::graph::GraphNodeKind::gain).parameters = {
          {.handle = 1 + i, .key = "gain", .value = 0, .minimum = -90, .maximum = 24, .smoothing_ms = 0}};
    add("out", lp::graph::GraphNodeKind::output);
    const auto order = lp::signal::check_graph(graph).value();
    engine.configure({.sample_rate_hz = kRate, .block_frames = kFrames, .driver = {}, .device_id = {}},
                     [](const lp::Result<lp::engine::Effective>& effective) { static_cast<void>(effective.value()); });
    engine.replace_graph(graph, order, [](const lp::Result<lp::signal::Engine::Ticket>& ticket) { static_cast<void>(ticket.value()); });
    static_cast<void>(engine.set_transport({.playing = true, .position_frames = {}, .loop = {}, .tempo_bpm = {}}).value());
    for (int i = 0; i < 100; ++i) block(1);
  }
  void block(std::uint64_t number) noexcept {
    drivers.callback->render(out, number);
    keep(out);
  }
};

}  // namespace

int main(int argc, char** argv) {
  const bench::Arguments arguments(argc, argv, "loophole-bench-callback", {{"blocks", "N"}});
  const int blocks = arguments.count("blocks", 100'000);
  bench::Run run("callback", arguments);
  spdlog::set_level(spdlog::level::err);

  Bare bare;
  Port port;
  Engine engine;
  Readings readings;
  // In turns, so that what disturbs one disturbs the others.
  enum Turn : std::uint64_t { of_floor, streams, idle, engine_idle, engine_streams, turns };
  std::array<std::vector<double>, turns> us;
  std::vector<double> clock_us;
  {
    OtherThread io([&](std::uint64_t block) {
      switch (block % turns) {
        case of_floor:
          return bare.give(block);
        case streams:
          port.port.parameters.push(samples_of(block, 20));
          return readings.take(port.port);
        case engine_streams:
          engine.port.parameters.push(samples_of(block, 1));
          return readings.take(engine.port);
        default:
          return;
      }
    });
    for (std::uint64_t block = 1; block <= static_cast<std::uint64_t>(blocks) * turns; ++block) {
      io.before_block();
      const std::uint64_t turn = block % turns;
      us[turn].push_back(timed_us([&] {
        if (turn == of_floor) return bare.block(block);
        if (turn == streams || turn == idle) return port.block(block);
        engine.block(block);
      }));
      if (turn == of_floor) clock_us.push_back(timed_us([] {}));
    }
  }

  const auto of = [&](Turn turn, const char* what) { return bench::distribution_of(what, std::move(us[turn])); };
  const auto ours = of(streams, "the port, 16 streams");
  run.add(
      {.name = "callback",
       .goal = "P5",
       .what = "the protocol in a block of " + std::to_string(kFrames) + " frames",
       .unit = "us",
       .ours = ours,
       .floor = of(of_floor, "16 values and a position, bare"),
       .beside = {of(idle, "the port, no stream"), bench::distribution_of("reading the clock, in each of these", std::move(clock_us))},
       .limits = {{"p50", ours.at.p50, bench::Bound::at_most, kGoalUs, "us"}, {"p99", ours.at.p99, bench::Bound::at_most, kGoalUs, "us"}},
       .notes = {}});
  run.add({.name = "callback-engine",
           .what = "the reference engine's block, whole, over 16 gains",
           .unit = "us",
           .ours = of(engine_streams, "with 16 streams"),
           .floor = of(engine_idle, "without a stream")});
  return run.finish();
}
