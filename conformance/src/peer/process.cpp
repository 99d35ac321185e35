#include "peer/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

namespace loophole::conformance {
namespace {

bool adopting = false;

// Children of this process, from /proc: what the peer left behind comes to us when its parent is gone.
std::vector<pid_t> children() {
  std::vector<pid_t> found;
  std::error_code ignored;
  for (const auto& folder : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = folder.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream stat(folder.path() / "stat");
    std::string line;
    std::getline(stat, line);
    const auto name_end = line.rfind(')');  // the name of a program may have anything in it
    if (name_end == std::string::npos || name_end + 4 >= line.size()) continue;
    if (std::atoi(line.c_str() + name_end + 4) == ::getpid()) found.push_back(std::atoi(name.c_str()));
  }
  return found;
}

Ended ended_by(int status) {
  if (WIFSIGNALED(status)) return {.code = std::nullopt, .signal = WTERMSIG(status)};
  return {.code = WEXITSTATUS(status), .signal = std::nullopt};
}

}  // namespace

std::string Ended::text() const {
  if (signal) return "was ended by signal " + std::to_string(*signal) + " (" + strsignal(*signal) + ")";
  return "exited with code " + std::to_string(code.value_or(0));
}

// A thread reads what the peer writes, so that it can never block on a full pipe.
struct PeerProcess::Output {
  static constexpr std::size_t kKept = 64 * 1024;

  explicit Output(int from) : fd(from) {
    if (::pipe2(stop.data(), O_CLOEXEC) != 0) stop = {-1, -1};
    reader = std::thread([this] { read_all(); });
  }
  ~Output() {
    finish();
    ::close(stop[0]);
    ::close(fd);
  }
  // What is in the pipe is still read.
  void finish() {
    if (!reader.joinable()) return;
    ::close(stop[1]);  // the other end becomes readable
    reader.join();
  }
  void read_all() {
    std::array<char, 4096> piece{};
    for (;;) {
      std::array<pollfd, 2> wanted{{{fd, POLLIN, 0}, {stop[0], POLLIN, 0}}};
      if (::poll(wanted.data(), wanted.size(), -1) < 0 && errno != EINTR) return;
      if (wanted[0].revents != 0) {
        const ssize_t size = ::read(fd, piece.data(), piece.size());
        if (size <= 0) return;
        const std::lock_guard lock(mutex);
        kept.append(piece.data(), static_cast<std::size_t>(size));
        if (kept.size() > kKept) kept.erase(0, kept.size() - kKept);
      } else if (wanted[1].revents != 0) {
        return;
      }
    }
  }
  int fd;
  std::array<int, 2> stop{};
  mutable std::mutex mutex;
  std::string kept;
  std::thread reader;
};

void adopt_orphans() {
  adopting = ::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
}

PeerProcess::PeerProcess() = default;

std::unique_ptr<PeerProcess> PeerProcess::start(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                                                std::string& error, std::optional<int> inherited, Group group) {
  std::vector<std::string> words = command;
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::vector<std::string> settings = environment;
  std::array<int, 2> output{};
  std::array<int, 2> report{};  // closed by exec; carries errno when there was none
  if (::pipe2(output.data(), O_CLOEXEC) != 0 || ::pipe2(report.data(), O_CLOEXEC) != 0) {
    error = std::strerror(errno);
    return nullptr;
  }
  const pid_t parent = ::getpid();
  const pid_t id = ::fork();
  if (id == 0) {  // async-signal-safe calls only, but for putenv(), which is safe as only one thread was copied
    if (group == Group::own) ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) ::signal(number, SIG_DFL);
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(output[1], STDOUT_FILENO);
    ::dup2(output[1], STDERR_FILENO);
    for (std::string& setting : settings) ::putenv(setting.data());
    if (inherited) ::fcntl(*inherited, F_SETFD, 0);
    ::execvp(arguments[0], arguments.data());
    const int reason = errno;
    (void)!::write(report[1], &reason, sizeof reason);
    ::_exit(127);
  }
  const int fork_error = errno;
  ::close(output[1]);
  ::close(report[1]);
  int reason = 0;
  const bool failed = id > 0 && ::read(report[0], &reason, sizeof reason) == sizeof reason;
  ::close(report[0]);
  if (id < 0 || failed) {
    ::close(output[0]);
    if (failed) ::waitpid(id, nullptr, 0);
    error = "'" + command.front() + "' cannot be started: " + std::strerror(failed ? reason : fork_error);
    return nullptr;
  }
  if (group == Group::own) ::setpgid(id, id);  // whoever of both comes first
  std::unique_ptr<PeerProcess> process(new PeerProcess);
  process->id_ = id;
  process->group_ = group;
  process->output_ = std::make_unique<Output>(output[0]);
  return process;
}

PeerProcess::~PeerProcess() {
  kill_all();
}

const std::optional<Ended>& PeerProcess::ended() {
  int status = 0;
  if (!ended_ && ::waitpid(id_, &status, WNOHANG) == id_) ended_ = ended_by(status);
  return ended_;
}

void PeerProcess::ask_to_end() const {
  if (!ended_) ::kill(id_, SIGTERM);
}

void PeerProcess::suspend() const {
  if (!ended_) ::kill(target(), SIGSTOP);
}
void PeerProcess::resume() const {
  if (!ended_) ::kill(target(), SIGCONT);
}

bool PeerProcess::wait(std::chrono::milliseconds patience) {
  if (ended()) return true;
  // Readable once the process ended. By its number, because glibc 2.36 declares pidfd_open() without C linkage.
  pollfd wanted{static_cast<int>(::syscall(SYS_pidfd_open, id_, 0)), POLLIN, 0};
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (auto left = patience; !ended() && left.count() >= 0;
       left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()))
    (void)::poll(&wanted, 1, static_cast<int>(left.count()));
  ::close(wanted.fd);
  return ended().has_value();
}

void PeerProcess::kill_all() {
  ::kill(target(), SIGKILL);
  int status = 0;
  if (!ended_ && ::waitpid(id_, &status, 0) == id_) ended_ = ended_by(status);
  // Those that it started are our children now; they may hold endpoints and locks until they are gone.
  while (adopting && group_ == Group::own && (::waitpid(-id_, &status, 0) > 0 || errno == EINTR)) {
  }
  if (output_) output_->finish();
}

void kill_orphans() {
  if (!adopting) return;
  // What left its group comes to us as soon as its parent is gone; its own children come after it.
  for (std::vector<pid_t> left = children(); !left.empty(); left = children())
    for (const pid_t orphan : left) {
      ::kill(orphan, SIGKILL);
      ::waitpid(orphan, nullptr, 0);
    }
}

std::string PeerProcess::output() const {
  const std::lock_guard lock(output_->mutex);
  return output_->kept;
}

}  // namespace loophole::conformance
