// What do large projects and many clients cost? Goals P8, P10 and P9.
//
//   loophole-bench-clients [--json FILE] [--signal PATH]
//
//   P8    a client mirrors 1,000 tracks with 20,000 parameters within 250 ms
//         floor: nlohmann::json parses and dumps the same snapshot
//         an edit, and telling it, costs what it costs in an empty project, also where the client has a handler for every kind of change
//   P10   the cost of an edit grows linearly with the number of clients, to 64; one that reads nothing costs the others nothing
//   P9    an engine that is killed plays a project of 100 tracks again within 500 ms, with the same digest
//         floor: the same without a project, which is what starting the program and greeting it costs
//
// Costs are CPU time of the whole process: the disk, which every edit waits for, is no part of them.

#include <signal.h>
#include <spdlog/spdlog.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "loophole/aura.hpp"
#include "loophole/session/client.hpp"
#include "loophole/session/directory.hpp"
#include "loophole/wire/codec.hpp"
#include "program/embedded_pulse.hpp"
#include "run.hpp"

namespace {

namespace lp = loophole;
namespace bench = loophole::bench;
using BenchClock = std::chrono::steady_clock;

constexpr int kEdits = 1'000;  // a turn
constexpr int kTurns = 15;
constexpr int kTurnsOfMany = 5;
constexpr int kInFlight = 128;
constexpr double kGoalMirrorMs = 250;
constexpr double kGoalSameCost = 1.25;
constexpr double kGoalRecoveryMs = 500;
constexpr const char* kCostNote = "CPU time of the whole process, Pulse and clients; means of turns of 1,000 edits.";

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

bench::Limit same_cost(const bench::Distribution& ours, const bench::Distribution& floor) {
  return {"p50", ours.at.p50 / floor.at.p50, bench::Bound::at_most, kGoalSameCost, "x floor"};
}

// A handler for every kind of change; each looks at what it is told.
void listen_to_everything(lp::aura::Client& client) {
  lp::aura::Changes& changes = client.changes();
  const auto look = [](const auto& change) { bench::keep(change.after); };
  changes.on_track(look);
  changes.on_clip(look);
  changes.on_node(look);
  changes.on_bus(look);
  changes.on_send(look);
  changes.on_output(look);
  changes.on_channel(look);
  changes.on_parameter(look);
  changes.on_automation(look);
  changes.on_tempo(look);
  client.on_change([](const lp::project::Changed& changed) { bench::keep(changed); });
}

bench::Measurement measure_mirror(Stage& large, const std::string& project) {
  std::vector<double> mirrored;
  std::vector<double> parsed;
  const auto snapshot = lp::wire::to_json(*large.client().project()).value();
  for (int i = 0; i < kTurns; ++i) {
    large.client().poll();  // or its lease ends
    auto begin = BenchClock::now();
    const lp::aura::Client mirror = large.connect();
    if (mirror.project()->tracks.size() != large.client().project()->tracks.size()) std::abort();
    mirrored.push_back(milliseconds_since(begin));
    begin = BenchClock::now();
    const auto text = nlohmann::json::parse(snapshot).dump();
    if (text.empty()) std::abort();
    parsed.push_back(milliseconds_since(begin));
  }
  const auto ours = bench::distribution_of("connecting, until the mirror is there", std::move(mirrored));
  return {.name = "mirror",
          .goal = "P8",
          .what = "a client mirrors " + project,
          .unit = "ms",
          .ours = ours,
          .floor = bench::distribution_of("json::parse and dump of the snapshot", std::move(parsed)),
          .limits = {{"p50", ours.at.p50, bench::Bound::at_most, kGoalMirrorMs, "ms"}},
          .notes = {"The snapshot has " + bench::number(static_cast<double>(snapshot.size()) / 1e6) + " MB."}};
}

// In turns, so that what disturbs one disturbs the other.
bench::Measurement measure_change(Stage& large, Stage& empty, std::string name, std::string what) {
  std::vector<double> in_large;
  std::vector<double> in_empty;
  for (int i = -1; i < kTurns; ++i) {
    const double empty_us = empty.edit_us();
    large.client().poll();
    const double large_us = large.edit_us();
    empty.client().poll();
    if (i < 0) continue;  // it warms up
    in_large.push_back(large_us);
    in_empty.push_back(empty_us);
  }
  const auto ours = bench::distribution_of("in the large project", std::move(in_large));
  const auto floor = bench::distribution_of("in an empty project", std::move(in_empty));
  return {.name = std::move(name),
          .goal = "P8",
          .what = std::move(what),
          .unit = "us",
          .ours = ours,
          .floor = floor,
          .limits = {same_cost(ours, floor)},
          .notes = {kCostNote}};
}

void measure_large(const std::string& folder, bench::Run& run) {
  Stage large(folder, "large", 1'000);
  std::size_t parameters = 0;
  for (const auto& track : large.client().project()->tracks) {
    ++parameters;
    for (const auto& node : track.channel.nodes) parameters += node.parameters.size();
  }
  run.add(measure_mirror(large, bench::number(static_cast<double>(large.client().project()->tracks.size())) + " tracks, " +
                                    bench::number(static_cast<double>(parameters)) + " parameters"));
  Stage empty(folder, "empty", 0);
  run.add(measure_change(large, empty, "change", "an edit and telling it, CPU, 1,000 tracks"));
  listen_to_everything(large.client());
  listen_to_everything(empty.client());
  run.add(measure_change(large, empty, "change-handlers", "the same with a handler for every change"));
}

void measure_many(Stage& stage, bench::Run& run) {
  const auto per_client = [&](int count) {
    std::vector<double> samples;
    for (int i = 0; i < kTurnsOfMany; ++i) {
      const double alone = stage.edit_us();
      Audience audience(stage.endpoint(), count, true);
      samples.push_back((stage.edit_us([&] { audience.listen(); }) - alone) / count);
    }
    return samples;
  };
  static_cast<void>(stage.edit_us());  // warms up
  const auto few = bench::distribution_of("each of 4 more", per_client(4));
  const auto some = bench::distribution_of("each of 16 more", per_client(16));
  const auto many = bench::distribution_of("each of 63 more", per_client(63));
  run.add({.name = "clients",
           .goal = "P10",
           .what = "telling an edit to 64 clients, CPU for each",
           .unit = "us",
           .ours = many,
           .floor = few,
           .beside = {some},
           .limits = {same_cost(many, few)},
           .notes = {kCostNote}});
}

void measure_stalled(Stage& stage, bench::Run& run) {
  std::vector<double> without;
  std::vector<double> with;
  for (int i = 0; i < kTurnsOfMany; ++i) {
    Audience readers(stage.endpoint(), 8, true);
    without.push_back(stage.edit_us([&] { readers.listen(); }));
    const Audience stalled(stage.endpoint(), 1, false);
    with.push_back(stage.edit_us([&] { readers.listen(); }));
  }
  const auto ours = bench::distribution_of("with one more that reads nothing", std::move(with));
  const auto floor = bench::distribution_of("without it", std::move(without));
  run.add({.name = "stalled-client",
           .goal = "P10",
           .what = "an edit and telling 9 clients, CPU",
           .unit = "us",
           .ours = ours,
           .floor = floor,
           .limits = {same_cost(ours, floor)},
           .notes = {kCostNote}});
}

void measure_flooded(const std::string& folder, Stage& stage, bench::Run& run) {
  const auto durable_ms = [&] {
    std::vector<double> samples;
    const lp::ParameterId gain = stage.client().project()->master.gain.id;
    for (int i = 0; i < 100; ++i) {
      const auto begin = BenchClock::now();
      (void)stage.client().call(lp::parameter::Set{.parameter_id = gain, .value = i % 2 == 0 ? -3.0 : -4.0}).value();
      samples.push_back(milliseconds_since(begin));
    }
    return samples;
  };
  auto calm = durable_ms();
  const auto beside_flood_of = [&](const Stage& flooded) {
    const Flooder flooder(flooded.endpoint());
    return durable_ms();
  };
  const Stage other(folder, "other", 0);
  auto elsewhere = beside_flood_of(other);  // the same work for the machine, but not for this Pulse
  run.add({.name = "flooding-client",
           .what = "a durable edit beside a client that floods Pulse",
           .unit = "ms",
           .ours = bench::distribution_of("the client floods this Pulse", beside_flood_of(stage)),
           .floor = bench::distribution_of("it floods another Pulse", std::move(elsewhere)),
           .beside = {bench::distribution_of("nobody floods", std::move(calm))}});
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

void measure_recovery(const std::string& folder, const std::string& signal, bench::Run& run) {
  std::vector<double> bare;
  std::vector<double> loaded;
  for (int i = 0; i < kTurnsOfMany; ++i) {  // supervision waits before it starts an engine that died before: a new Pulse each time
    const std::string number = std::to_string(i);
    Stage empty(folder, "bare" + number, 0, true, signal);
    bare.push_back(recover(empty.client()));
    Stage hundred(folder, "hundred" + number, 100, true, signal);
    loaded.push_back(recover(hundred.client()));
  }
  const auto ours = bench::distribution_of("with 100 tracks, 1,000 filters and pans", std::move(loaded));
  run.add({.name = "recovery",
           .goal = "P9",
           .what = "an engine that was killed plays again",
           .unit = "ms",
           .ours = ours,
           .floor = bench::distribution_of("without a project: its start and hello", std::move(bare)),
           .limits = {{"max", ours.at.max, bench::Bound::at_most, kGoalRecoveryMs, "ms"}},
           .notes = {"Until the graph is live with the digest that Pulse derives."}});
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Arguments arguments(argc, argv, "loophole-bench-clients", {{"signal", "PATH"}});
  bench::Run run("clients", arguments);
  spdlog::set_level(spdlog::level::err);
  const bench::TemporaryFolder folder;
  ::setenv("LOOPHOLE_RUNTIME_DIR", folder.path().c_str(), 1);
  measure_large(folder.path(), run);
  {
    Stage stage(folder.path(), "many", 0);
    measure_many(stage, run);
    measure_stalled(stage, run);
    measure_flooded(folder.path(), stage, run);
  }
  measure_recovery(folder.path(), arguments.text("signal"), run);
  return run.finish();
}
