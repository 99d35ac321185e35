// loophole-signal as a process: hello, configuration, graph, gesture, telemetry, recording, end.

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "graphs.hpp"
#include "loophole/wire/codec.hpp"
#include "loophole/wire/graph_digest.hpp"
#include "pulse_seat.hpp"
#include "wav.hpp"

extern char** environ;

namespace loophole::test {
namespace {

class Process {
 public:
  explicit Process(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), LOOPHOLE_SIGNAL_PROGRAM);
    std::vector<char*> raw;
    for (std::string& argument : arguments) raw.push_back(argument.data());
    raw.push_back(nullptr);
    REQUIRE(::posix_spawn(&pid_, raw.front(), nullptr, nullptr, raw.data(), environ) == 0);
  }
  ~Process() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void send(int number) const { REQUIRE(::kill(pid_, number) == 0); }
  int wait() {
    int status = 0;
    REQUIRE(::waitpid(pid_, &status, 0) == pid_);
    pid_ = -1;
    return status;
  }
  int wait_exit_code() {
    const int status = wait();
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
  }

 private:
  pid_t pid_ = -1;
};

struct Bench {
  TempRuntime runtime;
  net::Context context;
  net::Loop loop;
  std::string recording = (runtime.path() / "played.wav").string();

  [[nodiscard]] std::vector<std::string> arguments() const {
    return {"--control",   runtime.ipc("engine"),
            "--stream",    runtime.ipc("stream"),
            "--telemetry", runtime.ipc("telemetry"),
            "--driver",    "paced",
            "--record",    recording,
            "--log-level", "warn"};
  }
};

