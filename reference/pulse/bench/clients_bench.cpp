// What do large projects and many clients cost? Goals P8, P10 and P9.
//
//   loophole-bench-clients [--json FILE] [--signal PATH]
//
//   P8    a client mirrors 1,000 tracks with 20,000 parameters within 250 ms; an edit costs what it costs in an empty project
//         floor: nlohmann::json parses and dumps the same snapshot
//   P10   the cost of an edit grows linearly with the number of clients, to 64; one that reads nothing costs the others nothing
//   P9    an engine that is killed plays a project of 100 tracks again within 500 ms, with the same digest
//         floor: the same without a project, which is what starting the program and greeting it costs
//
// Costs are CPU time of the whole process: the disk, which every edit waits for, is no part of them.

#include <signal.h>
#include <spdlog/spdlog.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string_view>
#include <thread>

#include "loophole/aura.hpp"
#include "loophole/session/client.hpp"
#include "loophole/session/directory.hpp"
#include "loophole/wire/codec.hpp"
#include "program/embedded_pulse.hpp"
#include "report.hpp"

namespace {

namespace lp = loophole;
using loophole::bench::Percentiles;
using loophole::bench::percentiles_of;
using loophole::bench::write_report;
using BenchClock = std::chrono::steady_clock;

constexpr int kEdits = 2'000;
constexpr int kInFlight = 128;
constexpr double kGoalMirrorMs = 250;
constexpr double kGoalSameCost = 1.25;
constexpr double kGoalRecoveryMs = 500;

double milliseconds_since(BenchClock::time_point begin) {
  return std::chrono::duration<double, std::milli>(BenchClock::now() - begin).count();
}

// CPU time of this process, all threads, in microseconds.
double cpu_us() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& time) { return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec); };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

// A Pulse with a project of so many tracks, of 20 parameters each, and a client that has it mirrored.
class Stage {
 public:
  Stage(const std::string& folder, const std::string& name, int tracks, bool with_engine = false, const std::string& signal = {})
      : session_(name), file_(folder + "/" + name + ".loophole") {
    lp::pulse::Options options;
    options.session = name;
    options.project = file_;
    options.log_level = "error";
    options.no_engine = !with_engine;
    options.signal = signal;
    options.driver = with_engine ? "paced" : "";
    pulse_ = lp::pulse::EmbeddedPulse::start(options).value();
    client_.emplace(connect());
    if (tracks == 0) return;
    const auto first = client_->call(lp::track::Add{.name = "Track", .index = {}}).value();
    for (int i = 0; i < 9; ++i)  // two parameters each, one of the channel
      (void)client_
          ->call(lp::node::Add{.channel_id = first.channel_id, .kind = lp::node::NodeKind::filter, .plugin = {}, .name = {}, .index = {}})
          .value();
    (void)client_
        ->call(lp::node::Add{.channel_id = first.channel_id, .kind = lp::node::NodeKind::pan, .plugin = {}, .name = {}, .index = {}})
        .value();
    int copied = 1;
    const std::function<void()> next = [&] {
      if (copied >= tracks) return;
      ++copied;
      client_->call(lp::track::Duplicate{.track_id = first.track_id}, [&](lp::Result<lp::track::AddReply>) { next(); });
    };
    for (int i = 0; i < kInFlight; ++i) next();
    const auto all = static_cast<std::size_t>(tracks);
    if (!client_->poll_until([&] { return client_->project()->tracks.size() == all; }, std::chrono::minutes(5))) std::abort();
  }
  ~Stage() { client_.reset(); }

  [[nodiscard]] lp::aura::Client connect() const {
    return lp::aura::Client::connect({.session = session_, .client_id = "bench", .deadline = std::chrono::seconds(30)}).value();
  }
  [[nodiscard]] lp::aura::Client& client() { return *client_; }
  [[nodiscard]] std::string endpoint() const { return lp::session::find(session_).value().project_endpoint; }

