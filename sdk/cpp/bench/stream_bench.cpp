// How many samples of a gesture go through in a second? Goal P2: frames of one sample, written, sent, received, verified and read, at least
// 0.8 x the frames that bare PUSH/PULL carries, and at least 3 x the messages that liblo carries over a Unix socket.
//
//   loophole-bench-stream [--turns N] [--json FILE]
//
// Each way is two threads, over a socket in the file system, with queues of the same length; the receiving thread sleeps while there is
// nothing. They are measured in turns within the same run, so that what disturbs one disturbs the others. One sample is the time for one
// frame, the mean of a turn: from its first frame being written to its last being read.

#include <zmq.h>
#ifdef LOOPHOLE_HAS_LIBLO
#include <lo/lo.h>
#endif

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "loophole/frames/parameter_stream.hpp"
#include "loophole/transport/loop.hpp"
#include "loophole/transport/sockets.hpp"
#include "run.hpp"

namespace {

namespace lp = loophole;
namespace bench = loophole::bench;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kFramesInTurn = 50'000;
constexpr std::uint64_t kMessagesInTurn = 5'000;  // of liblo, which is slower
constexpr int kQueue = 10'000;                    // frames, on each side
constexpr std::chrono::microseconds kPause{100};  // of a sender that finds the queue full
constexpr double kGoalRaw = 0.8;
constexpr double kGoalLiblo = 3;

lp::frames::ParameterSample sample_of(std::uint64_t sequence) {
  return {.value = 440.25, .time_ns = sequence, .handle = 7};
}

// What the receiving thread has read.
class Progress {
 public:
  explicit Progress(std::uint64_t in_turn) : in_turn_(in_turn) {}
  void count() {
    if (++read_ % in_turn_ == 0) {
      turns_.store(read_ / in_turn_, std::memory_order_release);
      turns_.notify_one();
    }
  }
  [[nodiscard]] std::uint64_t read() const noexcept { return read_; }  // by the receiving thread
  void wait(std::uint64_t turn) const {
    for (std::uint64_t seen = 0; (seen = turns_.load(std::memory_order_acquire)) < turn;) turns_.wait(seen);
  }

 private:
  std::uint64_t in_turn_;
  std::uint64_t read_ = 0;
  std::atomic<std::uint64_t> turns_{0};
};

class Way {
 public:
  explicit Way(std::uint64_t in_turn) : progress_(in_turn), in_turn_(in_turn) {}
  virtual ~Way() = default;
  // Nanoseconds a frame.
  double turn() {
    const auto begin = Clock::now();
    for (std::uint64_t i = 0; i < in_turn_; ++i) send(sent_++);
    progress_.wait(++turns_);
    return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / static_cast<double>(in_turn_);
  }

 protected:
  virtual void send(std::uint64_t sequence) = 0;
  Progress progress_;

 private:
  std::uint64_t in_turn_;
  std::uint64_t sent_ = 0;
  std::uint64_t turns_ = 0;
};

// Lanes of the SDK, the receiving one in a Loop.
class Ours final : public Way {
 public:
  explicit Ours(const std::string& endpoint) : Way(kFramesInTurn) {
    const lp::net::SocketOptions options{.queue_messages = kQueue};
    std::promise<void> ready;
    thread_ = std::thread([this, &endpoint, &ready, options] {
      lp::net::Context context;
      const auto receiver = lp::net::StreamReceiver::bind(context, endpoint, options).value();
      lp::Buffer buffer;
      loop_.watch(*receiver, [&] {
        while (receiver->receive(buffer)) {
          const auto view = lp::frames::read_parameter_stream(buffer);
          if (!view || view->header.sequence != progress_.read() || view->samples[0].time_ns != progress_.read()) std::abort();
          progress_.count();
        }
      });
      ready.set_value();
      loop_.run();
      loop_.unwatch(*receiver);
    });
    ready.get_future().get();
    sender_ = lp::net::StreamSender::connect(context_, endpoint, options).value();
  }
  ~Ours() override {
    loop_.stop();
    thread_.join();
  }

 private:
  void send(std::uint64_t sequence) override {
    const auto sample = sample_of(sequence);
    const auto frame = lp::frames::write_parameter_stream(frame_, {.stream_id = 1, .epoch = 2, .sequence = sequence}, {&sample, 1});
    while (!sender_->send(frame)) std::this_thread::sleep_for(kPause);
  }

  lp::net::Loop loop_;
  std::thread thread_;
  lp::net::Context context_;
  std::unique_ptr<lp::net::StreamSender> sender_;
  lp::Buffer frame_ = lp::Buffer(lp::frames::parameter_stream_bytes(1));
};

// The floor: the same bytes again and again, looked at by nobody.
class Bare final : public Way {
 public:
  explicit Bare(const std::string& endpoint) : Way(kFramesInTurn) {
    const auto limit = [](void* socket) {
      zmq_setsockopt(socket, ZMQ_SNDHWM, &kQueue, sizeof kQueue);
      zmq_setsockopt(socket, ZMQ_RCVHWM, &kQueue, sizeof kQueue);
    };
    pull_ = zmq_socket(far_, ZMQ_PULL);
    limit(pull_);
    if (zmq_bind(pull_, endpoint.c_str()) != 0) std::abort();
    thread_ = std::thread([this] {
      zmq_msg_t message;
      zmq_msg_init(&message);
      while (zmq_msg_recv(&message, pull_, 0) > 0) progress_.count();
      zmq_msg_close(&message);
      zmq_close(pull_);
    });
    push_ = zmq_socket(near_, ZMQ_PUSH);
    limit(push_);
    if (zmq_connect(push_, endpoint.c_str()) != 0) std::abort();
  }
  ~Bare() override {
    zmq_send(push_, "", 0, 0);  // an empty message ends the thread
    thread_.join();
    zmq_close(push_);
    zmq_ctx_term(near_);
    zmq_ctx_term(far_);
  }

