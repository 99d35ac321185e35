#pragma once
// What becomes of a program whose output cannot be written: nobody reads the pipe any more, the disk is full. It ends in order.

namespace loophole::cli {

// [owner-thread] Something that was printed is lost.
[[nodiscard]] bool output_lost() noexcept;
// [owner-thread] `code`, or where something could not be printed the code of that: 141 as for any program whose pipe was closed, else 1,
// and the reason is on standard error.
[[nodiscard]] int code_of_output(int code);

}  // namespace loophole::cli
