// Which endpoints are accepted.
#include "loophole/transport/endpoint.hpp"

#include <doctest/doctest.h>

#include <string>

#include "loophole/core/error.hpp"

using namespace loophole;

TEST_CASE("endpoints on this machine are accepted") {
  for (const char* endpoint : {"ipc:///run/user/1000/loophole/default/project.sock", "inproc://project", "tcp://127.0.0.1:5555",
                               "tcp://127.1.2.3:0", "tcp://127.0.0.1:*", "tcp://localhost:5555", "tcp://[::1]:5555"}) {
    CAPTURE(endpoint);
    CHECK(net::check_endpoint(endpoint));
  }
}

TEST_CASE("endpoints beyond this machine are refused with what to do") {
  for (const char* endpoint : {"tcp://0.0.0.0:5555", "tcp://*:5555", "tcp://192.168.0.7:5555", "tcp://10.0.0.1:1", "tcp://example.org:5555",
                               "tcp://127.0.0.1.example.org:5555", "tcp://[::]:5555", "tcp://[fe80::1]:5555", "tcp://eth0:5555"}) {
    CAPTURE(endpoint);
    const auto refused = net::check_endpoint(endpoint);
    REQUIRE_FALSE(refused);
    CHECK(is(refused.error(), errors::kSessionEndpointRefused));
    CHECK(refused.error().message.find(endpoint) != std::string::npos);
    CHECK(refused.error().message.find("127.0.0.1") != std::string::npos);
    CHECK(refused.error().message.find("protocol/security.md") != std::string::npos);
  }
}

TEST_CASE("endpoints that are none are refused") {
  for (const char* endpoint :
       {"", "project.sock", "ipc://", "ipc://*", "ipc://@abstract", "inproc://", "udp://127.0.0.1:1", "tcp://127.0.0.1",
        "tcp://127.0.0.1:", "tcp://127.0.0.1:x", "tcp://127.0.0.1:70000", "tcp://127.0.0.1:-1", "tcp://:5555"}) {
    CAPTURE(endpoint);
    const auto refused = net::check_endpoint(endpoint);
    REQUIRE_FALSE(refused);
    CHECK(is(refused.error(), errors::kSessionEndpointRefused));
  }
}

TEST_CASE("the path of a socket file has at most 107 bytes") {
  CHECK(net::check_endpoint("ipc://" + std::string(107, 'x')));
  const auto refused = net::check_endpoint("ipc://" + std::string(108, 'x'));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("LOOPHOLE_RUNTIME_DIR") != std::string::npos);
}
