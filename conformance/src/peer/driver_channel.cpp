#include "peer/driver_channel.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace loophole::conformance {
namespace {

constexpr std::size_t kHead = 4;

}  // namespace

DriverChannel::DriverChannel() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw std::runtime_error(std::string("no driver channel: ") + std::strerror(errno));
  own_ = ends[0];
  peer_ = ends[1];
}

DriverChannel::~DriverChannel() {
  ::close(own_);
  handed_over();
}

void DriverChannel::handed_over() {
  if (peer_ >= 0) ::close(peer_);
  peer_ = -1;
}

bool DriverChannel::send(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < kHead; ++i) bytes += static_cast<char>((text.size() >> (8 * i)) & 255U);
  bytes += text;
  // What the suite says is far smaller than the buffer of the socket, so a part of it that does not fit is a peer that does not read.
  return ::send(own_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(bytes.size());
}

std::optional<std::string> DriverChannel::receive() {
  std::array<char, 65'536> piece{};
  while (!broken_) {
    const ssize_t size = ::recv(own_, piece.data(), piece.size(), MSG_DONTWAIT);
    if (size <= 0) break;
    received_.append(piece.data(), static_cast<std::size_t>(size));
  }
  if (broken_ || received_.size() < kHead) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < kHead; ++i) length |= static_cast<std::size_t>(static_cast<unsigned char>(received_[i])) << (8 * i);
  if (length > kMaxBytes) {
    broken_ = true;
    return std::nullopt;
  }
  if (received_.size() < kHead + length) return std::nullopt;
  std::string text = received_.substr(kHead, length);
  received_.erase(0, kHead + length);
  return text;
}

}  // namespace loophole::conformance
