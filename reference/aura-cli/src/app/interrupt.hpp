#pragma once
// Ctrl-C and termination: a flag that loops look at, so that everything is put away before the program ends.

namespace loophole::cli {

// [owner-thread] From now on SIGINT, SIGTERM and SIGHUP set the flag instead of ending the program.
void catch_interrupts();
// [any-thread]
[[nodiscard]] bool interrupted() noexcept;

}  // namespace loophole::cli
