// Socket files: private, never stolen from a process that lives, replaced when nobody serves them.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <sstream>

#include "loophole/transport/sockets.hpp"
#include "support.hpp"

using namespace loophole;
namespace fs = std::filesystem;

namespace {
// A socket file as a process leaves it that was killed.
void leave_stale_socket(const fs::path& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, path.c_str());
  REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(fd, 1) == 0);
  ::close(fd);
}
void check_in_use(const Error& error, const std::string& endpoint) {
  CHECK(is(error, errors::kSessionInUse));
  CHECK(error.message.find(endpoint) != std::string::npos);
}
}  // namespace

TEST_CASE("an endpoint that is served is in use, for every kind of socket, and goes on") {
  net::Context context;
  const test::TempFolder folder;
  auto owner = net::ControlListener::bind(context, folder.ipc("s")).value();
  check_in_use(net::ControlListener::bind(context, folder.ipc("s")).error(), folder.ipc("s"));
  check_in_use(net::StreamReceiver::bind(context, folder.ipc("s")).error(), folder.ipc("s"));
  check_in_use(net::TelemetryPublisher::bind(context, folder.ipc("s")).error(), folder.ipc("s"));
  auto client = net::ControlConnection::connect(context, folder.ipc("s")).value();
  REQUIRE(client->send("{}"));
  REQUIRE_POLL(owner->receive().has_value());
}

TEST_CASE("inproc and tcp endpoints can be in use too") {
  net::Context context;
  const std::string name = test::inproc();
  auto inproc = net::ControlListener::bind(context, name).value();
  check_in_use(net::ControlListener::bind(context, name).error(), name);
  auto tcp = net::ControlListener::bind(context, "tcp://127.0.0.1:0").value();
  check_in_use(net::ControlListener::bind(context, tcp->endpoint()).error(), tcp->endpoint());
}

TEST_CASE("a socket file that a dead process left is replaced") {
  net::Context context;
  const test::TempFolder folder;
  leave_stale_socket(folder.path() / "s");
  auto listener = net::ControlListener::bind(context, folder.ipc("s")).value();
  auto client = net::ControlConnection::connect(context, folder.ipc("s")).value();
  REQUIRE(client->send("{}"));
  REQUIRE_POLL(listener->receive().has_value());
}

TEST_CASE("a file that is no socket is left alone") {
  net::Context context;
  const test::TempFolder folder;
  std::ofstream(folder.path() / "s") << "precious";
  const auto refused = net::ControlListener::bind(context, folder.ipc("s"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find((folder.path() / "s").string()) != std::string::npos);
  std::ostringstream content;
  content << std::ifstream(folder.path() / "s").rdbuf();
  CHECK(content.str() == "precious");
}

TEST_CASE("a folder that is missing is named") {
  net::Context context;
  const test::TempFolder folder;
  const auto refused = net::ControlListener::bind(context, folder.ipc("missing/s"));
  REQUIRE_FALSE(refused);
  CHECK(is(refused.error(), errors::kSessionRuntimeDir));
  CHECK(refused.error().message.find("missing/s") != std::string::npos);
}

TEST_CASE("a socket file is for its user only, and goes with its socket") {
  net::Context context;
  const test::TempFolder folder;
  {
    auto listener = net::ControlListener::bind(context, folder.ipc("s")).value();
    struct stat found {};
    REQUIRE(::stat((folder.path() / "s").c_str(), &found) == 0);
    CHECK((found.st_mode & 0777U) == 0600U);
  }
  CHECK_FALSE(fs::exists(folder.path() / "s"));
  for (int i = 0; i < 20; ++i) CHECK(net::ControlListener::bind(context, folder.ipc("s")));  // free again at once
}

TEST_CASE("a closing socket does not remove the file of its successor") {
  net::Context context;
  const test::TempFolder folder;
  auto first = net::ControlListener::bind(context, folder.ipc("s")).value();
  fs::remove(folder.path() / "s");
  auto second = net::ControlListener::bind(context, folder.ipc("s")).value();
  first.reset();
  CHECK(fs::exists(folder.path() / "s"));
  auto client = net::ControlConnection::connect(context, folder.ipc("s")).value();
  REQUIRE(client->send("{}"));
  REQUIRE_POLL(second->receive().has_value());
}
