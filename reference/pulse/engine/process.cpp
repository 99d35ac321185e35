#include "engine/process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace loophole::pulse {
namespace {

Error missing(const std::filesystem::path& program, int reason) {
  return make_error(errors::kEngineProgramMissing, "the engine '" + program.string() + "' cannot be started: " + std::strerror(reason) +
                                                       "; give its path with --signal, or run without sound with --no-engine");
}

// The system has no room for another process or descriptor; that passes.
Error no_room(int reason) {
  return make_error(errors::kEngineUnavailable, "the engine cannot be started just now: " + std::string(std::strerror(reason)));
}

// glibc 2.36 declares pidfd_open() without C linkage.
int open_process(pid_t id) {
  return static_cast<int>(::syscall(SYS_pidfd_open, id, 0));
}

std::string describe_end(int status) {
  if (WIFEXITED(status)) return "exited with code " + std::to_string(WEXITSTATUS(status));
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    return "was ended by signal " + std::to_string(number) + " (" + strsignal(number) + ")";
  }
  return "ended";
}

// What happens in the child between fork and exec; async-signal-safe calls only. Never returns; a failure is told through `report`.
[[noreturn]] void become(const char* program, char* const* arguments, int report, pid_t parent) {
  // From here on the kernel kills this process when the parent dies; when it died before, nobody would.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && ::getppid() == parent) {
    ::setpgid(0, 0);
    // The parent blocks signals it reads from a descriptor and ignores others; neither may be passed on.
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int number : {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM}) ::signal(number, SIG_DFL);
    const int nothing = ::open("/dev/null", O_RDONLY);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    ::execv(program, arguments);
  }
  const int reason = errno;
  (void)!::write(report, &reason, sizeof reason);
  ::_exit(127);
}

}  // namespace

Result<std::unique_ptr<ChildProcess>> ChildProcess::start(net::Loop& loop, const std::filesystem::path& program,
                                                          const std::vector<std::string>& arguments,
                                                          std::function<void(const std::string&)> on_exit) {
  std::vector<char*> list;
  std::string name = program.string();
  list.push_back(name.data());
  for (const std::string& argument : arguments) list.push_back(const_cast<char*>(argument.c_str()));
  list.push_back(nullptr);

  std::array<int, 2> report{};  // closed by exec; carries errno when there was none
  if (::pipe2(report.data(), O_CLOEXEC) != 0) return no_room(errno);
  const pid_t parent = ::getpid();
  const pid_t id = ::fork();
  if (id == 0) become(name.c_str(), list.data(), report[1], parent);
  const int fork_error = errno;
  ::close(report[1]);
  if (id < 0) {
    ::close(report[0]);
    return no_room(fork_error);
  }
  int reason = 0;
  ssize_t got = 0;
  do got = ::read(report[0], &reason, sizeof reason);
  while (got < 0 && errno == EINTR);
  ::close(report[0]);
  const int descriptor = got == 0 ? open_process(id) : -1;
  if (descriptor < 0) {
    if (got == 0) reason = errno;
    ::kill(id, SIGKILL);
    ::waitpid(id, nullptr, 0);
    return missing(program, reason);
  }
  return std::unique_ptr<ChildProcess>(new ChildProcess(loop, id, descriptor, std::move(on_exit)));
}

ChildProcess::ChildProcess(net::Loop& loop, pid_t id, int descriptor, std::function<void(const std::string&)> on_exit)
    : loop_(loop), id_(id), descriptor_(descriptor), on_exit_(std::move(on_exit)) {
  loop_.watch_fd(descriptor_, [this] { ended(); });
}

ChildProcess::~ChildProcess() {
  if (running_) {
    loop_.unwatch_fd(descriptor_);
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }
  ::close(descriptor_);
}

void ChildProcess::signal(int number) const noexcept {
  if (running_) ::kill(id_, number);
}

void ChildProcess::ended() {
  int status = 0;
  if (::waitpid(id_, &status, WNOHANG) != id_) return;
  running_ = false;
  loop_.unwatch_fd(descriptor_);
  const auto on_exit = std::move(on_exit_);  // it may destroy this object
  on_exit(describe_end(status));
}

std::filesystem::path beside_own_program(const std::string& name) {
  std::error_code failed;
  const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe", failed);
  return failed ? std::filesystem::path(name) : own.parent_path() / name;
}

}  // namespace loophole::pulse