 private:
  void send(std::uint64_t) override {
    while (zmq_send(push_, frame_.data(), frame_.size(), ZMQ_DONTWAIT) < 0) std::this_thread::sleep_for(kPause);
  }

  void* near_ = zmq_ctx_new();
  void* far_ = zmq_ctx_new();
  void* push_ = nullptr;
  void* pull_ = nullptr;
  lp::Buffer frame_ = lp::Buffer(lp::frames::parameter_stream_bytes(1));
  std::thread thread_;
};

#ifdef LOOPHOLE_HAS_LIBLO
// An OSC message of the same members.
class Liblo final : public Way {
 public:
  explicit Liblo(const std::string& path) : Way(kMessagesInTurn), server_(lo_server_new_with_proto(path.c_str(), LO_UNIX, nullptr)) {
    if (server_ == nullptr) std::abort();
    lo_server_add_method(server_, "/stream", "hhhdhi", &Liblo::on_sample, this);
    thread_ = std::thread([this] {
      while (!ending_) lo_server_recv(server_);
    });
    address_ = lo_address_new_with_proto(LO_UNIX, nullptr, path.c_str());
  }
  ~Liblo() override {
    ending_ = true;
    lo_send(address_, "/end", "");
    thread_.join();
    lo_address_free(address_);
    lo_server_free(server_);
  }

 private:
  static int on_sample(const char*, const char*, lo_arg** argv, int, lo_message, void* self) {
    Progress& progress = static_cast<Liblo*>(self)->progress_;
    if (static_cast<std::uint64_t>(argv[2]->h) != progress.read()) std::abort();
    progress.count();
    return 0;
  }
  void send(std::uint64_t sequence) override {
    const auto sample = sample_of(sequence);
    const auto whole = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
    if (lo_send(address_, "/stream", "hhhdhi", std::int64_t{1}, std::int64_t{2}, whole(sequence), sample.value, whole(sample.time_ns),
                static_cast<std::int32_t>(sample.handle)) < 0)
      std::abort();
  }

  lo_server server_;
  lo_address address_ = nullptr;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};
#endif

}  // namespace

int main(int argc, char** argv) {
  const bench::Arguments arguments(argc, argv, "loophole-bench-stream", {{"turns", "N"}});
  const int turns = arguments.count("turns", 100);
  bench::Run run("stream", arguments);
  const bench::TemporaryFolder folder;

  Ours ours("ipc://" + folder.path() + "/ours");
  Bare bare("ipc://" + folder.path() + "/bare");
  std::vector<double> of_ours;
  std::vector<double> of_bare;
#ifdef LOOPHOLE_HAS_LIBLO
  Liblo liblo(folder.path() + "/liblo");
  std::vector<double> of_liblo;
#endif
  for (int i = -2; i < turns; ++i) {  // the first two warm up
    const double ours_ns = ours.turn();
    const double bare_ns = bare.turn();
#ifdef LOOPHOLE_HAS_LIBLO
    const double liblo_ns = liblo.turn();
    if (i >= 0) of_liblo.push_back(liblo_ns);
#endif
    if (i < 0) continue;
    of_ours.push_back(ours_ns);
    of_bare.push_back(bare_ns);
  }

  bench::Measurement stream{.name = "stream",
                            .goal = "P2",
                            .what = "a frame of one sample, from one thread to another",
                            .unit = "ns",
                            .ours = bench::distribution_of("StreamSender and StreamReceiver", of_ours),
                            .floor = bench::distribution_of("bare PUSH/PULL, the same bytes", of_bare)};
  const double per_second = 1e9 / stream.ours.at.p50;
  stream.limits.push_back({"throughput (p50)", stream.floor->at.p50 / stream.ours.at.p50, bench::Bound::at_least, kGoalRaw, "x floor"});
#ifdef LOOPHOLE_HAS_LIBLO
  stream.beside.push_back(bench::distribution_of("liblo over a Unix socket", of_liblo));
  stream.limits.push_back(
      {"throughput (p50)", stream.beside.front().at.p50 / stream.ours.at.p50, bench::Bound::at_least, kGoalLiblo, "x liblo"});
#else
  stream.notes.push_back("Not compared with liblo: built without it (Debian package liblo-dev).");
#endif
  stream.notes.push_back("Means of turns of " + bench::number(static_cast<double>(kFramesInTurn)) + " frames; " +
                         bench::number(per_second) + " in a second.");
  run.add(std::move(stream));
  return run.finish();
}
