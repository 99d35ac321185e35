// What does telemetry cost? Goal P4: 256 stereo meters, 8 spectra of 1,025 bins and the transport, 60 times a second, to 4 user interfaces:
// the I/O thread of the engine under 3 % of a core, each user interface under 1 %.
//
//   loophole-bench-telemetry [--seconds N] [--json FILE]
//
//   loophole   the reference engine in real time (driver paced) with such a graph; each user interface is a thread with a ZeroMQ context of
//              its own that takes in, verifies and reads every frame
//   floor      the same bytes under the same topics, 60 times a second, by ZeroMQ alone: a PUB and 4 SUBs that look at nothing
//
// Costs are CPU time of threads, as a share of a core. ZeroMQ does its part on threads of its own, which are told apart.

#include <pthread.h>
#include <spdlog/spdlog.h>
#include <stdlib.h>
#include <zmq.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
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
#include "report.hpp"

namespace {

namespace lp = loophole;
using loophole::bench::keep;
using loophole::bench::write_report;

constexpr int kMeters = 256;
constexpr int kSpectra = 8;
constexpr int kAuras = 4;
constexpr int kRateHz = 60;
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

// Shares of a core, in percent.
struct Cost {
  double thread = 0;
  double zmq = 0;
};

std::vector<Cost> cost_of(const std::vector<std::unique_ptr<Worker>>& workers, int seconds) {
  const auto look = [&] {
    std::vector<Cost> costs;
    for (const auto& worker : workers) costs.push_back({cpu_seconds(worker->thread), cpu_seconds_of_zmq(worker->helpers)});
    return costs;
  };
  std::this_thread::sleep_for(std::chrono::seconds(2));
  const auto begin = std::chrono::steady_clock::now();
  const auto before = look();
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  auto costs = look();
  const double lasted = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  for (std::size_t i = 0; i < costs.size(); ++i) {
    costs[i].thread = (costs[i].thread - before[i].thread) / lasted * 100;
    costs[i].zmq = (costs[i].zmq - before[i].zmq) / lasted * 100;
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

Result result_of(const std::vector<Cost>& costs) {
  Result result{.publisher = costs.front(), .subscriber = {}};
  for (std::size_t i = 1; i < costs.size(); ++i)
    if (costs[i].thread > result.subscriber.thread) result.subscriber = costs[i];
  return result;
}

nlohmann::json json_of(const Cost& cost) {
  return {{"threadPercent", cost.thread}, {"zmqPercent", cost.zmq}};
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
  std::string json_file;
  int seconds = 10;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--json" && i + 1 < argc) {
      json_file = argv[++i];
    } else if (std::string_view(argv[i]) == "--seconds" && i + 1 < argc && std::atoi(argv[i + 1]) > 0) {
      seconds = std::atoi(argv[++i]);
    } else {
      std::fprintf(stderr, "usage: loophole-bench-telemetry [--seconds N] [--json FILE]\n");
      return 2;
    }
  }
  spdlog::set_level(spdlog::level::err);
  std::string folder = (std::filesystem::temp_directory_path() / "loophole-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return 1;

  double least_hz = 0;
  const Result ours = measure_loophole(folder, seconds, least_hz);
  const Result floor = measure_floor(folder, seconds);
  std::filesystem::remove_all(folder);

  std::printf("%d stereo meters, %d spectra, transport, %d Hz, %d user interfaces: share of a core over %d s\n\n", kMeters, kSpectra,
              kRateHz, kAuras, seconds);
  std::printf("%-34s %10s %10s\n", "", "loophole", "floor");
  const auto tell = [](const char* what, double ours_percent, double floor_percent) {
    std::printf("%-34s %8.2f %% %8.2f %%\n", what, ours_percent, floor_percent);
  };
  tell("engine: I/O thread", ours.publisher.thread, floor.publisher.thread);
  tell("engine: ZeroMQ's threads", ours.publisher.zmq, floor.publisher.zmq);
  tell("user interface, dearest: thread", ours.subscriber.thread, floor.subscriber.thread);
  tell("user interface: ZeroMQ's threads", ours.subscriber.zmq, floor.subscriber.zmq);
  std::printf("\nfewest frames of a topic at a user interface: %.1f a second\n", least_hz);
  const auto verdict = [](double percent, double goal) { return percent < goal ? "met" : "MISSED"; };
  std::printf("goal P4: I/O thread under %.0f %%: %s\n", kGoalEngine, verdict(ours.publisher.thread, kGoalEngine));
  std::printf("         user interface under %.0f %%: its thread alone %s, with ZeroMQ's %s\n", kGoalAura,
              verdict(ours.subscriber.thread, kGoalAura), verdict(ours.subscriber.thread + ours.subscriber.zmq, kGoalAura));
  return write_report(json_file, {{"benchmark", "telemetry"},
                                  {"seconds", seconds},
                                  {"engine", json_of(ours.publisher)},
                                  {"engineFloor", json_of(floor.publisher)},
                                  {"aura", json_of(ours.subscriber)},
                                  {"auraFloor", json_of(floor.subscriber)},
                                  {"leastHz", least_hz},
                                  {"goalEnginePercent", kGoalEngine},
                                  {"goalAuraPercent", kGoalAura}});
}
