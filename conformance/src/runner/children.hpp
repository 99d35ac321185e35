#pragma once
// Work in processes of their own, several at once: what one piece does, or how it ends, is no matter of the others.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace loophole::conformance {

// [owner-thread] For each number below `count`, `work` runs in a child of this process, at most `jobs` of them at once, and what it returns
// is given to `done` in this process: in the order in which they end, and nothing where a child ended otherwise than by returning. `begin`
// is asked before each whether it is to run at all. A SIGINT or SIGTERM that sets `interrupted` here is passed on to them.
void in_children(std::size_t count, std::size_t jobs, const std::function<bool(std::size_t)>& begin,
                 const std::function<std::string(std::size_t)>& work,
                 const std::function<void(std::size_t, std::optional<std::string>)>& done);

}  // namespace loophole::conformance
