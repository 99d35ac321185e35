// What does telemetry cost? Goal P4: 256 stereo meters, 8 spectra of 1,025 bins and the transport, 60 times a second, to 4 user interfaces:
// the I/O thread of the engine under 3 % of a core, each user interface under 1 %.
//
//   loophole-bench-telemetry [--seconds N] [--json FILE]
//
//   loophole   the reference engine in real time (driver paced) with such a graph; each user interface is a thread with a ZeroMQ context of
//              its own that takes in, verifies and reads every frame
//   floor      the same bytes under the same topics, 60 times a second, by ZeroMQ alone: a PUB and 4 SUBs that look at nothing
//
// Costs are CPU time of threads, as a share of a core; one sample is half a second. ZeroMQ does its part on threads of its own, which are
// told apart.

#include <pthread.h>
#include <spdlog/spdlog.h>
#include <zmq.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "drivers/drivers.hpp"
#include "engine/reference_engine.hpp"
#include "loophole/frames/meters.hpp"
#include "loophole/frames/spectrum.hpp"
#include "loophole/frames/transport_position.hpp"
#include "loophole/session/client.hpp"
#include "loophole/signal.hpp"
#include "loophole/wire/topic.hpp"
#include "run.hpp"

namespace {

namespace lp = loophole;
namespace bench = loophole::bench;
using loophole::bench::keep;

constexpr int kMeters = 256;
constexpr int kSpectra = 8;
constexpr int kAuras = 4;
constexpr int kRateHz = 60;
constexpr int kSlicesInSecond = 2;
constexpr std::int64_t kFirstAnalyser = 1'001;
constexpr double kGoalEngine = 3;
constexpr double kGoalAura = 1;

std::vector<std::string> topics() {
  std::vector<std::string> topics{"meters@060", "transport@060"};
  for (int i = 0; i < kSpectra; ++i) topics.push_back("spectrum/" + std::to_string(kFirstAnalyser + i) + "@060");
  return topics;
}

// ---- CPU time ----

double cpu_seconds(std::thread& thread) {
  clockid_t clock{};
  timespec time{};
  if (pthread_getcpuclockid(thread.native_handle(), &clock) != 0 || clock_gettime(clock, &time) != 0) std::abort();
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// All threads of this process.
std::set<std::string> all_threads() {
  std::set<std::string> found;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) found.insert(task.path().string());
  return found;
}

// Of those that are ZeroMQ's: they take their names some time after they have begun.
double cpu_seconds_of_zmq(const std::set<std::string>& tasks) {
  double seconds = 0;
  for (const std::string& task : tasks) {
    std::string name;
    std::getline(std::ifstream(task + "/comm"), name);
    if (!name.starts_with("ZMQ")) continue;
    double ns = 0;
    std::ifstream(task + "/schedstat") >> ns;
    seconds += ns * 1e-9;
  }
  return seconds;
}

// A thread, and those that ZeroMQ made for it.
struct Worker {
  std::thread thread;
  std::set<std::string> helpers;  // and others that came with it
  std::function<void()> stop;