TEST_CASE("a Pulse drives the engine from hello to sound, and SIGTERM ends it well") {
  Bench bench;
  Process engine(bench.arguments());
  PulseSeat pulse(bench.context, bench.loop, bench.runtime.ipc("engine"));
  pulse.wait_ready();
  CHECK(pulse.link().epoch > 0);

  const auto effective = pulse.call(engine::Configure{.sample_rate_hz = 48'000, .block_frames = 256, .driver = {}}).value();
  CHECK(effective.driver == engine::Driver::paced);
  CHECK(pulse.call(engine::Configure{.sample_rate_hz = 48'000, .block_frames = 256, .driver = {}}).value() == effective);

  const auto applied = pulse.call(graph::Replace{.revision = 7, .graph = synth_graph()}).value();
  CHECK(applied.revision == 7);
  CHECK(applied.digest == wire::graph_digest(synth_graph()));
  CHECK(pulse.call(engine::TransportSet{.playing = true, .position_frames = 48'000}).value().playing);

  Watcher aura(bench.context, bench.loop, pulse.link());
  REQUIRE(aura.subscriber->subscribe(wire::topic::kMeters));
  REQUIRE(aura.subscriber->subscribe(wire::topic::kTransport));
  REQUIRE_SOON(bench.loop, aura.meters.size() >= 10 && aura.positions.size() >= 10);
  CHECK(aura.positions.back().position_frames > 48'000);
  CHECK(aura.positions.back().playing);
  CHECK(aura.meters.back().readings[0].handle == 6);

  const StreamId stream("00000000000000a1");
  REQUIRE(pulse.call(stream::Open{.stream_id = stream, .handles = {3}, .lease_ms = 60'000}));
  Hand hand(bench.context, pulse.link(), 0xa1);
  for (int i = 0; i < 240; ++i) hand.move(3, 200.0 + 10.0 * i);
  REQUIRE(pulse.run([&] { return pulse.call(session::Counters{}).value().stream_samples_applied == 240; }));
  const auto closed = pulse.call(stream::Close{.stream_id = stream, .values = {{.handle = 3, .value = 1'234.5}}}).value();
  CHECK(closed.report.samples_applied == 240);
  CHECK(closed.report.samples_lost == 0);
  CHECK(closed.last_values.at(0).value == 200.0 + 10.0 * 239);
  const auto query = pulse.call(graph::Query{}).value();
  CHECK(query.digest == closed.digest);
  bool found = false;
  for (const auto& held : query.values)
    if (held.handle == 3) {
      found = true;
      CHECK(held.value == 1'234.5);
    }
  CHECK(found);

  engine.send(SIGTERM);
  CHECK(engine.wait_exit_code() == 0);
  CHECK_FALSE(std::filesystem::exists(bench.runtime.path() / "engine"));
  const Wav wav = read_wav(bench.recording);
  CHECK(wav.rate == 48'000);
  CHECK(wav.samples.size() > 1'000);
  CHECK(std::any_of(wav.samples.begin(), wav.samples.end(), [](float sample) { return std::fabs(sample) > 0.01F; }));
}

TEST_CASE("an endpoint in use is a clear error of its own exit code") {
  Bench bench;
  const auto other = net::ControlListener::bind(bench.context, bench.runtime.ipc("engine"));
  REQUIRE(other);
  Process engine(bench.arguments());
  CHECK(engine.wait_exit_code() == 3);
}

TEST_CASE("a Pulse renders offline into the recording: from each start of the transport, up to the stated end") {
  Bench bench;
  auto arguments = bench.arguments();
  arguments.insert(arguments.end(), {"--offline-seconds", "3"});
  Process engine(arguments);
  PulseSeat pulse(bench.context, bench.loop, bench.runtime.ipc("engine"));
  pulse.wait_ready();
  const engine::Configure wanted{.sample_rate_hz = 48'000, .block_frames = 256, .driver = engine::Driver::offline, .device_id = {}};
  CHECK(pulse.call(wanted).value().driver == engine::Driver::offline);
  CHECK(pulse.call(engine::State{}).value().state == engine::AudioState::running);
  REQUIRE(pulse.call(graph::Replace{.revision = 1, .graph = synth_graph()}));
  CHECK(pulse.call(engine::TransportSet{.playing = true, .position_frames = 0}));
  REQUIRE(pulse.run([&] { return !pulse.call(engine::TransportSet{}).value().playing; }));
  CHECK(pulse.call(engine::State{}).value().engine_frames == 3 * 48'000);
  CHECK(pulse.call(engine::TransportSet{}).value().position_frames == 3 * 48'000);
  REQUIRE(pulse.call(engine::Stop{}));
  CHECK(read_wav(bench.recording).frames() == 3 * 48'000);
}

TEST_CASE("offline is refused by an engine that was given no file") {
  Bench bench;
  auto arguments = bench.arguments();
  arguments.erase(std::ranges::find(arguments, "--record"), std::ranges::find(arguments, "--record") + 2);
  Process engine(arguments);
  PulseSeat pulse(bench.context, bench.loop, bench.runtime.ipc("engine"));
  pulse.wait_ready();
  const auto refused =
      pulse.call(engine::Configure{.sample_rate_hz = 48'000, .block_frames = 256, .driver = engine::Driver::offline, .device_id = {}});
  REQUIRE_FALSE(refused);
  CHECK(is(refused.error(), errors::kEngineDriverFailed));
  CHECK(refused.error().pointer == "/payload/driver");
  CHECK(refused.error().message.find("--record") != std::string::npos);
}

TEST_CASE("loophole-signal render makes a file and says by its exit code whether it did") {
  TempFolder folder;
  const auto path = [&](const char* name) { return (folder.path() / name).string(); };
  std::ofstream(path("graph.json")) << wire::to_json(synth_graph()).value();
  std::ofstream(path("bad.json")) << "{}";
  const auto run = [](std::vector<std::string> arguments) { return Process(std::move(arguments)).wait_exit_code(); };
  CHECK(run({"render", path("graph.json"), "--out", path("out.wav"), "--seconds", "0.5", "--format", "pcm16", "--rate", "44100"}) == 0);
  CHECK(read_wav(path("out.wav")).frames() == 22'050);
  CHECK(read_wav(path("out.wav")).rate == 44'100);
  CHECK(run({"render", path("bad.json"), "--out", path("bad.wav"), "--seconds", "1"}) == 1);
  CHECK_FALSE(std::filesystem::exists(path("bad.wav")));
  graph::GraphNode absent = node_of("absent", graph::GraphNodeKind::plugin);
  absent.plugin = PluginId("urn:loophole:nowhere");
  std::ofstream(path("absent.json")) << wire::to_json(chain_of({tone_of("tone", 1), absent, output_of()})).value();
  CHECK(run({"render", path("absent.json"), "--out", path("absent.wav"), "--seconds", "0.1"}) == 1);
  CHECK_FALSE(std::filesystem::exists(path("absent.wav")));
  CHECK(run({"render", path("absent.json"), "--out", path("absent.wav"), "--seconds", "0.1", "--without-plugins"}) == 0);
  CHECK(run({"render", path("graph.json")}) == 2);
  CHECK(run({"render", path("graph.json"), "--out", path("x.wav"), "--seconds", "1", "--frames", "1"}) == 2);
  CHECK(run({}) == 2);  // without endpoints there is nothing to serve
}

TEST_CASE("a render that is interrupted leaves no file, and the one that was there as it was") {
  const TempFolder folder;
  const auto path = [&](const char* name) { return (folder.path() / name).string(); };
  std::ofstream(path("graph.json")) << wire::to_json(synth_graph()).value();
  std::ofstream(path("out.wav")) << "before";
  for (const int signal : {SIGINT, SIGTERM}) {
    Process render({"render", path("graph.json"), "--out", path("out.wav"), "--seconds", "3000", "--block", "16"});
    const auto end = std::chrono::steady_clock::now() + kWatchdog;
    while (!std::filesystem::exists(path("out.wav.part"))) {
      REQUIRE(std::chrono::steady_clock::now() < end);
      std::this_thread::yield();
    }
    render.send(signal);
    CHECK(render.wait_exit_code() == 128 + signal);
    CHECK_FALSE(std::filesystem::exists(path("out.wav.part")));
    CHECK(std::filesystem::file_size(path("out.wav")) == 6);
  }
}

TEST_CASE("the recording is a valid file after SIGKILL, and the next start continues it") {
  Bench bench;
  std::size_t frames_before = 0;
  for (int start = 0; start < 2; ++start) {
    Process engine(bench.arguments());
    PulseSeat pulse(bench.context, bench.loop, bench.runtime.ipc("engine"));
    pulse.wait_ready();
    REQUIRE(pulse.call(engine::Configure{.sample_rate_hz = 48'000, .block_frames = 256, .driver = {}}));
    REQUIRE(pulse.call(graph::Replace{.revision = 1, .graph = synth_graph()}));
    REQUIRE(pulse.call(engine::TransportSet{.playing = true, .position_frames = 0}));
    REQUIRE_POLL(read_wav(bench.recording).frames() > frames_before + 20'000);
    engine.send(SIGKILL);
    CHECK(WIFSIGNALED(engine.wait()));
    const std::size_t frames = read_wav(bench.recording).frames();
    CHECK(frames > frames_before);
    frames_before = frames;
  }
}

}  // namespace
}  // namespace loophole::test
