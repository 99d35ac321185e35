#pragma once
// The control plane without its carrier: what a session needs of a connection. Two carriers implement it:
//
//   ControlListener, ControlConnection (sockets.hpp)     another process, or tcp:// on loopback
//   InProcessGate, InProcessLink (in_process.hpp)        the same process: the same envelopes through memory
//
// All functions are [owner-thread] where nothing else is said; none of them blocks.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "loophole/transport/endpoint.hpp"

namespace loophole::net {

class Loop;

// Bounds of a socket.
struct SocketOptions {
  int queue_messages = 4096;                 // per peer and direction
  std::size_t max_bytes = 16 * 1024 * 1024;  // larger messages are refused and counted before they are read
  Security security = Security::local;       // decides which endpoints are accepted, and which peers
};

// Bytes that arrived, by what they are; every receiving end counts everything that reaches it, also what does not belong on it.
struct ReceiveCounters {
  std::uint64_t control = 0;                                           // envelopes
  std::uint64_t stream_frames = 0;                                     // frames of gestures
  std::uint64_t telemetry_frames = 0;                                  // frames of telemetry
  std::uint64_t unknown = 0;                                           // none of these
  std::uint64_t oversized = 0;                                         // larger than the socket takes
  std::uint64_t replaced = 0;                                          // telemetry that newer frames pushed out before it was asked for
  ReceiveCounters& operator+=(const ReceiveCounters& other) noexcept;  // adds up
};

// Name that a gate gives to a peer; stable while the connection lives.
using PeerKey = std::string;

// The end that is greeted: any number of peers.
class ControlGate {
 public:
  virtual ~ControlGate();

  // Calls `on_readable` from the Loop while there are messages. To be unwatched before it is destroyed.
  virtual void watch(Loop& loop, std::function<void()> on_readable) = 0;
  virtual void unwatch(Loop& loop) = 0;

  // What a peer sent.
  struct Incoming {
    PeerKey peer;            // who
    std::string bytes;       // what
    bool oversized = false;  // `bytes` is then the beginning only
  };
  [[nodiscard]] virtual std::optional<Incoming> receive() = 0;  // nothing: there is none now

  // What became of a message.
  enum class SendOutcome { sent, queue_full, peer_gone };
  [[nodiscard]] virtual SendOutcome send(const PeerKey& peer, std::string_view bytes) = 0;  // never waits

  [[nodiscard]] virtual const ReceiveCounters& counters() const noexcept = 0;  // of what arrived
};

// The end that says hello: one peer.
class ControlLink {
 public:
  virtual ~ControlLink();

  // Calls `on_readable` from the Loop while there are messages. To be unwatched before it is destroyed.
  virtual void watch(Loop& loop, std::function<void()> on_readable) = 0;
  virtual void unwatch(Loop& loop) = 0;

  [[nodiscard]] virtual std::optional<std::string> receive() = 0;  // nothing: there is none now
  // False: the queue is full.
  [[nodiscard]] virtual bool send(std::string_view bytes) = 0;

  // What became of the connection. A carrier that connects again by itself does not keep it: the other side sees another one, to which
  // nothing may be sent before a hello (FRM-7).
  enum class Continuity { whole, cut, another };
  [[nodiscard]] virtual Continuity continuity() = 0;

  [[nodiscard]] virtual const ReceiveCounters& counters() const noexcept = 0;  // of what arrived
};

}  // namespace loophole::net
