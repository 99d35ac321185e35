#pragma once
// ChildProcess: a program that is started, watched and never left behind.
//
//   - the kernel kills it when this process dies, whatever it dies of
//   - it runs in a process group of its own, so that Ctrl-C in a terminal reaches this process alone, which then ends it in order
//   - its end is told by a descriptor (pidfd), without SIGCHLD and without polling

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "loophole/core/result.hpp"
#include "loophole/transport/loop.hpp"

namespace loophole::pulse {

class ChildProcess {
 public:
  // [owner-thread] Starts `program`; its standard input is empty, its standard output goes to standard error. `on_exit` is called once,
  // from the Loop, with what became of it ("exited with code 1", "was ended by signal 9 (Killed)"); the process may be destroyed in it.
  // Errors: engine.programMissing, it is not there or is no program; engine.unavailable, the system has no room for it just now.
  [[nodiscard]] static Result<std::unique_ptr<ChildProcess>> start(net::Loop& loop, const std::filesystem::path& program,
                                                                   const std::vector<std::string>& arguments,
                                                                   std::function<void(const std::string& how)> on_exit);
  // Kills it if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] pid_t id() const noexcept { return id_; }
  void signal(int number) const noexcept;

 private:
  ChildProcess(net::Loop& loop, pid_t id, int descriptor, std::function<void(const std::string&)> on_exit);
  void ended();

  net::Loop& loop_;
  pid_t id_;
  int descriptor_;
  bool running_ = true;
  std::function<void(const std::string&)> on_exit_;
};

// [any-thread] The program of this name in the folder of the running program.
[[nodiscard]] std::filesystem::path beside_own_program(const std::string& name);

}  // namespace loophole::pulse
