#pragma once
// The program that a Pulse under test starts as its engine. It does nothing but live and die: it tells the suite that it was started and
// with what, and ends as the suite says. What an engine says on the wire, the suite says itself (trial/signal.hpp).

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace loophole::conformance {

// One start of the program, seen from the suite.
class EngineStart {
 public:
  EngineStart(int fd, pid_t id, std::vector<std::string> arguments);
  ~EngineStart();
  EngineStart(const EngineStart&) = delete;
  EngineStart& operator=(const EngineStart&) = delete;

  [[nodiscard]] const std::vector<std::string>& arguments() const noexcept { return arguments_; }
  // The word after this option; empty where there is none.
  [[nodiscard]] std::string option(std::string_view name) const;
  [[nodiscard]] pid_t id() const noexcept { return id_; }

  // Takes in what happened since.
  void look();
  [[nodiscard]] bool asked_to_end() const noexcept { return asked_to_end_; }  // it got SIGTERM
  [[nodiscard]] bool gone() const noexcept { return gone_; }                  // its process ended
  void exit(int code);                                                        // ends it
  void crash();                                                               // ends it by SIGKILL

 private:
  int fd_;
  pid_t id_;
  std::vector<std::string> arguments_;
  bool asked_to_end_ = false;
  bool gone_ = false;
};

// Where starts of the program are told to the suite. [owner-thread]
class EngineDesk {
 public:
  // Makes the program in `folder`.
  explicit EngineDesk(const std::filesystem::path& folder);
  ~EngineDesk();
  EngineDesk(const EngineDesk&) = delete;
  EngineDesk& operator=(const EngineDesk&) = delete;

  [[nodiscard]] const std::string& program() const noexcept { return program_; }
  // The next start that was told; nullptr: there is none.
  [[nodiscard]] std::unique_ptr<EngineStart> next();

 private:
  int fd_ = -1;
  std::string program_;
};

// What the program does. Returns the exit code.
int play_engine(const std::string& desk, const std::vector<std::string>& arguments);

}  // namespace loophole::conformance
