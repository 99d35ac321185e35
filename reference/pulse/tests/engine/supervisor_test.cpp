// A supervisor and programs that are no engine: missing, or dying at once.

#include "engine/supervisor.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "support/scratch_folder.hpp"

using namespace loophole;
using namespace loophole::pulse;
using namespace loophole::pulse::test;
using namespace std::chrono_literals;
using engine::EngineState;

namespace {

struct Watched {
  net::Context context;
  net::Loop loop;
  ScratchFolder folder;
  Supervisor supervisor;
  std::vector<EngineState> states;
  std::string last_reason;

  explicit Watched(const std::filesystem::path& program, std::vector<std::string> arguments = {})
      : supervisor(context, loop,
                   {.program = program,
                    .arguments = std::move(arguments),
                    .folder = folder.path(),
                    .backoff = {.first_delay = 1ms, .longest_delay = 2ms, .window = std::chrono::minutes(1), .give_up_after = 4}}) {
    supervisor.on_state([this](EngineState state, const std::string& reason) {
      states.push_back(state);
      last_reason = reason;
      if (state == EngineState::failed) loop.stop();
    });
    loop.after(30s, [] { FAIL("nothing happened for 30 s"); });
  }
};

}  // namespace

TEST_CASE("a missing program is named, and nothing is tried again") {
  Watched watched("/nowhere/loophole-signal");
  watched.supervisor.start();
  CHECK(watched.states == std::vector{EngineState::failed});
  CHECK(watched.last_reason.find("engine.programMissing") != std::string::npos);
  CHECK(watched.last_reason.find("/nowhere/loophole-signal") != std::string::npos);
  CHECK(watched.last_reason.find("--signal") != std::string::npos);
}

TEST_CASE("a file that is no program is a missing program") {
  const ScratchFolder folder;
  write_bytes(folder / "notes.txt", "notes");
  Watched watched(folder / "notes.txt");
  watched.supervisor.start();
  CHECK(watched.supervisor.state() == EngineState::failed);
  CHECK(watched.last_reason.find("engine.programMissing") != std::string::npos);
}

TEST_CASE("while the system has no room for a process, it is tried again") {
  Watched watched("/bin/false");
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const int free_descriptor = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
  close(free_descriptor);
  const rlimit none{.rlim_cur = static_cast<rlim_t>(free_descriptor), .rlim_max = before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  watched.supervisor.start();
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(watched.states == std::vector{EngineState::lost});
  CHECK(watched.last_reason.find("Too many open files") != std::string::npos);
  watched.loop.run();  // until it is given up, because this program ends at once
  CHECK(std::count(watched.states.begin(), watched.states.end(), EngineState::starting) == 3);
}

TEST_CASE("a program that exits at once is started again, and given up in the end") {
  Watched watched("/bin/false");
  watched.supervisor.start();
  watched.loop.run();
  CHECK(std::count(watched.states.begin(), watched.states.end(), EngineState::starting) == 4);
  CHECK(watched.states.back() == EngineState::failed);
  CHECK(watched.supervisor.restarts() == 3);
  CHECK(watched.last_reason.find("exited with code 1") != std::string::npos);
  CHECK(watched.supervisor.process_id() == 0);
}

TEST_CASE("a program that runs and never says hello is ended when it is stopped") {
  Watched watched("/bin/false");
  const ScratchFolder folder;
  write_bytes(folder / "silent", "#!/bin/sh\nexec cat /dev/zero > /dev/null\n");
  std::filesystem::permissions(folder / "silent", std::filesystem::perms::owner_all);
  Supervisor supervisor(watched.context, watched.loop,
                        {.program = folder / "silent", .arguments = {}, .folder = folder.path(), .backoff = {}});
  bool stopped = false;
  supervisor.start();
  REQUIRE(supervisor.process_id() > 0);
  supervisor.stop([&] {
    stopped = true;
    watched.loop.stop();
  });
  watched.loop.run();
  CHECK(stopped);
  CHECK(supervisor.state() == EngineState::absent);
}

TEST_CASE("a program that never says hello is taken for dead") {
  const ScratchFolder folder;
  write_bytes(folder / "silent", "#!/bin/sh\nexec cat /dev/zero > /dev/null\n");
  std::filesystem::permissions(folder / "silent", std::filesystem::perms::owner_all);
  Watched watched("/bin/false");
  Supervisor supervisor(
      watched.context, watched.loop,
      {.program = folder / "silent", .arguments = {}, .folder = folder.path(), .backoff = {.give_up_after = 1}, .hello_deadline = 100ms});
  std::string reason;
  supervisor.on_state([&](EngineState state, const std::string& why) {
    if (state != EngineState::failed) return;
    reason = why;
    watched.loop.stop();
  });
  supervisor.start();
  watched.loop.run();
  CHECK(reason.find("the engine was ended") != std::string::npos);
}
