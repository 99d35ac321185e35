#pragma once
// Ctrl-C and termination: flags that loops look at, so that everything is put away before the program ends.

namespace loophole::cli {

// [owner-thread] From now on SIGINT, SIGTERM and SIGHUP set flags instead of ending the program, and a pipe that nobody reads any more is
// an error of the write to it.
void catch_interrupts();
// [any-thread] By any of them, or because nobody can read what is printed.
[[nodiscard]] bool interrupted() noexcept;
// [any-thread] Not by Ctrl-C: not only what runs is to end, but the program.
[[nodiscard]] bool ended() noexcept;
// [owner-thread] For a shell, where Ctrl-C ends the command that runs; ended() stays.
void forget_interrupt() noexcept;

}  // namespace loophole::cli