  // `run` does its work after it has said that it is ready, with what ends it.
  explicit Worker(const std::function<void(std::promise<std::function<void()>>&)>& run) {
    const auto before = all_threads();
    std::promise<std::function<void()>> ready;
    auto is_ready = ready.get_future();
    thread = std::thread([&ready, run] { run(ready); });
    stop = is_ready.get();
    std::ranges::set_difference(all_threads(), before, std::inserter(helpers, helpers.end()));
  }
  ~Worker() {
    stop();
    thread.join();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
};

// Shares of a core, in percent, of one slice of time each.
struct Cost {
  std::vector<double> thread;
  std::vector<double> zmq;
};

std::vector<Cost> cost_of(const std::vector<std::unique_ptr<Worker>>& workers, int seconds) {
  struct Look {
    std::chrono::steady_clock::time_point at = std::chrono::steady_clock::now();
    std::vector<double> thread, zmq;
  };
  const auto look = [&] {
    Look now;
    for (const auto& worker : workers) {
      now.thread.push_back(cpu_seconds(worker->thread));
      now.zmq.push_back(cpu_seconds_of_zmq(worker->helpers));
    }
    return now;
  };
  std::this_thread::sleep_for(std::chrono::seconds(2));
  std::vector<Cost> costs(workers.size());
  Look before = look();
  for (int slice = 0; slice < seconds * kSlicesInSecond; ++slice) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1'000 / kSlicesInSecond));
    Look after = look();
    const double lasted = std::chrono::duration<double>(after.at - before.at).count();
    for (std::size_t i = 0; i < workers.size(); ++i) {
      costs[i].thread.push_back((after.thread[i] - before.thread[i]) / lasted * 100);
      costs[i].zmq.push_back((after.zmq[i] - before.zmq[i]) / lasted * 100);
    }
    before = std::move(after);
  }
  return costs;
}

// ---- the engine ----

lp::graph::Graph graph_to_watch() {
  using Kind = lp::graph::GraphNodeKind;
  lp::graph::Graph graph;
  const auto add = [&](std::string id, Kind kind, std::optional<lp::Handle> meter) {
    graph.nodes.push_back({.id = lp::GraphNodeId(std::move(id)), .kind = kind, .meter_handle = meter, .parameters = {}, .clips = {}});
  };
  add("tone", Kind::test_tone, {});
  for (int i = 0; i < kMeters; ++i) add("meter" + std::to_string(i), Kind::meter, 1 + i);
  for (int i = 0; i < kSpectra; ++i) add("analyser" + std::to_string(i), Kind::analyser, kFirstAnalyser + i);
  for (const lp::graph::GraphNode& node : graph.nodes) {
    if (node.kind == Kind::test_tone) continue;
    graph.connections.push_back({.from = lp::GraphNodeId("tone"), .to = node.id});
    graph.connections.push_back({.from = node.id, .to = lp::GraphNodeId("out")});
  }
  add("out", Kind::output, {});
  return graph;
}

struct EngineAddress {
  std::optional<lp::net::InProcessAddress> control;
  std::string telemetry;
};

std::unique_ptr<Worker> start_engine(const std::string& folder, EngineAddress& address) {
  return std::make_unique<Worker>([&address, folder](std::promise<std::function<void()>>& ready) {
    lp::net::Context context;
    lp::net::Loop loop;
    lp::signal::rt::AudioPort port;
    lp::reference_signal::SystemDrivers drivers;
    lp::reference_signal::ReferenceEngine engine(
        port, [&loop](std::function<void()> task) { loop.post(std::move(task)); }, {.driver = lp::engine::Driver::paced, .record = {}},
        drivers);
    auto server = lp::signal::EngineServer::start(context, loop,
                                                  {.control_endpoint = "ipc://" + folder + "/engine",
                                                   .stream_endpoint = "ipc://" + folder + "/stream",
                                                   .telemetry_endpoint = "ipc://" + folder + "/telemetry",
                                                   .software_name = "bench",
                                                   .capabilities = {},
                                                   .socket = {}},
                                                  engine, port)
                      .value();
    address = {.control = server->in_process(), .telemetry = server->link().telemetry_endpoint};
    ready.set_value([&loop] { loop.stop(); });
    loop.run();
  });
}

template <class C>
void call(lp::session::Client& client, lp::net::Loop& loop, C command) {
  client.call_payload(lp::wire::MessageOf<C>::desc(), lp::wire::Payload::of(std::move(command)),
                      [&](const lp::Result<lp::wire::Payload>& answer) {
                        static_cast<void>(answer.value());
                        loop.stop();
                      },
                      {.deadline = std::chrono::seconds(10)});
  loop.run();
}

// ---- user interfaces ----

using Counts = std::map<std::string, std::atomic<std::uint64_t>>;

std::unique_ptr<Worker> start_aura(const std::string& endpoint, Counts& counts) {
  return std::make_unique<Worker>([&](std::promise<std::function<void()>>& ready) {
    lp::net::Context context;
    lp::net::Loop loop;
    auto subscriber = lp::net::TelemetrySubscriber::connect(context, endpoint).value();
    for (const std::string& topic : topics()) subscriber->subscribe(topic).value();
    std::string topic;
    lp::Buffer frame;
    loop.watch(*subscriber, [&] {
      while (subscriber->receive(topic, frame)) {
        if (topic.starts_with(lp::wire::topic::kMeters)) {
          const auto view = lp::frames::read_meters(frame).value();
          float loudest = 0;
          for (const auto& reading : view.readings) loudest = std::max(loudest, reading.peak);
          keep(loudest);
        } else if (topic.starts_with(lp::wire::topic::kSpectrum)) {
          const auto view = lp::frames::read_spectrum(frame).value();
          keep(view.magnitudes_db.back());
        } else {
          keep(lp::frames::read_transport_position(frame).value());
        }
        ++counts.at(topic);
      }
    });
    ready.set_value([&loop] { loop.stop(); });
    loop.run();
    loop.unwatch(*subscriber);
  });
}

// ---- the floor ----

std::vector<std::size_t> frame_bytes() {
  std::vector<std::size_t> bytes{lp::frames::meters_bytes(kMeters * 2), lp::frames::kTransportPositionFixedBytes};
  bytes.insert(bytes.end(), kSpectra, lp::frames::spectrum_bytes(1'025));
  return bytes;
}

std::unique_ptr<Worker> start_bare_publisher(const std::string& endpoint) {
  return std::make_unique<Worker>([endpoint](std::promise<std::function<void()>>& ready) {
    void* context = zmq_ctx_new();
    void* socket = zmq_socket(context, ZMQ_PUB);
    if (zmq_bind(socket, endpoint.c_str()) != 0) std::abort();
    std::atomic<bool> ending{false};
    ready.set_value([&ending] { ending = true; });
    const auto names = topics();
    const auto bytes = frame_bytes();
    const std::vector<char> frame(std::ranges::max(bytes));
    auto next = std::chrono::steady_clock::now();
    while (!ending) {
      for (std::size_t i = 0; i < names.size(); ++i) {
        zmq_send(socket, names[i].data(), names[i].size(), ZMQ_SNDMORE);
        zmq_send(socket, frame.data(), bytes[i], 0);
      }
      next += std::chrono::nanoseconds(1'000'000'000 / kRateHz);
      std::this_thread::sleep_until(next);
    }
    zmq_close(socket);
    zmq_ctx_term(context);
  });
}

std::unique_ptr<Worker> start_bare_subscriber(const std::string& endpoint) {
  return std::make_unique<Worker>([endpoint](std::promise<std::function<void()>>& ready) {
    void* context = zmq_ctx_new();
    void* socket = zmq_socket(context, ZMQ_SUB);
    const int patience_ms = 100;
    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &patience_ms, sizeof patience_ms);
    for (const std::string& topic : topics()) zmq_setsockopt(socket, ZMQ_SUBSCRIBE, topic.data(), topic.size());
    if (zmq_connect(socket, endpoint.c_str()) != 0) std::abort();
    std::atomic<bool> ending{false};
    ready.set_value([&ending] { ending = true; });
    std::vector<char> buffer(1 << 16);
    while (!ending) zmq_recv(socket, buffer.data(), buffer.size(), 0);
    zmq_close(socket);
    zmq_ctx_term(context);
  });
}

// ---- the report ----

struct Result {
  Cost publisher;
  Cost subscriber;  // the dearest
};

Result result_of(std::vector<Cost> costs) {
  const auto dearest =
      std::ranges::max_element(costs.begin() + 1, costs.end(), {}, [](const Cost& cost) { return bench::percentiles_of(cost.thread).p50; });
  return {.publisher = std::move(costs.front()), .subscriber = std::move(*dearest)};
}

Result measure_loophole(const std::string& folder, int seconds, double& least_hz) {
  EngineAddress address;
  std::vector<std::unique_ptr<Worker>> workers;
  workers.push_back(start_engine(folder, address));
  lp::net::Loop loop;
  auto client =
      lp::session::Client::connect(*address.control, loop, {.role = lp::Role::pulse, .peer = lp::Role::signal, .client_id = "bench-pulse"})
          .value();
  while (client->state() != lp::session::PortState::ready) loop.run_once(std::chrono::milliseconds(10));
  call(*client, loop,
       lp::engine::Configure{.sample_rate_hz = 48'000, .block_frames = 256, .driver = lp::engine::Driver::paced, .device_id = {}});
  call(*client, loop, lp::graph::Replace{.revision = 1, .graph = graph_to_watch()});
  call(*client, loop, lp::engine::TransportSet{.playing = true, .position_frames = {}, .loop = {}, .tempo_bpm = {}});
  std::thread heartbeats;
  std::array<Counts, kAuras> counts;
  for (Counts& count : counts) {
    for (const std::string& topic : topics()) count[topic] = 0;
    workers.push_back(start_aura(address.telemetry, count));
  }
  std::atomic<bool> ending{false};
  heartbeats = std::thread([&] {
    while (!ending) loop.run_once(std::chrono::milliseconds(50));
  });
  const auto begin = std::chrono::steady_clock::now();
  const Result result = result_of(cost_of(workers, seconds));
  const double lasted = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  least_hz = kRateHz;
  for (Counts& count : counts)
    for (const auto& [topic, frames] : count) least_hz = std::min(least_hz, static_cast<double>(frames) / lasted);
  ending = true;
  heartbeats.join();
  while (workers.size() > 1) workers.pop_back();
  client.reset();
  return result;
}

Result measure_floor(const std::string& folder, int seconds) {
  const std::string endpoint = "ipc://" + folder + "/bare";
  std::vector<std::unique_ptr<Worker>> workers;
  workers.push_back(start_bare_publisher(endpoint));
  for (int i = 0; i < kAuras; ++i) workers.push_back(start_bare_subscriber(endpoint));
  const Result result = result_of(cost_of(workers, seconds));
  while (!workers.empty()) workers.pop_back();
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Arguments arguments(argc, argv, "loophole-bench-telemetry", {{"seconds", "N"}});
  const int seconds = arguments.count("seconds", 10);
  bench::Run run("telemetry", arguments);
  spdlog::set_level(spdlog::level::err);
  const bench::TemporaryFolder folder;

  double least_hz = 0;
  const Result ours = measure_loophole(folder.path(), seconds, least_hz);
  const Result floor = measure_floor(folder.path(), seconds);

  const std::string note = bench::number(kMeters) + " stereo meters, " + std::to_string(kSpectra) + " spectra and the transport, " +
                           std::to_string(kRateHz) + " Hz, " + std::to_string(kAuras) + " user interfaces; at least " +
                           bench::number(least_hz) + " frames a second of each arrived.";
  const auto measured = [&](std::string name, std::string what, double goal, const Cost& cost, const Cost& floor_cost) {
    const auto thread = bench::distribution_of("its thread", cost.thread);
    run.add({.name = std::move(name),
             .goal = "P4",
             .what = std::move(what),
             .unit = "% core",
             .ours = thread,
             .floor = bench::distribution_of("its thread, the same bytes by ZeroMQ alone", floor_cost.thread),
             .beside = {bench::distribution_of("ZeroMQ's threads beside it", cost.zmq),
                        bench::distribution_of("ZeroMQ's threads beside the floor", floor_cost.zmq)},
             .limits = {{"p50", thread.at.p50, bench::Bound::at_most, goal, "% core"}},
             .notes = {note}});
  };
  measured("telemetry-engine", "telemetry in the engine's I/O thread", kGoalEngine, ours.publisher, floor.publisher);
  measured("telemetry-ui", "telemetry in a user interface, the dearest", kGoalAura, ours.subscriber, floor.subscriber);
  return run.finish();
}
