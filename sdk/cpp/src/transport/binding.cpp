// Binding and connecting. A socket file is made here, not by ZeroMQ, which removes whatever is at the path before it binds: that would
// steal the endpoint of a process that lives.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "address.hpp"
#include "native.hpp"

namespace loophole::net {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&&) = delete;
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool valid() const noexcept { return fd_ >= 0; }
  int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof address.sun_path - 1));
  return address;
}

Descriptor unix_socket() {
  return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// Held while a path is examined and replaced, so that two processes that start at once do not remove each other's socket. A lock of the
// folder leaves no file behind.
Descriptor lock_folder(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  Descriptor descriptor(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.valid()) ::flock(descriptor.get(), LOCK_EX);
  return descriptor;
}

bool somebody_answers(const std::string& path) {
  const Descriptor probe = unix_socket();
  const sockaddr_un address = address_of(path);
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
  return errno == EAGAIN || errno == EACCES;  // its queue of connections is full; or it belongs to somebody else
}

Error in_use(const std::string& endpoint) {
  return make_error(errors::kSessionInUse, "another process serves " + endpoint + "; stop it, or choose another session name or endpoint");
}

Error cannot_bind(const std::string& endpoint, int error) {
  return make_error(errors::kSessionRuntimeDir, "cannot bind " + endpoint + ": " + std::strerror(error));
}

// A listening socket at `path` with mode 0600 from its first moment on (bind takes the mode of the socket's inode).
Result<Descriptor> listen_at(const std::string& endpoint, const std::string& path) {
  const Descriptor lock = lock_folder(path);
  if (!lock.valid()) return cannot_bind(endpoint, errno);
  Descriptor listener = unix_socket();
  if (!listener.valid()) return cannot_bind(endpoint, errno);
  ::fchmod(listener.get(), 0600);
  const sockaddr_un address = address_of(path);
  const auto try_bind = [&] { return ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0; };
  if (!try_bind()) {
    if (errno != EADDRINUSE) return cannot_bind(endpoint, errno);
    struct stat found {};
    if (::lstat(path.c_str(), &found) == 0 && !S_ISSOCK(found.st_mode))
      return make_error(errors::kSessionInUse,
                        "at " + path + " there is a file that is no socket; move it away or choose another endpoint");
    if (somebody_answers(path)) return in_use(endpoint);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return cannot_bind(endpoint, errno);
    if (!try_bind()) return cannot_bind(endpoint, errno);
  }
  constexpr int kBacklog = 128;
  if (::listen(listener.get(), kBacklog) != 0) return cannot_bind(endpoint, errno);
  return listener;
}

Result<Bound> bind_ipc(Socket::Native& native, const std::string& endpoint, const std::string& path) {
  auto listener = listen_at(endpoint, path);
  if (!listener) return listener.error();
  struct stat made {};
  ::lstat(path.c_str(), &made);
  Bound bound{endpoint, SocketFile(path, made.st_dev, made.st_ino)};
  // Deprecated by name only: nothing in ZeroMQ takes its place, as ZAP does not tell of the user at the other end. It fails where ZeroMQ
  // was built without, and then there is no listener.
  const uid_t own = ::geteuid();
  if (zmq_setsockopt(native.zmq.handle(), ZMQ_IPC_FILTER_UID, &own, sizeof own) != 0) throw zmq::error_t();
  native.zmq.set(zmq::sockopt::use_fd, listener->get());
  native.zmq.bind(endpoint);
  listener->release();  // ZeroMQ closes it
  return bound;
}

}  // namespace

SocketFile::SocketFile(SocketFile&& other) noexcept : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}

SocketFile& SocketFile::operator=(SocketFile&& other) noexcept {
  if (this != &other) {
    remove();
    path_ = std::exchange(other.path_, {});
    device_ = other.device_;
    inode_ = other.inode_;
  }
  return *this;
}

void SocketFile::remove() noexcept {
  if (path_.empty()) return;
  const Descriptor lock = lock_folder(path_);
  struct stat found {};
  if (::lstat(path_.c_str(), &found) == 0 && found.st_dev == device_ && found.st_ino == inode_) ::unlink(path_.c_str());
  path_.clear();
}

Error socket_error(const std::string& endpoint, const zmq::error_t& error) {
  if (error.num() == EADDRINUSE) return in_use(endpoint);
  return make_error(errors::kSessionRuntimeDir, "cannot use " + endpoint + ": " + error.what());
}

Result<Bound> bind_socket(Socket::Native& native, const std::string& endpoint, Security security) {
  auto address = parse_address(endpoint, security);
  if (!address) return address.error();
  return guarded(endpoint, [&]() -> Result<Bound> {
    if (address->scheme == Scheme::ipc) return bind_ipc(native, endpoint, address->path);
    if (address->ipv6) native.zmq.set(zmq::sockopt::ipv6, true);
    native.zmq.bind(address->native);
    return Bound{address->scheme == Scheme::tcp ? native.zmq.get(zmq::sockopt::last_endpoint) : endpoint, {}};
  });
}

Result<void> connect_socket(Socket::Native& native, const std::string& endpoint, Security security) {
  auto address = parse_address(endpoint, security);
  if (!address) return address.error();
  return guarded(endpoint, [&]() -> Result<void> {
    // Quick at first, because a peer that starts together with us is there in a moment.
    native.zmq.set(zmq::sockopt::reconnect_ivl, 10);
    native.zmq.set(zmq::sockopt::reconnect_ivl_max, 250);
    if (address->ipv6) native.zmq.set(zmq::sockopt::ipv6, true);
    native.zmq.connect(address->native);
    return {};
  });
}

void set_limits(Socket::Native& native, const SocketOptions& options, QueueLimits queues) {
  const int send = std::max(queues.send, 1);  // ZeroMQ takes 0 for "no limit"
  const int receive = std::max(queues.receive, 1);
  native.zmq.set(zmq::sockopt::sndhwm, send);
  native.zmq.set(zmq::sockopt::rcvhwm, receive);
  native.zmq.set(zmq::sockopt::linger, kLingerMs);
  native.zmq.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(options.max_bytes * kHardCeilingFactor));
}

}  // namespace loophole::net
