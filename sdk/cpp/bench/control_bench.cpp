// What does a command cost, there and back, through Client and Server? Goal P1: at most 1.3 x a bare ROUTER/DEALER echo of the same bytes.
//
//   loophole-bench-control [--rounds N] [--json FILE]
//
// Both sides are two threads with a ZeroMQ context each, over ipc. The command is parameter.set, as Aura sends it to Pulse; the bare echo
// carries the very bytes of that command and its reply. Both are measured in turns within the same run, so that what disturbs one
// disturbs the other.

#include <zmq.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "loophole/session/client.hpp"
#include "loophole/session/server.hpp"
#include "loophole/wire/codec.hpp"
#include "run.hpp"

namespace {

namespace lp = loophole;
namespace bench = loophole::bench;
using Clock = std::chrono::steady_clock;

constexpr int kTurns = 100;
constexpr double kGoalRatio = 1.3;

double microseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

lp::parameter::Set command() {
  return {.parameter_id = lp::ParameterId("prm-k2n4m8p3"), .value = 440.25};
}
lp::parameter::SetReply reply() {
  return {.value = 440.25, .revision = 12};
}

// A thread with a Loop; the Server lives on it.
class PulseThread {
 public:
  explicit PulseThread(const std::string& endpoint) {
    std::promise<void> ready;
    std::future<void> is_ready = ready.get_future();
    thread_ = std::thread([this, endpoint, &ready] {
      lp::net::Context context;
      auto server = lp::session::Server::bind(context, loop_, {.endpoint = endpoint, .software_name = "bench"}).value();
      server->on<lp::parameter::Set>([](lp::session::Server::Request<lp::parameter::Set> request) { request.reply(reply()); });
      ready.set_value();
      loop_.run();
    });
    is_ready.get();
  }
  ~PulseThread() {
    loop_.stop();
    thread_.join();
  }
  PulseThread(const PulseThread&) = delete;
  PulseThread& operator=(const PulseThread&) = delete;

 private:
  lp::net::Loop loop_;
  std::thread thread_;
};

class SessionSide {
 public:
  explicit SessionSide(const std::string& endpoint) : pulse_(endpoint) {
    client_ = lp::session::Client::connect(context_, loop_, {.endpoint = endpoint, .client_id = "bench"}).value();
    while (client_->state() == lp::session::PortState::connecting) loop_.run_once();
  }

  // Each answer calls for the next command.
  void measure(int rounds, std::vector<double>& samples) {
    left_ = rounds;
    samples_ = &samples;
    next();
    loop_.run();
  }

 private:
  void next() {
    begin_ = Clock::now();
    client_->call_payload(lp::wire::MessageOf<lp::parameter::Set>::desc(), lp::wire::Payload::of(command()),
                          [this](lp::Result<lp::wire::Payload> answer) {
                            if (answer.value().as<lp::parameter::SetReply>()->revision != 12) std::abort();
                            samples_->push_back(microseconds_since(begin_));
                            if (--left_ > 0)
                              next();
                            else
                              loop_.stop();
                          },
                          {});
  }

