// The process of a peer: nothing of it is left, whatever it does.
#include "peer/process.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <string>

using namespace loophole::conformance;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<PeerProcess> shell(const std::string& script) {
  std::string error;
  auto process = PeerProcess::start({"/bin/sh", "-c", script}, {"GREETING=hello"}, error);
  REQUIRE_MESSAGE(process, error);
  return process;
}

// The first number that the process writes.
pid_t number_from(const PeerProcess& process) {
  for (int i = 0; i < 3'000; ++i) {
    if (process.output().find('\n') != std::string::npos) return std::atoi(process.output().c_str());
    const timespec moment{.tv_sec = 0, .tv_nsec = 10'000'000};
    ::nanosleep(&moment, nullptr);
  }
  return -1;
}

}  // namespace

TEST_CASE("how it ended and what it wrote are known") {
  const auto process = shell("echo $GREETING; echo there >&2; exit 3");
  REQUIRE(process->wait(30s));
  CHECK(process->ended()->code == 3);
  CHECK(process->ended()->text() == "exited with code 3");
  process->kill_all();
  CHECK(process->output() == "hello\nthere\n");
}

TEST_CASE("a program that is not there is an error") {
  std::string error;
  CHECK(PeerProcess::start({"/nowhere/engine"}, {}, error) == nullptr);
  CHECK(error.find("/nowhere/engine") != std::string::npos);
}

TEST_CASE("one that does not end is killed with its group") {
  const auto process = shell("trap '' TERM; sleep 1000 & echo $!; wait; wait; sleep 1000");
  const pid_t child = number_from(*process);
  REQUIRE(child > 0);
  process->ask_to_end();
  CHECK_FALSE(process->wait(100ms));
  process->kill_all();
  CHECK(process->ended()->signal == SIGKILL);
}

TEST_CASE("what left its group is killed as well") {
  adopt_orphans();
  const auto process = shell("setsid sleep 1000 & echo $!; exit 0");
  const pid_t escaped = number_from(*process);
  REQUIRE(escaped > 0);
  REQUIRE(process->wait(30s));
  process->kill_all();
  kill_orphans();
  CHECK(::kill(escaped, 0) != 0);
}

TEST_CASE("one that writes without end is kept in bounds") {
  const auto process = shell("yes; true");
  while (process->output().size() < 64 * 1024) {
  }
  process->kill_all();
  CHECK(process->output().size() <= 64 * 1024);
}