  // CPU time of an edit and of telling everybody, in microseconds.
  double edit_us(const std::function<void()>& between = {}) {
    const lp::ParameterId gain = client_->project()->master.gain.id;
    int sent = 0;
    int answered = 0;
    const std::function<void()> next = [&] {
      if (sent == kEdits) return;
      ++sent;
      client_->call(lp::parameter::Set{.parameter_id = gain, .value = sent % 2 == 0 ? -1.0 : -2.0},
                    [&](lp::Result<lp::parameter::SetReply> reply) {
                      (void)reply.value();  // an edit that was refused is no measurement
                      ++answered;
                      next();
                    });
    };
    const double begin = cpu_us();
    for (int i = 0; i < kInFlight; ++i) next();
    while (answered < kEdits) {
      client_->poll(std::chrono::milliseconds(between ? 0 : 100));
      if (between) between();
    }
    return (cpu_us() - begin) / kEdits;
  }

 private:
  std::string session_;
  std::string file_;
  std::unique_ptr<lp::pulse::EmbeddedPulse> pulse_;
  std::optional<lp::aura::Client> client_;
};

// Clients that only listen, all on one Loop.
class Audience {
 public:
  Audience(const std::string& endpoint, int count, bool reads) : reads_(reads) {
    for (int i = 0; i < count; ++i) {
      clients_.push_back(lp::session::Client::connect(context_, loop_, {.endpoint = endpoint, .client_id = "listener"}).value());
      clients_.back()->on_event([](const lp::wire::Message&) {});
      while (clients_.back()->state() == lp::session::PortState::connecting) loop_.run_once();
    }
  }
  void listen() {
    if (reads_) loop_.run_once(std::chrono::milliseconds(0));
  }

 private:
  bool reads_;
  lp::net::Context context_;
  lp::net::Loop loop_;
  std::vector<std::unique_ptr<lp::session::Client>> clients_;
};

// A client that asks as fast as it is answered, with many questions under way, on a thread of its own.
class Flooder {
 public:
  explicit Flooder(const std::string& endpoint) : thread_([this, endpoint] { flood(endpoint); }) {}
  ~Flooder() {
    loop_.stop();
    thread_.join();
  }
  Flooder(const Flooder&) = delete;
  Flooder& operator=(const Flooder&) = delete;

 private:
  void flood(const std::string& endpoint) {
    lp::net::Context context;
    auto client = lp::session::Client::connect(context, loop_, {.endpoint = endpoint, .client_id = "flooder"}).value();
    client->on_event([](const lp::wire::Message&) {});
    const std::function<void()> ask = [&] {
      client->call_payload(lp::wire::MessageOf<lp::session::Describe>::desc(), lp::wire::Payload::of(lp::session::Describe{}),
                           [&](const lp::Result<lp::wire::Payload>&) { ask(); }, {});
    };
    client->on_state([&](lp::session::PortState state) {
      if (state != lp::session::PortState::ready) return;
      for (int i = 0; i < kInFlight; ++i) ask();
    });
    loop_.run();
  }

  lp::net::Loop loop_;
  std::thread thread_;
};

