#include "loophole/transport/in_process.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "counting.hpp"
#include "loophole/transport/loop.hpp"

namespace loophole::net {
namespace in_process {

// Readable for another thread's Loop, as long as it is raised. To be used under the mutex of what it tells about, so that it is never
// raised for nothing and never down for something.
class Flag {
 public:
  Flag() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (fd_ < 0) std::abort();  // out of descriptors: there is no way on
  }
  ~Flag() { ::close(fd_); }
  Flag(const Flag&) = delete;
  Flag& operator=(const Flag&) = delete;

  void raise() noexcept {
    if (std::exchange(up_, true)) return;
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
  }
  void lower() noexcept {
    if (!std::exchange(up_, false)) return;
    std::uint64_t value = 0;
    [[maybe_unused]] const auto got = ::read(fd_, &value, sizeof value);
  }
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  int fd_;
  bool up_ = false;
};

// One connection: a queue each way.
struct Pipe {
  std::deque<std::string> to_gate;
  std::deque<std::string> to_link;
  Flag link_flag;  // up while to_link has something
  std::size_t room = 0;
  bool linked = true;  // the link lives
};

// Both ends have a queue at a socket; here they share one that is as long as both.
static std::size_t room_for(const SocketOptions& one, const SocketOptions& other) {
  return static_cast<std::size_t>(std::max(one.queue_messages, 1)) + static_cast<std::size_t>(std::max(other.queue_messages, 1));
}

}  // namespace in_process

using in_process::Flag;
using in_process::Pipe;
using in_process::room_for;

class InProcessExchange {
 public:
  explicit InProcessExchange(SocketOptions gate_options) : options(gate_options) {}

  const SocketOptions options;
  std::mutex mutex;  // of everything below
  std::map<PeerKey, std::shared_ptr<Pipe>> pipes;
  std::deque<PeerKey> ready;  // those whose to_gate has something, whose turn is next in front
  Flag gate_flag;             // up while `ready` has something
  std::uint64_t last_link = 0;
};

namespace {

class InProcessLink final : public ControlLink {
 public:
  InProcessLink(std::shared_ptr<InProcessExchange> exchange, const SocketOptions& options)
      : exchange_(std::move(exchange)), options_(options), pipe_(std::make_shared<Pipe>()) {
    const std::lock_guard lock(exchange_->mutex);
    pipe_->room = room_for(exchange_->options, options_);
    key_ = "in-process " + std::to_string(++exchange_->last_link);
    exchange_->pipes.emplace(key_, pipe_);
  }
  ~InProcessLink() override {
    const std::lock_guard lock(exchange_->mutex);
    pipe_->linked = false;
    if (pipe_->to_gate.empty()) exchange_->pipes.erase(key_);  // else when the gate has read the rest
  }
  InProcessLink(const InProcessLink&) = delete;
  InProcessLink& operator=(const InProcessLink&) = delete;

  void watch(Loop& loop, std::function<void()> on_readable) override { loop.watch_fd(pipe_->link_flag.fd(), std::move(on_readable)); }
  void unwatch(Loop& loop) override { loop.unwatch_fd(pipe_->link_flag.fd()); }

  std::optional<std::string> receive() override {
    const std::lock_guard lock(exchange_->mutex);
    while (!pipe_->to_link.empty()) {
      std::string bytes = std::move(pipe_->to_link.front());
      pipe_->to_link.pop_front();
      if (pipe_->to_link.empty()) pipe_->link_flag.lower();
      count(counters_, bytes_of(bytes));
      if (bytes.size() <= options_.max_bytes) return bytes;
      ++counters_.oversized;
    }
    return std::nullopt;
  }

  bool send(std::string_view bytes) override {
    const std::lock_guard lock(exchange_->mutex);
    if (pipe_->to_gate.size() >= pipe_->room) return false;
    if (pipe_->to_gate.empty()) exchange_->ready.push_back(key_);
    pipe_->to_gate.emplace_back(bytes);
    exchange_->gate_flag.raise();
    return true;
  }

  Continuity continuity() override { return Continuity::whole; }  // it ends, or stays

  [[nodiscard]] const ReceiveCounters& counters() const noexcept override { return counters_; }

 private:
  std::shared_ptr<InProcessExchange> exchange_;
  SocketOptions options_;
  std::shared_ptr<Pipe> pipe_;
  PeerKey key_;
  ReceiveCounters counters_;
};

}  // namespace

std::unique_ptr<ControlLink> InProcessAddress::connect(const SocketOptions& options) const {
  return std::make_unique<InProcessLink>(exchange_, options);
}

InProcessGate::InProcessGate(const SocketOptions& options) : exchange_(std::make_shared<InProcessExchange>(options)), options_(options) {}
InProcessGate::~InProcessGate() = default;

void InProcessGate::watch(Loop& loop, std::function<void()> on_readable) {
  loop.watch_fd(exchange_->gate_flag.fd(), std::move(on_readable));
}
void InProcessGate::unwatch(Loop& loop) {
  loop.unwatch_fd(exchange_->gate_flag.fd());
}

std::optional<ControlGate::Incoming> InProcessGate::receive() {
  Incoming incoming;
  {
    const std::lock_guard lock(exchange_->mutex);
    if (exchange_->ready.empty()) return std::nullopt;
    incoming.peer = std::move(exchange_->ready.front());
    exchange_->ready.pop_front();
    Pipe& pipe = *exchange_->pipes.at(incoming.peer);
    incoming.bytes = std::move(pipe.to_gate.front());
    pipe.to_gate.pop_front();
    if (!pipe.to_gate.empty())
      exchange_->ready.push_back(incoming.peer);
    else if (!pipe.linked)
      exchange_->pipes.erase(incoming.peer);
    if (exchange_->ready.empty()) exchange_->gate_flag.lower();
  }
  count(counters_, bytes_of(incoming.bytes));
  incoming.oversized = incoming.bytes.size() > options_.max_bytes;
  if (incoming.oversized) {
    ++counters_.oversized;
    incoming.bytes.resize(std::min(kOversizedBeginning, incoming.bytes.size()));
  }
  return incoming;
}

ControlGate::SendOutcome InProcessGate::send(const PeerKey& peer, std::string_view bytes) {
  const std::lock_guard lock(exchange_->mutex);
  const auto found = exchange_->pipes.find(peer);
  if (found == exchange_->pipes.end() || !found->second->linked) return SendOutcome::peer_gone;
  Pipe& pipe = *found->second;
  if (pipe.to_link.size() >= pipe.room) return SendOutcome::queue_full;
  pipe.to_link.emplace_back(bytes);
  pipe.link_flag.raise();
  return SendOutcome::sent;
}

}  // namespace loophole::net
