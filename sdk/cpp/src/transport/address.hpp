#pragma once
// Private to the transport: an endpoint, taken apart and checked.

#include <string>
#include <string_view>

#include "loophole/core/result.hpp"
#include "loophole/transport/endpoint.hpp"

namespace loophole::net {

enum class Scheme { ipc, inproc, tcp };

struct Address {
  Scheme scheme;
  std::string native;  // what ZeroMQ is given
  std::string path;    // of ipc
  bool ipv6 = false;
  bool loopback = false;  // of tcp
};

// Longest path of a socket file: sun_path has 108 bytes, the last is 0.
inline constexpr std::size_t kMaxSocketPath = 107;

// The rules of check_endpoint(). Names of hosts are never looked up: what one is now, another may be a moment later.
[[nodiscard]] Result<Address> parse_address(std::string_view endpoint, Security security);

}  // namespace loophole::net
