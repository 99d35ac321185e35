// loophole-pulse: the owner of the project. See service/hub.hpp for how its parts work together.

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "program/exit_code.hpp"
#include "program/inspect.hpp"
#include "program/program.hpp"
#include "program/status.hpp"
#include "program_log.hpp"

namespace {

using namespace loophole::pulse;

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
  return loophole::is(error, loophole::errors::kSessionInUse) ? kSession : kFailed;
}

int serve(const Options& options) {
  prepare_signals();
  auto program = Program::make(options);
  if (!program) return fail(program.error());
  if (auto started = (*program)->start(); !started) return fail(started.error());
  (*program)->run_until_signalled();
  return kDone;
}

int print_config(const std::vector<Setting>& settings) {
  for (const Setting& setting : settings)
    std::printf("# %s\n%s = %s\n", setting.source.c_str(), setting.name.c_str(), setting.value.c_str());
  return kDone;
}

}  // namespace

int main(int argc, char** argv) {
  const CommandLine line = read_command_line(argc, argv);
  if (line.exit_code) return *line.exit_code;
  const Options& options = line.options;
  const bool serves = line.task == Task::serve;
  loophole::program_log::start({.process = "loophole-pulse",
                                .level = serves ? options.log_level : "error",
                                .format = options.log_format,
                                .fields = {{"session", options.session}}});
  switch (line.task) {
    case Task::serve:
      return serve(options);
    case Task::inspect:
      return inspect(line.file, line.json);
    case Task::status:
      return status(options.session, line.json);
    case Task::print_config:
      return print_config(line.settings);
  }
  return kFailed;
}
