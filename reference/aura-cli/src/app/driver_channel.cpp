#include "app/driver_channel.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace loophole::cli {
namespace {

constexpr std::size_t kHead = 4;

bool would_block() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

Result<DriverChannel> DriverChannel::take(int descriptor) {
  int type = 0;
  socklen_t size = sizeof type;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM)
    return make_error(errors::kPayloadInvalid, "--driver " + std::to_string(descriptor) + ": this is no descriptor of a stream socket");
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);  // an engine that is started here has no business with it
  return DriverChannel(descriptor);
}

DriverChannel::DriverChannel(DriverChannel&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)), unsent_(std::move(other.unsent_)) {}

DriverChannel::~DriverChannel() {
  close();
}

void DriverChannel::close() noexcept {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

std::optional<std::string> DriverChannel::receive() {
  std::array<char, 65'536> piece{};
  while (is_open()) {
    const ssize_t got = ::recv(socket_, piece.data(), piece.size(), MSG_DONTWAIT);
    if (got > 0)
      received_.append(piece.data(), static_cast<std::size_t>(got));
    else if (got < 0 && would_block())
      break;
    else
      close();
  }
  if (received_.size() < kHead) return {};
  std::size_t length = 0;
  for (std::size_t i = 0; i < kHead; ++i) length |= static_cast<std::size_t>(static_cast<unsigned char>(received_[i])) << (8 * i);
  if (length > kMaxBytes) {
    close();
    received_.clear();
  }
  if (received_.size() < kHead + length) return {};
  std::string text = received_.substr(kHead, length);
  received_.erase(0, kHead + length);
  return text;
}

void DriverChannel::send(std::string_view text) {
  for (std::size_t i = 0; i < kHead; ++i) unsent_ += static_cast<char>((text.size() >> (8 * i)) & 255U);
  unsent_ += text;
  flush();
}

void DriverChannel::flush() {
  std::size_t sent = 0;
  while (is_open() && sent < unsent_.size()) {
    const ssize_t taken = ::send(socket_, unsent_.data() + sent, unsent_.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (taken >= 0)
      sent += static_cast<std::size_t>(taken);
    else if (would_block())
      break;
    else
      close();
  }
  unsent_.erase(0, is_open() ? sent : unsent_.size());
}

short DriverChannel::wanted() const noexcept {
  return static_cast<short>(unsent_.empty() ? POLLIN : POLLIN | POLLOUT);
}

}  // namespace loophole::cli
