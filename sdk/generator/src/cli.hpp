#pragma once
// The command line of loophole-schema, as a function so that tests can call it.

#include <ostream>
#include <span>
#include <string>

namespace loophole::schema {

// `words` without the name of the program. Returns the exit code: 0 done, 1 faults in the schemas, 2 wrong usage.
[[nodiscard]] int run(std::span<const std::string> words, std::ostream& out, std::ostream& err);

}  // namespace loophole::schema
