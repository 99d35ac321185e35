#pragma once
// PulseProcess: a loophole-pulse of our own, and the certainty that nothing of it is left when we end, in whatever way we end.

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "loophole/core/result.hpp"

namespace loophole::cli {

struct PulseProcessOptions {
  std::filesystem::path program{};       // empty: loophole-pulse beside this program
  std::vector<std::string> arguments{};  // besides the program's name
  std::filesystem::path log{};           // its output goes here
  std::filesystem::path runtime_dir{};   // its LOOPHOLE_RUNTIME_DIR
};

class PulseProcess {
 public:
  // [owner-thread] Error session.notFound names a program that is not there. Starts a process group of its own, in which its children are
  // too. It is ended when this process dies.
  [[nodiscard]] static Result<PulseProcess> start(const PulseProcessOptions& options);

  PulseProcess(PulseProcess&& other) noexcept;
  PulseProcess& operator=(PulseProcess&&) = delete;
  ~PulseProcess();  // kills what is left of the group

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  // [owner-thread] How it ended; nothing: it runs.
  [[nodiscard]] const std::optional<int>& wait_status();
  // [owner-thread] Asks it to end and waits; false: it did not in time, and was killed.
  bool terminate(std::chrono::milliseconds deadline);
  // [owner-thread] Whether any process of the group is left.
  [[nodiscard]] bool group_alive() const;

 private:
  PulseProcess(pid_t pid, int pidfd) : pid_(pid), pidfd_(pidfd) {}
  void kill_group() noexcept;

  pid_t pid_ = -1;
  int pidfd_ = -1;
  std::optional<int> status_;
};

// [any-thread] The folder of this program.
[[nodiscard]] std::filesystem::path program_folder();
// [any-thread] The name of a running process's program; empty: there is none.
[[nodiscard]] std::string program_of(pid_t process);

}  // namespace loophole::cli
