#pragma once
// Which argument of a command line a member of a payload came from, so that an error can name what was typed.

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace loophole::cli {

// [any-thread] "VALUE" for /value, "--sample-rate" for /sampleRateHz, "FILE" for /path, among the options of a command. Nothing where no
// option is known to be that member.
[[nodiscard]] std::optional<std::string> argument_of(const CLI::App& command, std::string_view pointer);

}  // namespace loophole::cli
