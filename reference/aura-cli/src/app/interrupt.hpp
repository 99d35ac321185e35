#pragma once
// Ctrl-C and termination: flags that loops look at, so that everything is put away before the program ends.

namespace loophole::cli {

// [owner-thread] From now on SIGINT, SIGTERM and SIGHUP set flags instead of ending the program.
void catch_interrupts();
// [any-thread] By any of them.
[[nodiscard]] bool interrupted() noexcept;
// [any-thread] By SIGTERM or SIGHUP: not only what runs is to end, but the program.
[[nodiscard]] bool ended() noexcept;
// [owner-thread] For a shell, where Ctrl-C ends the command that runs; ended() stays.
void forget_interrupt() noexcept;

}  // namespace loophole::cli
