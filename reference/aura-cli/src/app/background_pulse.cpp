#include "app/background_pulse.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <thread>

#include "loophole/core/clock.hpp"
#include "loophole/session/directory.hpp"

extern char** environ;

namespace loophole::cli {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

Error not_started(const fs::path& program, const std::string& reason) {
  return make_error(errors::kSessionNotFound, "cannot start " + program.string() + ": " + reason);
}

// What a program that ended said last.
std::string last_line(const fs::path& log) {
  std::ifstream file(log);
  std::string line;
  std::string last;
  while (std::getline(file, line))
    if (!line.empty()) last = line;
  return last;
}

Result<pid_t> spawn(const fs::path& program, std::vector<std::string> words, const fs::path& log) {
  if (access(program.c_str(), X_OK) != 0) return not_started(program, std::strerror(errno));
  words.insert(words.begin(), program.string());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);  // Ctrl-C in this terminal, and its end, are not for it
  pid_t process = 0;
  const int fault = ::posix_spawn(&process, program.c_str(), &files, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (fault != 0) return not_started(program, std::string(std::strerror(fault)) + "; its log is to be " + log.string());
  return process;
}

}  // namespace

Result<session::SessionFile> start_in_background(const fs::path& program, std::vector<std::string> arguments, const fs::path& log,
                                                 const std::string& session, milliseconds deadline) {
  constexpr milliseconds kLookAgain{10};
  auto process = spawn(program, std::move(arguments), log);
  if (!process) return std::move(process).error();
  const auto end = Clock::now() + deadline;
  for (;;) {
    auto found = session::find(session);
    if (found && found->process_id == *process) return found;
    if (::waitpid(*process, nullptr, WNOHANG) == *process)
      return not_started(program, "it ended at once: " + last_line(log) + "\n  its log is " + log.string());
    if (Clock::now() >= end)
      return make_error(errors::kSessionTimeout, "process " + std::to_string(*process) + " of " + program.string() +
                                                     " does not publish its session; its log is " + log.string());
    std::this_thread::sleep_for(kLookAgain);
  }
}

Result<void> end_process(std::int64_t process, milliseconds deadline) {
  const auto id = static_cast<pid_t>(process);
  // Opened before the signal, so that it is this process whose end is waited for and not one that gets its number.
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, id, 0));
  if (handle < 0) return make_error(errors::kSessionNotFound, "process " + std::to_string(process) + ": " + std::strerror(errno));
  if (::syscall(SYS_pidfd_send_signal, handle, SIGTERM, nullptr, 0) != 0) {
    const std::string reason = std::strerror(errno);
    ::close(handle);
    return make_error(errors::kSessionRuntimeDir, "cannot end process " + std::to_string(process) + ": " + reason);
  }
  pollfd ended{.fd = handle, .events = POLLIN, .revents = 0};
  const auto until = Clock::now() + deadline;
  int seen = 0;
  do {
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
    seen = ::poll(&ended, 1, static_cast<int>(std::max<std::int64_t>(0, left)));
  } while (seen < 0 && errno == EINTR);
  ::close(handle);
  if (seen > 0) return {};
  return make_error(errors::kSessionTimeout,
                    "process " + std::to_string(process) +
                        " was asked to end and has not ended yet; wait longer with --timeout, or end it with kill " +
                        std::to_string(process));
}

}  // namespace loophole::cli
