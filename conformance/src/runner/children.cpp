#include "runner/children.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <iostream>
#include <stdexcept>
#include <vector>

#include "peer/process.hpp"
#include "trial/trial.hpp"

namespace loophole::conformance {
namespace {

constexpr int kLookMs = 20;                       // how often it is looked whether a signal came
constexpr std::chrono::seconds kTimeToLeave{15};  // of a child that was told of a signal

struct Child {
  std::size_t number = 0;
  pid_t id = -1;
  int from = -1;
  std::string text;
};

[[noreturn]] void work_and_leave(const std::function<std::string(std::size_t)>& work, std::size_t number, int to) {
  int code = 0;
  try {
    const std::string text = work(number);
    for (std::size_t at = 0; at < text.size();) {
      const ssize_t size = ::write(to, text.data() + at, text.size() - at);
      if (size < 0 && errno != EINTR) ::_exit(1);
      if (size > 0) at += static_cast<std::size_t>(size);
    }
  } catch (const std::exception& fault) {
    std::cerr << "loophole-conformance: " << fault.what() << "\n" << std::flush;
    code = 1;
  }
  ::_exit(code);  // without what the parent registered for its own end
}

Child start(const std::function<std::string(std::size_t)>& work, std::size_t number) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe can be made");
  std::cout << std::flush;
  const pid_t parent = ::getpid();
  const pid_t id = ::fork();
  if (id < 0) throw std::runtime_error("no process can be made");
  if (id == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(1);
    adopt_orphans();  // of its own peers
    ::close(pipe[0]);
    work_and_leave(work, number, pipe[1]);
  }
  ::close(pipe[1]);
  return {.number = number, .id = id, .from = pipe[0], .text = {}};
}

// Reads on. False: the child has said everything.
bool read_on(Child& child) {
  std::array<char, 65'536> piece{};
  const ssize_t size = ::read(child.from, piece.data(), piece.size());
  if (size > 0) child.text.append(piece.data(), static_cast<std::size_t>(size));
  return size > 0 || (size < 0 && errno == EINTR);
}

}  // namespace

void in_children(std::size_t count, std::size_t jobs, const std::function<bool(std::size_t)>& begin,
                 const std::function<std::string(std::size_t)>& work,
                 const std::function<void(std::size_t, std::optional<std::string>)>& done) {
  std::vector<Child> running;
  std::optional<std::chrono::steady_clock::time_point> told;
  bool broken = false;
  for (std::size_t next = 0; next < count || !running.empty();) {
    if (next < count && running.size() < jobs) {
      if (begin(next)) running.push_back(start(work, next));
      ++next;
      continue;
    }
    std::vector<pollfd> wanted;
    for (const Child& child : running) wanted.push_back({child.from, POLLIN, 0});
    (void)::poll(wanted.data(), wanted.size(), kLookMs);
    if (interrupted && !told) {
      for (const Child& child : running) ::kill(child.id, SIGTERM);
      told = std::chrono::steady_clock::now();
    }
    if (told && std::chrono::steady_clock::now() - *told > kTimeToLeave)
      for (const Child& child : running) ::kill(child.id, SIGKILL);
    for (std::size_t i = wanted.size(); i-- > 0;) {
      if (wanted[i].revents == 0 || read_on(running[i])) continue;
      Child child = std::move(running[i]);
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
      ::close(child.from);
      int status = 0;
      while (::waitpid(child.id, &status, 0) < 0 && errno == EINTR) {
      }
      const bool returned = WIFEXITED(status) && WEXITSTATUS(status) == 0;
      broken = broken || !returned;
      done(child.number, returned ? std::optional(std::move(child.text)) : std::nullopt);
    }
  }
  if (broken) kill_orphans();  // what the broken ones had started
}

}  // namespace loophole::conformance
