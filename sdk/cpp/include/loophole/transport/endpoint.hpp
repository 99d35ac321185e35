#pragma once
// Endpoints, and the private run-time directory in which local ones live.

#include <filesystem>
#include <string>
#include <string_view>

#include "loophole/core/result.hpp"

namespace loophole::net {

// [any-thread] $LOOPHOLE_RUNTIME_DIR, else $XDG_RUNTIME_DIR/loophole, else a private directory of the user below the system's temporary
// one. Made with mode 0700 when missing. Error session.runtimeDir: it belongs to somebody else, others can read it, or it cannot be made.
[[nodiscard]] Result<std::filesystem::path> runtime_dir();

// [any-thread] The folder of a session in the run-time directory, made with mode 0700 when missing. A session name has 1 to 32 characters
// of A-Z a-z 0-9 _ -. Error session.runtimeDir also when a socket path in it would be longer than the system allows (107 bytes).
[[nodiscard]] Result<std::filesystem::path> session_dir(std::string_view session);

// [any-thread] "ipc://" and the path.
[[nodiscard]] std::string ipc_endpoint(const std::filesystem::path& path);

// Who may be at the other end of a socket. Keys will be further values; see protocol/security.md.
enum class Security {
  local,  // this machine alone: ipc:// (a listener takes processes of its own user only), inproc://, and tcp:// on loopback
};

// [any-thread] Whether sockets with this security may bind and connect to the endpoint. Error session.endpointRefused says what to do.
[[nodiscard]] Result<void> check_endpoint(std::string_view endpoint, Security security = Security::local);

}  // namespace loophole::net
