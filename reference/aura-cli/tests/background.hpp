#pragma once
// Background: aura-cli in the background, and what it prints, line by line.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include "rig.hpp"

namespace loophole::test {

class Background {
 public:
  explicit Background(std::vector<std::string> words) {
    words.insert(words.begin(), program("aura-cli").string());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    int pipe[2];
    REQUIRE(::pipe2(pipe, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, pipe[1], STDOUT_FILENO);
    REQUIRE(::posix_spawn(&id_, words.front().c_str(), &files, nullptr, arguments.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&files);
    ::close(pipe[1]);
    out_ = pipe[0];
  }
  ~Background() {
    ::close(out_);
    if (id_ <= 0) return;
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // The next line of its output; empty at its end.
  std::string line() {
    for (;;) {
      if (const auto end = text_.find('\n'); end != std::string::npos) {
        std::string first = text_.substr(0, end);
        text_.erase(0, end + 1);
        return first;
      }
      pollfd more{.fd = out_, .events = POLLIN, .revents = 0};
      REQUIRE(::poll(&more, 1, static_cast<int>(kWatchdog.count())) == 1);
      char buffer[4096];
      const ssize_t got = ::read(out_, buffer, sizeof buffer);
      if (got <= 0) return {};
      text_.append(buffer, static_cast<std::size_t>(got));
    }
  }
  void signal(int number) { REQUIRE(::kill(id_, number) == 0); }
  // Sends the signal, unless it is 0, and waits for the end: the exit code, or the negative number of the signal that ended it.
  int end(int signal = 0) {
    if (signal != 0) ::kill(id_, signal);
    int status = 0;
    ::waitpid(id_, &status, 0);
    id_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t id_ = 0;
  int out_ = -1;
  std::string text_;
};

}  // namespace loophole::test
