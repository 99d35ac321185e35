#pragma once
// Running: a real program as a child process, and what it says.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "support/scratch_folder.hpp"

namespace loophole::pulse::test {

inline const char* program() {
  const char* path = std::getenv("LOOPHOLE_PULSE");
  REQUIRE_MESSAGE(path != nullptr, "LOOPHOLE_PULSE is the program to test");
  return path;
}

// A running program, loophole-pulse where none is named; what it writes comes through a pipe.
class Running {
 public:
  explicit Running(std::vector<std::string> arguments) : Running(program(), std::move(arguments)) {}
  Running(const std::string& path, std::vector<std::string> arguments) {
    std::array<int, 2> pipe{};
    REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    output_ = pipe[0];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, pipe[1], STDERR_FILENO);
    arguments.insert(arguments.begin(), path);
    std::vector<char*> list;
    for (std::string& argument : arguments) list.push_back(argument.data());
    list.push_back(nullptr);
    REQUIRE(::posix_spawn(&id_, path.c_str(), &actions, nullptr, list.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[1]);
  }
  ~Running() {
    if (id_ > 0) {
      ::kill(id_, SIGKILL);
      ::waitpid(id_, nullptr, 0);
    }
    ::close(output_);
  }

  // Reads until the output has this text.
  void wait_for(const std::string& text) {
    while (seen.find(text) == std::string::npos) REQUIRE_MESSAGE(read_some(), seen);
  }
  void send(int signal) const { ::kill(id_, signal); }
  [[nodiscard]] pid_t id() const { return id_; }
  // After wait_for_end().
  [[nodiscard]] pid_t ended_id() const { return ended_id_; }
  // Its exit code, after reading all its output; -signal when one ended it.
  int wait_for_end() {
    while (read_some()) {
    }
    int status = 0;
    ::waitpid(id_, &status, 0);
    ended_id_ = std::exchange(id_, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  std::string seen;

 private:
  bool read_some() {
    pollfd watched{.fd = output_, .events = POLLIN, .revents = 0};
    REQUIRE_MESSAGE(::poll(&watched, 1, 60'000) == 1, "silent for 60 s; so far: " << seen);
    std::array<char, 4096> bytes{};
    const ssize_t got = ::read(output_, bytes.data(), bytes.size());
    if (got > 0) seen.append(bytes.data(), static_cast<std::size_t>(got));
    return got > 0;
  }
  pid_t id_ = 0;
  pid_t ended_id_ = 0;
  int output_ = -1;
};

// Sessions of this test are in a folder of their own.
struct RuntimeFolder : ScratchFolder {
  RuntimeFolder() {
    std::filesystem::permissions(path(), std::filesystem::perms::owner_all);
    ::setenv("LOOPHOLE_RUNTIME_DIR", path().c_str(), 1);
  }
};

}  // namespace loophole::pulse::test
