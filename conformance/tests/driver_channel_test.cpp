// Messages of the driver channel: whole, in order, and bounded.
#include "peer/driver_channel.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>

using loophole::conformance::DriverChannel;

namespace {

void write(const DriverChannel& channel, const std::string& bytes) {
  REQUIRE(::send(channel.peer_end(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
}

}  // namespace

TEST_CASE("a message is its length, the least significant byte first, and its text") {
  DriverChannel channel;
  REQUIRE(channel.send("{}"));
  std::string bytes(6, '\0');
  REQUIRE(::recv(channel.peer_end(), bytes.data(), bytes.size(), MSG_DONTWAIT) == 6);
  CHECK(bytes == std::string("\2\0\0\0{}", 6));
}

TEST_CASE("messages come whole, however they are cut") {
  DriverChannel channel;
  write(channel, std::string("\2\0", 2));
  CHECK_FALSE(channel.receive());
  write(channel, std::string("\0\0ab\1\0\0\0c\3\0", 11));
  CHECK(channel.receive() == "ab");
  CHECK(channel.receive() == "c");
  CHECK_FALSE(channel.receive());
}

TEST_CASE("a length beyond the limit breaks the channel") {
  DriverChannel channel;
  write(channel, std::string("\0\0\0\x7f", 4));
  CHECK_FALSE(channel.receive());
  CHECK(channel.broken());
}

TEST_CASE("a peer that is gone is told") {
  DriverChannel channel;
  channel.handed_over();
  CHECK_FALSE(channel.send("{}"));
}
