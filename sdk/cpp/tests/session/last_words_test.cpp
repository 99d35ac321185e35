// Last words of an engine: what a process left is there after it was killed in the midst of it.

#include "loophole/session/last_words.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "../transport/support.hpp"
#include "loophole/messages/all.hpp"

namespace loophole::test {
namespace {

// Runs `work` in a process that then kills itself.
template <class Work>
void die_after(Work work) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    work();
    ::raise(SIGKILL);
    ::_exit(1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
}

}  // namespace

TEST_CASE("a process that dies inside of a plugin leaves word of its node") {
  const TempRuntime runtime;
  const auto file = runtime.path() / "words";
  REQUIRE(session::make_last_words(file));
  CHECK_FALSE(session::read_last_words(file));
  auto words = session::LastWords::map(file);
  REQUIRE(words);
  die_after([&] {
    words->enter("a-longer-node");
    words->enter("nod-7");
  });
  CHECK(session::read_last_words(file) == GraphNodeId("nod-7"));
}

TEST_CASE("a process that dies outside of plugins says nothing") {
  const TempRuntime runtime;
  const auto file = runtime.path() / "words";
  REQUIRE(session::make_last_words(file));
  auto words = session::LastWords::map(file);
  REQUIRE(words);
  die_after([&] {
    words->enter("nod-7");
    words->leave();
  });
  CHECK_FALSE(session::read_last_words(file));
}

TEST_CASE("files that are no last words are refused by name, and read as nothing") {
  const TempRuntime runtime;
  const auto file = runtime.path() / "words";
  CHECK(is(session::LastWords::map(file).error(), errors::kSessionRuntimeDir));
  CHECK_FALSE(session::read_last_words(file));
  std::ofstream(file) << "short";
  CHECK(session::LastWords::map(file).error().message.find(file.string()) != std::string::npos);
  std::ofstream(file) << std::string(256, '/');
  CHECK_FALSE(session::read_last_words(file));
  CHECK(is(session::make_last_words(runtime.path() / "nowhere" / "words").error(), errors::kSessionRuntimeDir));
}

}  // namespace loophole::test
