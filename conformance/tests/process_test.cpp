// The process of a peer: nothing of it is left, whatever it does.
#include "peer/process.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
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

// A named pipe: a script writes the number of a process into it, and whoever asks waits for that.
class Fifo {
 public:
  Fifo() {
    REQUIRE(::mkdtemp(folder_) != nullptr);
    REQUIRE(::mkfifo(path().c_str(), 0600) == 0);
  }
  ~Fifo() { std::filesystem::remove_all(folder_); }
  Fifo(const Fifo&) = delete;
  Fifo& operator=(const Fifo&) = delete;

  [[nodiscard]] std::string path() const { return std::string(folder_) + "/number"; }
  [[nodiscard]] pid_t number() const {
    pid_t value = -1;
    std::ifstream(path()) >> value;
    return value;
  }

 private:
  char folder_[20] = "/tmp/lp-fifo-XXXXXX";
};

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
  const Fifo fifo;
  const auto process = shell("trap '' TERM; sleep 1000 & echo $! >" + fifo.path() + "; wait; wait; sleep 1000");
  const pid_t child = fifo.number();
  REQUIRE(child > 0);
  process->ask_to_end();
  CHECK_FALSE(process->wait(100ms));
  process->kill_all();
  CHECK(process->ended()->signal == SIGKILL);
}

TEST_CASE("what left its group is killed as well") {
  adopt_orphans();
  const Fifo fifo;
  const auto process = shell("setsid sleep 1000 & echo $! >" + fifo.path() + "; exit 0");
  const pid_t escaped = fifo.number();
  REQUIRE(escaped > 0);
  REQUIRE(process->wait(30s));
  process->kill_all();
  kill_orphans();
  CHECK(::kill(escaped, 0) != 0);
}

TEST_CASE("of one that writes much, the end is kept") {
  const auto process = shell("yes | head -c 200000; echo last");
  REQUIRE(process->wait(30s));
  process->kill_all();
  CHECK(process->output().size() == 64 * 1024);
  CHECK(process->output().ends_with("last\n"));
}
