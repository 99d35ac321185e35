// A listener on ipc:// takes processes of its own user and cuts others off, whatever the modes of files say.
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>

#include "loophole/transport/sockets.hpp"
#include "support.hpp"

using namespace loophole;

namespace {

enum Greeted : int { kGreeted = 10, kCutOff = 11, kNotConnected = 12, kNotThatUser = 13 };

// Connects as this user from another process, by hand, and looks whether the listener sends its ZMTP greeting. Async-signal-safe calls
// only: ZeroMQ's thread is not in the child.
int connect_as(uid_t user, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  REQUIRE(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.data(), path.size());
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (::setresuid(user, user, user) != 0) ::_exit(kNotThatUser);
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) ::_exit(kNotConnected);
    char byte = 0;
    ::_exit(::read(fd, &byte, 1) == 1 ? kGreeted : kCutOff);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Lets everybody to the socket, so that modes do not keep anybody out.
void open_to_all(const test::TempFolder& folder, const std::filesystem::path& socket) {
  std::filesystem::permissions(folder.path(), std::filesystem::perms{0711});
  std::filesystem::permissions(socket, std::filesystem::perms{0666});
}

}  // namespace

TEST_CASE("the own user is greeted on each plane, others are cut off before they are read") {
  constexpr uid_t kSomebodyElse = 65534;
  const test::TempFolder folder;
  net::Context context;
  const std::filesystem::path path = folder.path() / "s";
  const std::string endpoint = net::ipc_endpoint(path);
  std::unique_ptr<net::Socket> listener;
  SUBCASE("control") {
    listener = net::ControlListener::bind(context, endpoint).value();
  }
  SUBCASE("stream") {
    listener = net::StreamReceiver::bind(context, endpoint).value();
  }
  SUBCASE("telemetry") {
    listener = net::TelemetryPublisher::bind(context, endpoint).value();
  }
  REQUIRE(listener);
  CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::mask) == std::filesystem::perms{0600});
  open_to_all(folder, path);
  CHECK(connect_as(::geteuid(), path.string()) == kGreeted);
  const int other = connect_as(kSomebodyElse, path.string());
  if (other == kNotThatUser)
    MESSAGE("only root can try to connect as another user: not tried");
  else
    CHECK(other == kCutOff);
}
