#pragma once
// The control plane within one process: an InProcessGate for the side that is greeted, an InProcessLink for each that says hello.
//
//   thread A: Loop, session::Server                    thread B (or A again): Loop, session::Client
//     InProcessGate  <== envelopes, one queue a peer and direction ==>  InProcessLink
//           `-- address() --> InProcessAddress: copied to wherever a link shall be made
//
// What passes is the encoded envelope, byte for byte what a socket would carry. So validation, versions, limits, repeated ids and their
// errors are those of the one session implementation, and no pointer is shared between the sides. Queues are bounded as those of the
// sockets are, nothing waits, and a side that is gone is told of as the sockets tell it: what was sent before the end is still received.
//
// Threads: gate and link have an owner thread each, which may be the same one; what they share is behind a mutex that is held while one
// message is moved. An InProcessAddress may be used by any thread. Each side may end first.

#include <memory>
#include <utility>

#include "loophole/transport/control.hpp"

namespace loophole::net {

class InProcessExchange;  // what both sides share; defined by the transport alone

// Where a gate is reached. A value; it keeps nothing alive but memory.
class InProcessAddress {
 public:
  // [any-thread] A link to the gate, owned by the calling thread. Succeeds also when the gate is gone: nobody answers then. Messages that
  // are larger than options.max_bytes are dropped and counted where they arrive.
  [[nodiscard]] std::unique_ptr<ControlLink> connect(const SocketOptions& options = {}) const;

 private:
  friend class InProcessGate;
  explicit InProcessAddress(std::shared_ptr<InProcessExchange> exchange) : exchange_(std::move(exchange)) {}
  std::shared_ptr<InProcessExchange> exchange_;
};

// The end that is greeted, for peers of the same process.
class InProcessGate final : public ControlGate {
 public:
  explicit InProcessGate(const SocketOptions& options = {});  // with these bounds
  ~InProcessGate() override;
  InProcessGate(const InProcessGate&) = delete;
  InProcessGate& operator=(const InProcessGate&) = delete;

  [[nodiscard]] InProcessAddress address() const { return InProcessAddress(exchange_); }  // where links connect to

  void watch(Loop& loop, std::function<void()> on_readable) override;
  void unwatch(Loop& loop) override;
  // Peers take turns: one that floods does not keep the others waiting.
  [[nodiscard]] std::optional<Incoming> receive() override;
  [[nodiscard]] SendOutcome send(const PeerKey& peer, std::string_view bytes) override;
  [[nodiscard]] const ReceiveCounters& counters() const noexcept override { return counters_; }

 private:
  std::shared_ptr<InProcessExchange> exchange_;
  SocketOptions options_;
  ReceiveCounters counters_;
};

}  // namespace loophole::net
