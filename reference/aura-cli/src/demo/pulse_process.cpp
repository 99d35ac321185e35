#include "demo/pulse_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "loophole/core/clock.hpp"

extern char** environ;

namespace loophole::cli {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

// Processes that lost their parent come to us, so that they can be waited for.
void adopt_orphans() {
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

void reap_orphans(pid_t group) {
  while (waitpid(-group, nullptr, WNOHANG) > 0) continue;
}

Error not_started(const fs::path& program, const char* reason) {
  return make_error(errors::kSessionNotFound, "cannot start " + program.string() + ": " + reason + "; give its path with --pulse");
}

}  // namespace

fs::path program_folder() {
  std::error_code fault;
  return fs::read_symlink("/proc/self/exe", fault).parent_path();
}

std::string program_of(pid_t process) {
  std::error_code fault;
  return fs::read_symlink("/proc/" + std::to_string(process) + "/exe", fault).filename().string();
}

Result<PulseProcess> PulseProcess::start(const PulseProcessOptions& options) {
  const fs::path program = options.program.empty() ? program_folder() / "loophole-pulse" : options.program;
  if (access(program.c_str(), X_OK) != 0) return not_started(program, std::strerror(errno));
  const int log = open(options.log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (log < 0) return not_started(program, ("its log " + options.log.string() + ": " + std::strerror(errno)).c_str());

  // Everything is made before fork(): the child may only call what is safe in a signal handler.
  std::vector<std::string> words{program.string()};
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::string runtime = "LOOPHOLE_RUNTIME_DIR=" + options.runtime_dir.string();
  std::vector<char*> environment;
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (std::strncmp(*entry, "LOOPHOLE_RUNTIME_DIR=", 21) != 0) environment.push_back(*entry);
  environment.push_back(runtime.data());
  environment.push_back(nullptr);

  adopt_orphans();
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) {
    const int reason = errno;
    close(log);
    return not_started(program, std::strerror(reason));
  }
  if (child == 0) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    if (getppid() != parent) _exit(127);
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execve(arguments[0], arguments.data(), environment.data());
    _exit(127);
  }
  setpgid(child, child);  // on both sides: whoever comes first
  close(log);
  return PulseProcess(child, static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
}

PulseProcess::PulseProcess(PulseProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pidfd_(std::exchange(other.pidfd_, -1)), status_(other.status_) {}

PulseProcess::~PulseProcess() {
  if (pid_ <= 0) return;
  if (!wait_status()) terminate(milliseconds{2'000});
  kill_group();
  if (pidfd_ >= 0) close(pidfd_);
}

const std::optional<int>& PulseProcess::wait_status() {
  int status = 0;
  if (!status_ && pid_ > 0 && waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_;
}

bool PulseProcess::terminate(milliseconds deadline) {
  if (wait_status()) return true;
  kill(pid_, SIGTERM);
  const auto end = Clock::now() + deadline;
  while (!wait_status() && Clock::now() < end) {
    pollfd ended{.fd = pidfd_, .events = POLLIN, .revents = 0};
    const auto left = std::chrono::ceil<milliseconds>(end - Clock::now()).count();
    // Without a pidfd, look again soon.
    ::poll(&ended, pidfd_ >= 0 ? 1 : 0, static_cast<int>(std::clamp<std::int64_t>(left, 0, pidfd_ >= 0 ? left : 10)));
  }
  if (wait_status()) return true;
  kill_group();
  return false;
}

bool PulseProcess::group_alive() const {
  reap_orphans(pid_);
  return pid_ > 0 && kill(-pid_, 0) == 0;
}

void PulseProcess::kill_group() noexcept {
  kill(-pid_, SIGKILL);
  int status = 0;
  if (!status_ && waitpid(pid_, &status, 0) == pid_) status_ = status;
  reap_orphans(pid_);
}

}  // namespace loophole::cli
