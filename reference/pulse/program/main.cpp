// loophole-pulse: the owner of the project. See service/hub.hpp for how its parts work together.

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <csignal>

#include "program/log.hpp"
#include "program/program.hpp"

namespace {

constexpr int kCannotRun = 1;
constexpr int kSessionInUse = 3;

void prepare_signals() {
  // Before any thread is started: all inherit the mask, so that only the signalfd of the loop sees these.
  sigset_t ends;
  ::sigemptyset(&ends);
  ::sigaddset(&ends, SIGINT);
  ::sigaddset(&ends, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &ends, nullptr);
  // A write that cannot be made is an error of that write, no reason to die.
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
}

int fail(const loophole::Error& error) {
  spdlog::error("{}", loophole::to_string(error));
  return loophole::is(error, loophole::errors::kSessionInUse) ? kSessionInUse : kCannotRun;
}

}  // namespace

int main(int argc, char** argv) {
  const loophole::pulse::CommandLine line = loophole::pulse::read_command_line(argc, argv);
  if (line.exit_code) return *line.exit_code;
  prepare_signals();
  loophole::pulse::prepare_log(line.options.log_level);

  auto program = loophole::pulse::Program::make(line.options);
  if (!program) return fail(program.error());
  if (auto started = (*program)->start(); !started) return fail(started.error());
  (*program)->run_until_signalled();
  return 0;
}
