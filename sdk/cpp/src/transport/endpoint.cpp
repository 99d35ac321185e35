#include "loophole/transport/endpoint.hpp"

#include <arpa/inet.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include "address.hpp"

namespace loophole::net {
namespace {

namespace fs = std::filesystem;

// Room for the longest name of a socket in a session's folder, "telemetry-" with an epoch and ".sock" among them.
constexpr std::size_t kSocketNameRoom = 32;
constexpr std::size_t kMaxSessionName = 32;

Error refused(std::string message) {
  return make_error(errors::kSessionRuntimeDir, std::move(message));
}

// A folder of our own that nobody else can look into. A symbolic link is refused even when it leads to one: whoever owns the link could
// turn it elsewhere between check and use.
Result<void> make_private(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return refused("cannot make the run-time directory " + folder.string() + ": " + std::strerror(errno) +
                   "; set LOOPHOLE_RUNTIME_DIR to a directory of your own");
  struct stat found {};
  if (::lstat(folder.c_str(), &found) != 0)
    return refused("cannot examine the run-time directory " + folder.string() + ": " + std::strerror(errno));
  if (S_ISLNK(found.st_mode)) return refused("the run-time directory " + folder.string() + " is a symbolic link; name its target instead");
  if (!S_ISDIR(found.st_mode)) return refused("the run-time directory " + folder.string() + " is not a directory; move the file away");
  if (found.st_uid != ::geteuid())
    return refused("the run-time directory " + folder.string() +
                   " belongs to another user; set LOOPHOLE_RUNTIME_DIR to a directory of your own");
  if ((found.st_mode & 0777) != 0700)
    return refused("the run-time directory " + folder.string() + " can be used by others or not by you; type: chmod 700 " +
                   folder.string());
  return {};
}

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

bool is_directory(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

Error bad_endpoint(std::string_view endpoint, std::string_view why) {
  return make_error(errors::kSessionEndpointRefused, "the endpoint " + std::string(endpoint) + " " + std::string(why));
}

Result<Address> parse_tcp(std::string_view endpoint, std::string_view rest) {
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos) return bad_endpoint(endpoint, "has no port; write tcp://127.0.0.1:PORT");
  std::string host(rest.substr(0, colon));
  const std::string_view port = rest.substr(colon + 1);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (port != "*" && (error != std::errc{} || end != port.data() + port.size() || number > 65535))
    return bad_endpoint(endpoint, "has no usable port; write a number from 0 (any free one) to 65535");
  if (host == "localhost") host = "127.0.0.1";

  in_addr four{};
  in6_addr six{};
  bool loopback = false;
  bool ipv6 = false;
  if (::inet_pton(AF_INET, host.c_str(), &four) == 1) {
    loopback = (ntohl(four.s_addr) >> 24) == 127;
  } else if (host.size() > 2 && host.front() == '[' && host.back() == ']' &&
             ::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &six) == 1) {
    loopback = IN6_IS_ADDR_LOOPBACK(&six);
    ipv6 = true;
  }
  return Address{
      .scheme = Scheme::tcp, .native = "tcp://" + host + ":" + std::string(port), .path = {}, .ipv6 = ipv6, .loopback = loopback};
}

Result<Address> parse(std::string_view endpoint) {
  const auto separator = endpoint.find("://");
  const std::string_view scheme = separator == std::string_view::npos ? std::string_view{} : endpoint.substr(0, separator);
  const std::string_view rest = separator == std::string_view::npos ? std::string_view{} : endpoint.substr(separator + 3);
  if (scheme == "ipc") {
    if (rest.empty() || rest.front() == '*' || rest.front() == '@')
      return bad_endpoint(endpoint, "names no file; write ipc:// and a path in a private directory");
    if (rest.size() > kMaxSocketPath)
      return bad_endpoint(endpoint, "has a path of " + std::to_string(rest.size()) + " bytes, and sockets allow " +
                                        std::to_string(kMaxSocketPath) + "; set LOOPHOLE_RUNTIME_DIR to a shorter one");
    return Address{.scheme = Scheme::ipc, .native = std::string(endpoint), .path = std::string(rest)};
  }
  if (scheme == "inproc") {
    if (rest.empty() || rest.size() > 255) return bad_endpoint(endpoint, "needs a name of 1 to 255 characters after inproc://");
    return Address{.scheme = Scheme::inproc, .native = std::string(endpoint), .path = {}};
  }
  if (scheme == "tcp") return parse_tcp(endpoint, rest);
  return bad_endpoint(endpoint, "has no scheme that is known here; write ipc://PATH, inproc://NAME or tcp://127.0.0.1:PORT");
}

// What security lets an endpoint be used for.
Result<void> allow(std::string_view endpoint, const Address& address, Security security) {
  switch (security) {
    case Security::local:
      if (address.scheme != Scheme::tcp || address.loopback) return {};
      return bad_endpoint(endpoint,
                          "reaches beyond this machine, or may; that needs keys and encryption, which this version does not have (see "
                          "protocol/security.md); use ipc://, or tcp:// on 127.0.0.1, localhost or [::1]");
  }
  return bad_endpoint(endpoint, "has a security that is not known");
}

}  // namespace

Result<fs::path> runtime_dir() {
  std::error_code error;
  fs::path folder;
  if (const auto given = environment("LOOPHOLE_RUNTIME_DIR")) {
    folder = fs::absolute(*given, error).lexically_normal();
    if (!folder.has_filename()) folder = folder.parent_path();  // "dir/" names dir
    if (folder.has_parent_path()) fs::create_directories(folder.parent_path(), error);
  } else if (const auto xdg = environment("XDG_RUNTIME_DIR"); xdg && is_directory(*xdg)) {
    folder = fs::path(*xdg) / "loophole";
  } else {
    const fs::path temporary = fs::temp_directory_path(error);
    folder = (error ? fs::path("/tmp") : temporary) / ("loophole-" + std::to_string(::geteuid()));
  }
  if (auto made = make_private(folder); !made) return made.error();
  return folder;
}

Result<fs::path> session_dir(std::string_view session) {
  if (session.empty() || session.size() > kMaxSessionName || !std::all_of(session.begin(), session.end(), name_character))
    return refused("'" + std::string(session) + "' is no session name; use 1 to 32 characters of A-Z a-z 0-9 _ -");
  auto root = runtime_dir();
  if (!root) return root.error();
  fs::path folder = *root / session;
  if (folder.native().size() + 1 + kSocketNameRoom > kMaxSocketPath)
    return refused("the run-time directory " + root->string() +
                   " is too long a path for sockets; set LOOPHOLE_RUNTIME_DIR to a shorter one");
  if (auto made = make_private(folder); !made) return made.error();
  return folder;
}

std::string ipc_endpoint(const fs::path& path) {
  return "ipc://" + path.string();
}

Result<Address> parse_address(std::string_view endpoint, Security security) {
  auto address = parse(endpoint);
  if (!address) return address;
  if (auto allowed = allow(endpoint, *address, security); !allowed) return std::move(allowed).error();
  return address;
}

Result<void> check_endpoint(std::string_view endpoint, Security security) {
  if (auto address = parse_address(endpoint, security); !address) return std::move(address).error();
  return {};
}

}  // namespace loophole::net