nlohmann::json measure_large(const std::string& folder) {
  std::vector<double> in_empty;
  std::vector<double> in_large;
  {
    Stage empty(folder, "empty", 0);
    for (int i = 0; i < 6; ++i) in_empty.push_back(empty.edit_us());
  }
  Stage large(folder, "large", 1'000);
  std::size_t parameters = 0;
  for (const auto& track : large.client().project()->tracks) {
    ++parameters;
    for (const auto& node : track.channel.nodes) parameters += node.parameters.size();
  }
  std::vector<double> mirrored;
  std::vector<double> parsed;
  const auto snapshot = lp::wire::to_json(*large.client().project()).value();
  for (int i = 0; i < 9; ++i) {
    large.client().poll();  // or its lease ends
    auto begin = BenchClock::now();
    const lp::aura::Client mirror = large.connect();
    if (mirror.project()->tracks.size() != 1'000) std::abort();
    mirrored.push_back(milliseconds_since(begin));
    begin = BenchClock::now();
    const auto text = nlohmann::json::parse(snapshot).dump();
    if (text.empty()) std::abort();
    parsed.push_back(milliseconds_since(begin));
  }
  for (int i = 0; i < 6; ++i) in_large.push_back(large.edit_us());
  const double mirror_ms = percentiles_of(mirrored).p50;
  const double floor_ms = percentiles_of(parsed).p50;
  const double ratio = percentiles_of(in_large).p50 / percentiles_of(in_empty).p50;
  std::printf("P8: %zu tracks, %zu parameters, snapshot of %.1f MB\n", large.client().project()->tracks.size(), parameters,
              static_cast<double>(snapshot.size()) / 1e6);
  std::printf("  mirrored by a client that connects   %8.1f ms   %.2f x parse and dump (%.1f ms)   goal: under %.0f ms\n", mirror_ms,
              mirror_ms / floor_ms, floor_ms, kGoalMirrorMs);
  std::printf("  an edit in it, CPU                   %8.1f us   %.2f x empty project (%.1f us)   goal: at most %.2f x\n\n",
              percentiles_of(in_large).p50, ratio, percentiles_of(in_empty).p50, kGoalSameCost);
  return {{"goal", "P8"},
          {"parameters", parameters},
          {"mirrorMs", mirror_ms},
          {"floorMs", floor_ms},
          {"goalMs", kGoalMirrorMs},
          {"editEmptyUs", percentiles_of(in_empty).p50},
          {"editLargeUs", percentiles_of(in_large).p50},
          {"ratio", ratio},
          {"goalRatio", kGoalSameCost}};
}

nlohmann::json measure_many(const std::string& folder) {
  Stage stage(folder, "many", 0);
  const double alone = stage.edit_us();
  std::printf("P10: an edit and telling everybody, CPU, all clients included\n");
  std::printf("  %4s clients %10.1f us\n", "1", alone);
  nlohmann::json rows = nlohmann::json::array();
  double per_client_4 = 0;
  double per_client_63 = 0;
  for (const int count : {4, 16, 63}) {
    Audience audience(stage.endpoint(), count, true);
    const double cost = stage.edit_us([&] { audience.listen(); });
    const double per_client = (cost - alone) / count;
    if (count == 4) per_client_4 = per_client;
    if (count == 63) per_client_63 = per_client;
    std::printf("  %4d clients %10.1f us   %.2f us for each more\n", count + 1, cost, per_client);
    rows.push_back({{"clients", count + 1}, {"editUs", cost}, {"perClientUs", per_client}});
  }
  std::vector<double> without;
  std::vector<double> with;
  for (int i = 0; i < 3; ++i) {
    Audience readers(stage.endpoint(), 8, true);
    without.push_back(stage.edit_us([&] { readers.listen(); }));
    const Audience stalled(stage.endpoint(), 1, false);
    with.push_back(stage.edit_us([&] { readers.listen(); }));
  }
  const auto durable_ms = [&] {
    std::vector<double> samples;
    const lp::ParameterId gain = stage.client().project()->master.gain.id;
    for (int i = 0; i < 100; ++i) {
      const auto begin = BenchClock::now();
      (void)stage.client().call(lp::parameter::Set{.parameter_id = gain, .value = i % 2 == 0 ? -3.0 : -4.0}).value();
      samples.push_back(milliseconds_since(begin));
    }
    return percentiles_of(std::move(samples));
  };
  const Percentiles calm = durable_ms();
  const auto beside_flood_of = [&](const Stage& flooded) {
    const Flooder flooder(flooded.endpoint());
    return durable_ms();
  };
  const Stage other(folder, "other", 0);
  const Percentiles elsewhere = beside_flood_of(other);  // the floor: the same work for the machine, but not for this Pulse
  const Percentiles flooded = beside_flood_of(stage);
  const double linear = per_client_63 / per_client_4;
  const double stalled = percentiles_of(with).p50 / percentiles_of(without).p50;
  std::printf("  each of 64 costs %.2f x each of 5 (goal: at most %.2f x)\n", linear, kGoalSameCost);
  std::printf("  with one that reads nothing among 9, %.2f x (goal: at most %.2f x)\n", stalled, kGoalSameCost);
  std::printf(
      "  a durable edit beside one that floods, p50 %.2f ms, %.2f x beside one that floods another Pulse (%.2f ms; alone %.2f ms)\n\n",
      flooded.p50, flooded.p50 / elsewhere.p50, elsewhere.p50, calm.p50);
  return {{"goal", "P10"}, {"calmMs", calm.p50}, {"elsewhereMs", elsewhere.p50}, {"floodedMs", flooded.p50},  {"aloneUs", alone},
          {"rows", rows},  {"linear", linear},   {"stalled", stalled},           {"goalRatio", kGoalSameCost}};
}

// Milliseconds from the death of the engine to its graph being live again, as Pulse says.
double recover(lp::aura::Client& client) {
  const auto running = [&](std::int64_t restarts) {
    for (;;) {
      auto status = client.call(lp::engine::Status{}).value();
      if (status.state == lp::engine::EngineState::running && status.restarts >= restarts && status.engine_digest == status.model_digest)
        return status;
      bool again = false;
      client.after(std::chrono::milliseconds(2), [&] { again = true; });
      (void)client.poll_until([&] { return again; }, std::chrono::seconds(10));
    }
  };
  const auto before = running(0);
  ::kill(static_cast<pid_t>(before.process_id), SIGKILL);
  return running(before.restarts + 1).recovery_ms;
}

nlohmann::json measure_recovery(const std::string& folder, const std::string& signal) {
  std::vector<double> bare;
  std::vector<double> loaded;
  {
    Stage empty(folder, "bare", 0, true, signal);
    Stage hundred(folder, "hundred", 100, true, signal);
    // Supervision slows down for an engine that keeps dying; three deaths of each are few enough for it to be at once or after 100 ms.
    for (int i = 0; i < 3; ++i) {
      bare.push_back(recover(empty.client()));
      loaded.push_back(recover(hundred.client()));
    }
  }
  const double first_bare = bare.front();
  const double first_loaded = loaded.front();
  std::printf("P9: an engine that was killed plays again\n");
  std::printf("  100 tracks, 1,000 filters and pans   %8.1f ms   %.2f x no project (%.1f ms)   goal: under %.0f ms\n", first_loaded,
              first_loaded / first_bare, first_bare, kGoalRecoveryMs);
  std::printf("  again and again, with the pause before the start: %.1f, %.1f ms\n", loaded[1], loaded[2]);
  return {{"goal", "P9"}, {"recoveryMs", first_loaded}, {"floorMs", first_bare}, {"repeatedMs", loaded}, {"goalMs", kGoalRecoveryMs}};
}

}  // namespace

int main(int argc, char** argv) {
  std::string json_file;
  std::string signal;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--json" && i + 1 < argc) {
      json_file = argv[++i];
    } else if (option == "--signal" && i + 1 < argc) {
      signal = argv[++i];
    } else {
      std::fprintf(stderr, "usage: loophole-bench-clients [--signal PATH] [--json FILE]\n");
      return 2;
    }
  }
  spdlog::set_level(spdlog::level::err);
  std::string folder = (std::filesystem::temp_directory_path() / "loophole-bench-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) {
    std::fprintf(stderr, "no folder can be made in %s\n", std::filesystem::temp_directory_path().c_str());
    return 1;
  }
  ::setenv("LOOPHOLE_RUNTIME_DIR", folder.c_str(), 1);
  nlohmann::json report = {{"benchmark", "clients"}};
  report["large"] = measure_large(folder);
  report["many"] = measure_many(folder);
  report["recovery"] = measure_recovery(folder, signal);
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return write_report(json_file, report);
}
