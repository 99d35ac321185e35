// The program itself: a session of its own, an orderly end.

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "loophole/session/client.hpp"
#include "loophole/session/directory.hpp"
#include "support/running_program.hpp"

using namespace loophole;
using namespace loophole::pulse::test;

TEST_CASE("it serves a session that clients find, answers hello, and ends in order on SIGTERM") {
  const RuntimeFolder folder;
  Running pulse({"--session", "one", "--no-engine", "--project", (folder / "song.loophole").string()});
  pulse.wait_for("is served at");
  const session::SessionFile file = session::find("one").value();
  CHECK(file.engine_process_id == 0);
  {
    net::Context context;
    net::Loop loop;
    auto client =
        session::Client::connect(context, loop, {.endpoint = file.project_endpoint, .client_id = "test", .capabilities = {}}).value();
    while (client->state() == session::PortState::connecting) REQUIRE(loop.run_once(std::chrono::seconds(30)));
    CHECK(client->state() == session::PortState::ready);
    CHECK(!client->hello()->engine.has_value());
  }
  pulse.send(SIGTERM);
  CHECK(pulse.wait_for_end() == 0);
  CHECK(is(session::find("one").error(), errors::kSessionNotFound));
  CHECK(std::filesystem::exists(folder / "song.loophole"));
  CHECK(!std::filesystem::exists(folder / "song.loophole-wal"));
}

TEST_CASE("a session that is served already: exit code 3 and what to do; another name runs side by side") {
  const RuntimeFolder folder;
  Running first({"--session", "one", "--no-engine"});
  first.wait_for("is served at");
  Running second({"--session", "one", "--no-engine"});
  CHECK(second.wait_for_end() == 3);
  CHECK(second.seen.find("session.inUse") != std::string::npos);
  CHECK(second.seen.find("--session") != std::string::npos);
  CHECK(session::find("one"));  // the first one's file is still there
  Running other({"--session", "two", "--no-engine"});
  other.wait_for("is served at");
  CHECK(session::list().value().size() == 2);
}

TEST_CASE("it listens where it is told to, and publishes the real endpoint") {
  const RuntimeFolder folder;
  std::string asked;
  std::string told;
  SUBCASE("any free port of loopback") {
    asked = "tcp://127.0.0.1:0";
    told = "tcp://127.0.0.1:";
  }
  SUBCASE("a socket of one's own") {
    asked = "ipc://" + (folder / "mine").string();
    told = asked;
  }
  Running pulse({"--session", "one", "--no-engine", "--listen", asked});
  pulse.wait_for("is served at");
  const std::string endpoint = session::find("one").value().project_endpoint;
  CHECK(endpoint.find(told) == 0);
  CHECK(endpoint != "tcp://127.0.0.1:0");
  net::Context context;
  net::Loop loop;
  auto client = session::Client::connect(context, loop, {.endpoint = endpoint, .client_id = "test", .capabilities = {}}).value();
  while (client->state() == session::PortState::connecting) REQUIRE(loop.run_once(std::chrono::seconds(30)));
  CHECK(client->state() == session::PortState::ready);
  Running second({"--session", "one", "--no-engine"});  // the socket file is free, the session is not
  CHECK(second.wait_for_end() == 3);
  CHECK(second.seen.find("session 'one' is served by another process") != std::string::npos);
  Running third({"--session", "one", "--no-engine", "--listen", "tcp://127.0.0.1:0"});
  CHECK(third.wait_for_end() == 3);
  CHECK(session::find("one").value().project_endpoint == endpoint);
}

TEST_CASE("it does not listen beyond this machine, and says why and what to do") {
  const RuntimeFolder folder;
  for (const char* endpoint : {"tcp://0.0.0.0:5000", "tcp://*:5000", "tcp://192.0.2.1:5000", "tcp://example.org:5000"}) {
    CAPTURE(endpoint);
    Running pulse({"--session", "one", "--no-engine", "--listen", endpoint});
    CHECK(pulse.wait_for_end() == 2);
    CHECK(pulse.seen.find("protocol/security.md") != std::string::npos);
    CHECK(pulse.seen.find("127.0.0.1") != std::string::npos);
  }
}

TEST_CASE("a session whose Pulse was killed can be served again") {
  const RuntimeFolder folder;
  Running first({"--session", "one", "--no-engine"});
  first.wait_for("is served at");
  first.send(SIGKILL);
  CHECK(first.wait_for_end() == -SIGKILL);
  Running second({"--session", "one", "--no-engine"});
  second.wait_for("is served at");
  second.send(SIGINT);
  CHECK(second.wait_for_end() == 0);
}

TEST_CASE("a missing engine program is named, and Pulse goes on without it") {
  const RuntimeFolder folder;
  Running pulse({"--session", "one", "--signal", "/nowhere/loophole-signal"});
  pulse.wait_for("engine.programMissing");
  CHECK(pulse.seen.find("/nowhere/loophole-signal") != std::string::npos);
  CHECK(session::find("one"));
  pulse.send(SIGTERM);
  CHECK(pulse.wait_for_end() == 0);
}

TEST_CASE("a Pulse that is killed leaves no engine behind") {
  const RuntimeFolder folder;
  write_bytes(folder / "silent", "#!/bin/sh\nexec cat /dev/zero > /dev/null\n");
  std::filesystem::permissions(folder / "silent", std::filesystem::perms::owner_all);
  Running pulse({"--session", "one", "--signal", (folder / "silent").string()});
  pulse.wait_for("engine starting");
  const std::string before = "engine started: process ";
  const auto engine = static_cast<pid_t>(std::strtol(pulse.seen.c_str() + pulse.seen.find(before) + before.size(), nullptr, 10));
  REQUIRE(engine > 0);
  const int watched = static_cast<int>(::syscall(SYS_pidfd_open, engine, 0));
  REQUIRE(watched >= 0);
  pulse.send(SIGKILL);
  CHECK(pulse.wait_for_end() == -SIGKILL);
  pollfd gone{.fd = watched, .events = POLLIN, .revents = 0};
  CHECK(::poll(&gone, 1, 60'000) == 1);
  ::close(watched);
}

TEST_CASE("a project that cannot be opened ends the start with code 1 and its name") {
  const RuntimeFolder folder;
  write_bytes(folder / "letter.txt", "dear reader");
  Running pulse({"--no-engine", "--project", (folder / "letter.txt").string()});
  CHECK(pulse.wait_for_end() == 1);
  CHECK(pulse.seen.find("project.fileUnreadable") != std::string::npos);
  CHECK(pulse.seen.find("letter.txt") != std::string::npos);
}

TEST_CASE("a second signal does not wait for an engine that will not end") {
  const RuntimeFolder folder;
  write_bytes(folder / "stubborn", "#!/bin/sh\ntrap '' TERM INT\nexec cat /dev/zero > /dev/null\n");
  std::filesystem::permissions(folder / "stubborn", std::filesystem::perms::owner_all);
  Running pulse({"--session", "one", "--project", (folder / "song.loophole").string(), "--signal", (folder / "stubborn").string()});
  pulse.wait_for("engine starting");
  pulse.send(SIGTERM);
  pulse.wait_for("closed at revision 0");
  pulse.send(SIGTERM);
  pulse.wait_for("ending at once");
  CHECK(pulse.wait_for_end() == 0);
}
