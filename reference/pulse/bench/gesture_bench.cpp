// How long is the way of a hand to the sound? Goal P3: from Gesture::set() until the audio thread can see the value, p99 at most 1.25 x one
// way by bare PUSH/PULL.
//
//   loophole-bench-gesture [--rounds N] [--json FILE]
//
//   loophole   a Pulse that grants the lease; an aura::Client on one thread, and on another an EngineServer with the reference engine.
//              Between two events of its Loop that thread looks at the ParameterFeed as an audio callback does: from then on, whichever
//              block comes next has the value
//   floor      the same bytes between two threads, over a socket in the file system as well
//
// One sample is sent every 1.5 ms, as a fast mouse does, and both sides sleep in between: waking up is most of what is measured. Both are
// measured in turns within the same run.

#include <spdlog/spdlog.h>
#include <stdlib.h>
#include <zmq.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/reference_engine.hpp"
#include "lent_driver.hpp"
#include "loophole/aura.hpp"
#include "loophole/core/clock.hpp"
#include "loophole/frames/parameter_stream.hpp"
#include "loophole/signal.hpp"
#include "program/embedded_pulse.hpp"
#include "run.hpp"

namespace {

namespace lp = loophole;
namespace bench = loophole::bench;

constexpr int kTurns = 50;
constexpr std::chrono::microseconds kGap{1'500};
constexpr double kGoalRatio = 1.25;

// What the other thread has seen, and when.
class Seen {
 public:
  void now() {
    at_ns_.store(lp::monotonic_ns(), std::memory_order_relaxed);
    count_.fetch_add(1, std::memory_order_release);
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_.load(std::memory_order_acquire); }
  // Microseconds since `begin_ns` of the one after `count`, for which it waits.
  [[nodiscard]] double us_of_next(std::uint64_t count, std::uint64_t begin_ns) const {
    std::this_thread::sleep_for(kGap);
    const auto latest = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (this->count() == count) {
      if (std::chrono::steady_clock::now() > latest) std::abort();  // lost on the way
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    return static_cast<double>(at_ns_.load(std::memory_order_relaxed) - begin_ns) / 1'000;
  }

 private:
  std::atomic<std::uint64_t> at_ns_{0};
  std::atomic<std::uint64_t> count_{0};
};

// An engine whose audio callback runs on its I/O thread, after each turn of the Loop.
class EngineThread {
 public:
  explicit EngineThread(const std::string& folder) : control_("ipc://" + folder + "/engine") {
    std::promise<void> ready;
    thread_ = std::thread([this, &folder, &ready] { run(folder, ready); });
    ready.get_future().get();
  }
  ~EngineThread() {
    ending_ = true;
    thread_.join();
  }
  EngineThread(const EngineThread&) = delete;
  EngineThread& operator=(const EngineThread&) = delete;
  [[nodiscard]] const std::string& control() const noexcept { return control_; }
  [[nodiscard]] const Seen& seen() const noexcept { return seen_; }

 private:
  void run(const std::string& folder, std::promise<void>& ready) {
    lp::net::Context context;
    lp::net::Loop loop;
    lp::signal::rt::AudioPort port;
    bench::LentDrivers drivers;
    lp::reference_signal::ReferenceEngine engine(
        port, [&loop](std::function<void()> task) { loop.post(std::move(task)); }, {}, drivers);
    const auto server = lp::signal::EngineServer::start(context, loop,
                                                        {.control_endpoint = control_,
                                                         .stream_endpoint = "ipc://" + folder + "/stream",
                                                         .telemetry_endpoint = "ipc://" + folder + "/telemetry",
                                                         .software_name = "bench",
                                                         .capabilities = {},
                                                         .socket = {}},
                                                        engine, port)
                            .value();
    ready.set_value();
    std::vector<float> out(std::size_t{bench::kLentFrames} * 2);
    for (auto known = port.parameters.mark(); !ending_;) {
      loop.run_once(std::chrono::milliseconds(10));
      if (const auto mark = port.parameters.mark(); mark != known) {
        seen_.now();
        known = mark;
      }
      if (drivers.callback != nullptr) drivers.callback->render(out, lp::monotonic_ns());
    }
    server->close(lp::session::GoodbyeReason::closing);
  }

  std::string control_;
  Seen seen_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

class Hand {
 public:
  Hand(const std::string& folder, const EngineThread& engine) : engine_(engine) {
    lp::pulse::Options options;
    options.session = "bench";
    options.project = folder + "/song.loophole";
    options.attach = engine.control();
    options.log_level = "error";
    pulse_ = lp::pulse::EmbeddedPulse::start(options).value();
    client_.emplace(lp::aura::Client::connect({.session = "bench", .client_id = "bench"}).value());
    if (!client_->poll_until([&] { return client_->engine_link().has_value(); }, std::chrono::seconds(10))) std::abort();
    gesture_.emplace(client_->begin_gesture(client_->project()->master.gain.id).value());
  }
  ~Hand() {
    gesture_.reset();
    client_.reset();
  }
  Hand(const Hand&) = delete;
  Hand& operator=(const Hand&) = delete;

  void measure(int rounds, std::vector<double>& us) {
    for (int i = 0; i < rounds; ++i) {
      client_->poll();
      const std::uint64_t count = engine_.seen().count();
      const std::uint64_t begin = lp::monotonic_ns();
      if (!gesture_->set(i % 2 == 0 ? -3.0 : -6.0)) std::abort();
      us.push_back(engine_.seen().us_of_next(count, begin));
    }
  }

 private:
  const EngineThread& engine_;
  std::unique_ptr<lp::pulse::EmbeddedPulse> pulse_;
  std::optional<lp::aura::Client> client_;
  std::optional<lp::aura::Gesture> gesture_;
};

class Bare {
 public:
  explicit Bare(const std::string& endpoint) {
    pull_ = zmq_socket(far_, ZMQ_PULL);
    if (zmq_bind(pull_, endpoint.c_str()) != 0) std::abort();
    thread_ = std::thread([this] {
      zmq_msg_t message;
      zmq_msg_init(&message);
      while (zmq_msg_recv(&message, pull_, 0) > 0) seen_.now();
      zmq_msg_close(&message);
      zmq_close(pull_);
    });
    push_ = zmq_socket(near_, ZMQ_PUSH);
    if (zmq_connect(push_, endpoint.c_str()) != 0) std::abort();
  }
  ~Bare() {
    zmq_send(push_, "", 0, 0);  // an empty message ends the thread
    thread_.join();
    zmq_close(push_);
    zmq_ctx_term(near_);
    zmq_ctx_term(far_);
  }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;

  void measure(int rounds, std::vector<double>& us) {
    for (int i = 0; i < rounds; ++i) {
      const std::uint64_t count = seen_.count();
      const std::uint64_t begin = lp::monotonic_ns();
      zmq_send(push_, frame_.data(), frame_.size(), 0);
      us.push_back(seen_.us_of_next(count, begin));
    }
  }

 private:
  void* near_ = zmq_ctx_new();
  void* far_ = zmq_ctx_new();
  void* push_ = nullptr;
  void* pull_ = nullptr;
  lp::Buffer frame_ = lp::Buffer(lp::frames::parameter_stream_bytes(1));
  Seen seen_;
  std::thread thread_;
};

}  // namespace

int main(int argc, char** argv) {
  const bench::Arguments arguments(argc, argv, "loophole-bench-gesture", {{"rounds", "N"}});
  const int in_a_turn = std::max(arguments.count("rounds", 5'000) / kTurns, 1);
  bench::Run run("gesture", arguments);
  spdlog::set_level(spdlog::level::err);
  const bench::TemporaryFolder folder;
  ::setenv("LOOPHOLE_RUNTIME_DIR", folder.path().c_str(), 1);

  std::vector<double> ours_us;
  std::vector<double> bare_us;
  {
    const EngineThread engine(folder.path());
    Hand hand(folder.path(), engine);
    Bare bare("ipc://" + folder.path() + "/bare");
    std::vector<double> warm_up;
    hand.measure(in_a_turn, warm_up);
    bare.measure(in_a_turn, warm_up);
    for (int turn = 0; turn < kTurns; ++turn) {
      hand.measure(in_a_turn, ours_us);
      bare.measure(in_a_turn, bare_us);
    }
  }
  const auto ours = bench::distribution_of("Gesture::set() to ParameterFeed", std::move(ours_us));
  const auto floor = bench::distribution_of("bare PUSH/PULL, the same bytes", std::move(bare_us));
  run.add({.name = "gesture",
           .goal = "P3",
           .what = "from a gesture's set() until audio can see it",
           .unit = "us",
           .ours = ours,
           .floor = floor,
           .limits = {{"p99", ours.at.p99 / floor.at.p99, bench::Bound::at_most, kGoalRatio, "x floor"}},
           .notes = {"A sample every 1.5 ms; both sides sleep in between."}});
  return run.finish();
}
