#pragma once
// Private to the transport: what stands behind Context and Socket.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <zmq.hpp>

#include "counting.hpp"
#include "loophole/core/bytes.hpp"
#include "loophole/transport/sockets.hpp"

namespace loophole::net {

struct Context::Native {
  zmq::context_t zmq{1};
};

struct Socket::Native {
  zmq::socket_t zmq;
  std::size_t buffered = 0;  // messages that a socket took in and has not handed out yet; the Loop counts them as readable

  Native(Context& context, zmq::socket_type type);

  // The descriptor that tells of edges; it goes quiet when readable() or any send or receive looked at it.
  [[nodiscard]] int fd() noexcept;
  // Whether receive() would give something. Also takes the edge off fd().
  [[nodiscard]] bool readable() noexcept;
  // Nothing is there, and what comes next makes fd() readable: no send or receive can have swallowed its edge. Spares a system call.
  [[nodiscard]] bool quiet() const noexcept { return dry_ && buffered == 0; }
  // The next part; false: there is none now.
  [[nodiscard]] bool receive(zmq::message_t& part) noexcept;
  // Makes ZeroMQ take in what its I/O thread told: room in queues, new and lost peers. Also takes the edge off fd().
  void look() noexcept;
  // Sends one part. `full` is certain: ZeroMQ looks only now and then for room that the peer made, and so it is asked a second time.
  enum class Sent { yes, full, unroutable };
  [[nodiscard]] Sent send(std::string_view part, bool more) noexcept;
  // Takes the rest of a message of several parts off the socket. True when there was a rest.
  bool discard_rest(zmq::message_t& part) noexcept;

 private:
  int receives_per_look_;
  int since_look_ = 0;
  bool dry_ = false;  // ZeroMQ said that there is nothing, and was not used since
};

// How long a closing socket may go on sending, so that a goodbye leaves; also the longest time that ~Context waits.
inline constexpr int kLingerMs = 100;

// Telemetry that waits is telemetry that is late: a short queue on both sides, whatever the options say.
inline constexpr int kTelemetryQueue = 64;

// ZeroMQ drops a connection without a word when a message is larger than its own limit, so ours comes first and is answered.
inline constexpr std::size_t kHardCeilingFactor = 4;

// The file of a socket bound at ipc://; removed again when it is still ours.
class SocketFile {
 public:
  SocketFile() = default;
  SocketFile(std::string path, unsigned long long device, unsigned long long inode)
      : path_(std::move(path)), device_(device), inode_(inode) {}
  SocketFile(SocketFile&& other) noexcept;
  SocketFile& operator=(SocketFile&& other) noexcept;
  ~SocketFile() { remove(); }
  void remove() noexcept;

 private:
  std::string path_;
  unsigned long long device_ = 0;
  unsigned long long inode_ = 0;
};

struct Bound {
  std::string endpoint;  // as bound: tcp port 0 is resolved
  SocketFile file;
};

// Binds after check_endpoint(). A live ipc:// endpoint is never taken away from its owner; a socket file that nobody serves is replaced.
// A process of another user that reaches an ipc:// endpoint is cut off by its credentials (SO_PEERCRED) before a byte of it is read.
[[nodiscard]] Result<Bound> bind_socket(Socket::Native& native, const std::string& endpoint, Security security);
[[nodiscard]] Result<void> connect_socket(Socket::Native& native, const std::string& endpoint, Security security);

struct QueueLimits {
  int send;
  int receive;
};
void set_limits(Socket::Native& native, const SocketOptions& options, QueueLimits queues);

// Runs `make`, which may throw ZeroMQ's errors, and turns those into an Error that names the endpoint.
[[nodiscard]] Error socket_error(const std::string& endpoint, const zmq::error_t& error);
template <class Make>
auto guarded(const std::string& endpoint, Make make) -> decltype(make()) {
  try {
    return make();
  } catch (const zmq::error_t& error) {
    return socket_error(endpoint, error);
  }
}

[[nodiscard]] inline Bytes bytes_of_part(const zmq::message_t& part) noexcept {
  return {static_cast<const std::byte*>(part.data()), part.size()};
}

// The next message of one part that is not larger than `max_bytes`, counted. What is no such message is counted and skipped.
[[nodiscard]] bool receive_frame(Socket::Native& native, zmq::message_t& part, std::size_t max_bytes, ReceiveCounters& counters) noexcept;

}  // namespace loophole::net