  PulseThread pulse_;
  lp::net::Context context_;
  lp::net::Loop loop_;
  std::unique_ptr<lp::session::Client> client_;
  int left_ = 0;
  std::vector<double>* samples_ = nullptr;
  Clock::time_point begin_;
};

// The floor: blocking sockets and nothing else.
class BareSide {
 public:
  explicit BareSide(const std::string& endpoint) {
    using lp::Role;
    const auto ask = lp::wire::make_command(lp::MessageId("m100"), Role::aura, Role::pulse, command());
    ask_ = lp::wire::encode_message(ask).value();
    answer_ = lp::wire::encode_message(lp::wire::make_reply(lp::MessageId("m100"), ask, lp::wire::Payload::of(reply()))).value();

    void* router = zmq_socket(far_, ZMQ_ROUTER);
    if (zmq_bind(router, endpoint.c_str()) != 0) std::abort();
    thread_ = std::thread([this, router] {
      zmq_msg_t peer;
      zmq_msg_t message;
      zmq_msg_init(&peer);
      zmq_msg_init(&message);
      while (zmq_msg_recv(&peer, router, 0) >= 0 && zmq_msg_recv(&message, router, 0) > 0) {
        zmq_msg_send(&peer, router, ZMQ_SNDMORE);
        zmq_send(router, answer_.data(), answer_.size(), 0);
      }
      zmq_msg_close(&message);
      zmq_msg_close(&peer);
      zmq_close(router);
    });
    dealer_ = zmq_socket(near_, ZMQ_DEALER);
    if (zmq_connect(dealer_, endpoint.c_str()) != 0) std::abort();
  }
  ~BareSide() {
    zmq_send(dealer_, "", 0, 0);  // an empty message ends the echo
    thread_.join();
    zmq_close(dealer_);
    zmq_ctx_term(near_);
    zmq_ctx_term(far_);
  }
  BareSide(const BareSide&) = delete;
  BareSide& operator=(const BareSide&) = delete;

  [[nodiscard]] std::size_t command_bytes() const { return ask_.size(); }
  [[nodiscard]] std::size_t reply_bytes() const { return answer_.size(); }

  void measure(int rounds, std::vector<double>& samples) {
    zmq_msg_t message;
    zmq_msg_init(&message);
    for (int i = 0; i < rounds; ++i) {
      const auto begin = Clock::now();
      zmq_send(dealer_, ask_.data(), ask_.size(), 0);
      if (zmq_msg_recv(&message, dealer_, 0) != static_cast<int>(answer_.size())) std::abort();
      samples.push_back(microseconds_since(begin));
    }
    zmq_msg_close(&message);
  }

 private:
  void* near_ = zmq_ctx_new();
  void* far_ = zmq_ctx_new();
  void* dealer_ = nullptr;
  std::string ask_;
  std::string answer_;
  std::thread thread_;
};

}  // namespace

int main(int argc, char** argv) {
  const bench::Arguments arguments(argc, argv, "loophole-bench-control", {{"rounds", "N"}});
  const int rounds = arguments.count("rounds", 40'000);
  bench::Run run("control", arguments);
  const bench::TemporaryFolder folder;

  std::vector<double> session_samples;
  std::vector<double> bare_samples;
  std::size_t command_bytes = 0;
  std::size_t reply_bytes = 0;
  {
    SessionSide session("ipc://" + folder.path() + "/session");
    BareSide bare("ipc://" + folder.path() + "/bare");
    command_bytes = bare.command_bytes();
    reply_bytes = bare.reply_bytes();
    const int in_a_turn = std::max(rounds / kTurns, 1);
    std::vector<double> warm_up;
    session.measure(in_a_turn, warm_up);
    bare.measure(in_a_turn, warm_up);
    for (int turn = 0; turn < kTurns; ++turn) {
      session.measure(in_a_turn, session_samples);
      bare.measure(in_a_turn, bare_samples);
    }
  }
  const auto ours = bench::distribution_of("Client and Server, parameter.set", std::move(session_samples));
  const auto floor = bench::distribution_of("bare ROUTER/DEALER, the same bytes", std::move(bare_samples));
  run.add({.name = "command",
           .goal = "P1",
           .what = "a command and its reply, over ipc",
           .unit = "us",
           .ours = ours,
           .floor = floor,
           .limits = {{"p50", ours.at.p50 / floor.at.p50, bench::Bound::at_most, kGoalRatio, "x floor"},
                      {"p99", ours.at.p99 / floor.at.p99, bench::Bound::at_most, kGoalRatio, "x floor"}},
           .notes = {"Two threads with a ZeroMQ context each; " + std::to_string(command_bytes) + " bytes there, " +
                     std::to_string(reply_bytes) + " back."}});
  return run.finish();
}
