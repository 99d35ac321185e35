// The driver channel, from the other side.
#include "app/driver_channel.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "loophole/core/error.hpp"

using namespace loophole;
using cli::DriverChannel;

namespace {

// A channel, and the socket of who drives.
struct Ends {
  Ends() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) == 0); }
  ~Ends() { hang_up(); }
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;

  void hang_up() {
    if (sockets[0] >= 0) ::close(sockets[0]);
    sockets[0] = -1;
  }
  void say(const std::string& bytes) const {
    REQUIRE(::send(sockets[0], bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  }
  std::string hear(std::size_t size) const {
    std::string bytes(size, '\0');
    REQUIRE(::recv(sockets[0], bytes.data(), size, MSG_WAITALL) == static_cast<ssize_t>(size));
    return bytes;
  }
  std::array<int, 2> sockets{};
};

}  // namespace

TEST_CASE("messages come whole and in order, however they are cut") {
  const Ends ends;
  auto channel = DriverChannel::take(ends.sockets[1]).value();
  CHECK_FALSE(channel.receive());
  ends.say({"\2\0\0\0{", 5});
  CHECK_FALSE(channel.receive());
  ends.say({"}\3\0\0\0[1]\4\0", 10});
  CHECK(channel.receive() == "{}");
  CHECK(channel.receive() == "[1]");
  CHECK_FALSE(channel.receive());
  ends.say({"\0\0null", 6});
  CHECK(channel.receive() == "null");
}

TEST_CASE("what came before the other side hung up is still read") {
  Ends ends;
  auto channel = DriverChannel::take(ends.sockets[1]).value();
  ends.say({"\2\0\0\0{}", 6});
  ends.hang_up();
  CHECK(channel.receive() == "{}");
  CHECK_FALSE(channel.receive());
  CHECK_FALSE(channel.is_open());
  channel.send("to nobody");
}

TEST_CASE("a message beyond the limit is none, and ends the channel") {
  const Ends ends;
  auto channel = DriverChannel::take(ends.sockets[1]).value();
  ends.say({"\1\0\0\4{}", 6});  // 64 MiB and a byte
  CHECK_FALSE(channel.receive());
  CHECK_FALSE(channel.is_open());
}

TEST_CASE("an answer that the other side has no room for waits, and nobody waits for it") {
  const Ends ends;
  auto channel = DriverChannel::take(ends.sockets[1]).value();
  const std::string large(8 * 1024 * 1024, 'x');
  const short idle = channel.wanted();
  channel.send(large);
  channel.send("{}");
  CHECK(channel.wanted() != idle);
  CHECK(ends.hear(4) == std::string("\0\0\200\0", 4));
  std::string heard;
  while (heard.size() < large.size()) {
    heard += ends.hear(64 * 1024);
    channel.flush();
  }
  CHECK(heard == large);
  CHECK(ends.hear(6) == std::string("\2\0\0\0{}", 6));
  CHECK(channel.wanted() == idle);
}

TEST_CASE("what is no stream socket is refused") {
  CHECK(is(DriverChannel::take(9'999).error(), errors::kPayloadInvalid));
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  CHECK(is(DriverChannel::take(pipe[0]).error(), errors::kPayloadInvalid));
  ::close(pipe[0]);
  ::close(pipe[1]);
}
