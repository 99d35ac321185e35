// Work in processes of their own: what one does or how it ends is no matter of the others.
#include "runner/children.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <stdexcept>
#include <string>

using namespace loophole::conformance;

namespace {

using Results = std::map<std::size_t, std::optional<std::string>>;

Results results(
    std::size_t count, std::size_t jobs, const std::function<std::string(std::size_t)>& work,
    const std::function<bool(std::size_t)>& begin = [](std::size_t) { return true; }) {
  Results found;
  in_children(count, jobs, begin, work,
              [&](std::size_t i, std::optional<std::string> text) { CHECK(found.emplace(i, std::move(text)).second); });
  return found;
}

}  // namespace

TEST_CASE("what each piece of work returns arrives whole, from another process") {
  const std::string large(300'000, 'x');  // more than a pipe holds
  const Results found = results(9, 4, [&](std::size_t i) { return std::to_string(::getpid()) + large + std::to_string(i); });
  REQUIRE(found.size() == 9);
  for (const auto& entry : found) {
    REQUIRE(entry.second);
    CHECK(entry.second->ends_with("x" + std::to_string(entry.first)));
    CHECK_FALSE(entry.second->starts_with(std::to_string(::getpid()) + "x"));
  }
}

TEST_CASE("a child that breaks down gives nothing, and the others go on") {
  const Results found = results(4, 2, [](std::size_t i) -> std::string {
    if (i == 1) ::raise(SIGKILL);
    if (i == 2) throw std::runtime_error("on purpose");
    return "fine";
  });
  CHECK(found == Results{{0, "fine"}, {1, std::nullopt}, {2, std::nullopt}, {3, "fine"}});
}

TEST_CASE("what is not to begin does not run, and is asked when its turn comes") {
  std::size_t done = 0;
  in_children(
      4, 1, [&](std::size_t i) { return i != 1 && done < 2; }, [](std::size_t) { return std::string(); },
      [&](std::size_t, const std::optional<std::string>&) { ++done; });
  CHECK(done == 2);  // 0 and 2
}
