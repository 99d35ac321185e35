// The program that a Pulse starts as its engine, seen from the suite.
#include "peer/engine_program.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <thread>

#include "peer/command_line.hpp"

using namespace loophole::conformance;

namespace {

constexpr const char* kArguments[] = {"--control", "ipc:///c", "", "last word"};

// In a process of its own, as it is when a Pulse starts it.
struct Program {
  pid_t id = -1;
  explicit Program(const std::string& desk) {
    id = ::fork();
    if (id == 0) ::_exit(play_engine(desk, {std::begin(kArguments), std::end(kArguments)}));
  }
  [[nodiscard]] int status() const {
    int how = 0;
    ::waitpid(id, &how, 0);
    return how;
  }
};

void until(const std::function<bool()>& holds) {
  while (!holds()) std::this_thread::yield();
}

std::unique_ptr<EngineStart> start_of(EngineDesk& desk) {
  std::unique_ptr<EngineStart> start;
  until([&] { return (start = desk.next()) != nullptr; });
  return start;
}

}  // namespace

TEST_CASE("a start is told with its arguments, and the process ends as it is told to") {
  const Folder folder;
  EngineDesk desk(folder.path());
  const Program program((folder.path() / "desk").string());
  const auto start = start_of(desk);
  CHECK(start->id() == program.id);
  CHECK(start->arguments() == std::vector<std::string>(std::begin(kArguments), std::end(kArguments)));
  CHECK(start->option("--control") == "ipc:///c");
  CHECK(start->option("--stream").empty());
  ::kill(program.id, SIGTERM);
  until([&] {
    start->look();
    return start->asked_to_end();
  });
  CHECK_FALSE(start->gone());
  start->exit(7);
  CHECK(WEXITSTATUS(program.status()) == 7);
  until([&] {
    start->look();
    return start->gone();
  });
}

TEST_CASE("a crash is one, and without the suite the program ends") {
  const Folder folder;
  EngineDesk desk(folder.path());
  const Program first((folder.path() / "desk").string());
  start_of(desk)->crash();
  const int how = first.status();
  CHECK(WIFSIGNALED(how));
  CHECK(WTERMSIG(how) == SIGKILL);
  const Program second((folder.path() / "desk").string());
  start_of(desk).reset();
  CHECK(WEXITSTATUS(second.status()) == 1);
}
