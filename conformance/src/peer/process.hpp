#pragma once
// The process of the peer: in a group of its own, its output kept, ended and reaped whatever it does.

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace loophole::conformance {

struct Ended {
  std::optional<int> code;    // it exited with this
  std::optional<int> signal;  // or was ended by this
  [[nodiscard]] std::string text() const;
};

// All functions are [owner-thread].
class PeerProcess {
 public:
  // A part of ours, as the peer behind a proxy, is suspended and killed with this process.
  enum class Group { own, ours };
  // Starts `command` with `environment` (NAME=value) added. It inherits the descriptor `inherited`, where one is given. `error` says why
  // there is none.
  [[nodiscard]] static std::unique_ptr<PeerProcess> start(const std::vector<std::string>& command,
                                                          const std::vector<std::string>& environment, std::string& error,
                                                          std::optional<int> inherited = {}, Group group = Group::own);
  ~PeerProcess();  // kills and reaps what is left
  PeerProcess(const PeerProcess&) = delete;
  PeerProcess& operator=(const PeerProcess&) = delete;

  // How it ended; nothing while it runs. Does not wait.
  [[nodiscard]] const std::optional<Ended>& ended();
  void ask_to_end() const;  // SIGTERM
  void suspend() const;     // SIGSTOP and SIGCONT, like kill_all(), to the whole group where it is its own
  void resume() const;
  // Waits up to `patience` for the end that was asked for. False: it did not come.
  [[nodiscard]] bool wait(std::chrono::milliseconds patience);
  void kill_all();  // and waits until nobody of the group is left

  [[nodiscard]] pid_t id() const noexcept { return id_; }
  [[nodiscard]] std::string output() const;  // the newest 64 KiB of its standard streams

 private:
  PeerProcess();
  struct Output;
  [[nodiscard]] pid_t target() const noexcept { return group_ == Group::own ? -id_ : id_; }
  pid_t id_ = -1;
  Group group_ = Group::own;
  std::optional<Ended> ended_;
  std::unique_ptr<Output> output_;
};

// Makes this process the one that orphans of its peers come to, so that none of them is left running. To be called once, first.
void adopt_orphans();
// Kills every child of this process that is left: what peers put outside of their groups. Nothing without adopt_orphans().
void kill_orphans();

}  // namespace loophole::conformance
