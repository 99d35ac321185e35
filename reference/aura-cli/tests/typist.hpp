#pragma once
// Typist: aura-cli, or another program, at a terminal of its own, of 80 by 24.

#include <doctest/doctest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "loophole/core/clock.hpp"
#include "rig.hpp"

namespace loophole::test {

class Typist {
 public:
  Typist(const char* kind, std::vector<std::string> words) : Typist(kind, program("aura-cli"), std::move(words)) {}
  Typist(const char* kind, const fs::path& of_program, std::vector<std::string> words) {
    words.insert(words.begin(), of_program.string());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    winsize size{.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
    id_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
    REQUIRE(id_ >= 0);
    if (id_ != 0) return;
    ::setenv("TERM", kind, 1);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  ~Typist() {
    if (id_ > 0) {
      ::kill(id_, SIGKILL);
      ::waitpid(id_, nullptr, 0);
    }
    ::close(terminal_);
  }
  Typist(const Typist&) = delete;
  Typist& operator=(const Typist&) = delete;

  void type(const std::string& keys) { REQUIRE(::write(terminal_, keys.data(), keys.size()) == static_cast<ssize_t>(keys.size())); }
  // Ctrl-C at a prompt. A terminal forgets what was written to it when it hears Ctrl-C, and does so after it told the program, so that the
  // prompt that follows may be among that; Enter brings another one.
  void interrupt_line() {
    type("\x03");
    type("\r");
  }
  // Until this is on the screen, behind what was waited for before.
  void wait_for(const std::string& text) {
    for (;;) {
      if (const auto at = shown_.find(text); at != std::string::npos) {
        shown_.erase(0, at + text.size());
        return;
      }
      REQUIRE_MESSAGE(read_more() == More::read, "waited for '", text, "', there is only: ", shown_);
    }
  }
  // Everything until its end.
  std::string rest() {
    More more = More::read;
    while (more == More::read) more = read_more();
    REQUIRE_MESSAGE(more == More::ended, "waited for the end, there is: ", shown_);
    return shown_;
  }
  void resize(unsigned short width, unsigned short height) {
    winsize size{.ws_row = height, .ws_col = width, .ws_xpixel = 0, .ws_ypixel = 0};
    REQUIRE(::ioctl(terminal_, TIOCSWINSZ, &size) == 0);
  }
  // What was not waited for yet.
  [[nodiscard]] const std::string& shown() const noexcept { return shown_; }
  int end() {
    const auto until = Clock::now() + kWatchdog;
    while (Clock::now() < until && read_more() == More::read) continue;  // whoever waits for room on the screen does not end
    pollfd ended{.fd = static_cast<int>(::syscall(SYS_pidfd_open, id_, 0)), .events = POLLIN, .revents = 0};
    const bool in_time = ::poll(&ended, 1, static_cast<int>(kWatchdog.count())) == 1;
    ::close(ended.fd);
    REQUIRE_MESSAGE(in_time, "the program does not end; there is: ", shown_);
    int status = 0;
    ::waitpid(id_, &status, 0);
    id_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  enum class More { read, ended, late };
  More read_more() {
    pollfd more{.fd = terminal_, .events = POLLIN, .revents = 0};
    if (::poll(&more, 1, static_cast<int>(kWatchdog.count())) != 1) return More::late;
    char buffer[4096];
    const ssize_t got = ::read(terminal_, buffer, sizeof buffer);
    if (got <= 0) return More::ended;
    shown_.append(buffer, static_cast<std::size_t>(got));
    return More::read;
  }

  pid_t id_ = 0;
  int terminal_ = -1;
  std::string shown_;
};

}  // namespace loophole::test
