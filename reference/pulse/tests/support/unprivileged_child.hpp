#pragma once
// in_child(): runs a check in a child process, without the rights of root where the test has them, so that permissions and locks are real.

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <string>

namespace loophole::pulse::test {

constexpr ::uid_t kNobody = 65'534;

// What `work` returns, said by the child.
inline std::string in_child(const std::function<std::string()>& work) {
  int answer[2] = {};
  REQUIRE(::pipe(answer) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && ::seteuid(kNobody) != 0) ::_exit(1);
    const std::string said = work();
    ::_exit(::write(answer[1], said.data(), said.size()) == static_cast<ssize_t>(said.size()) ? 0 : 1);
  }
  ::close(answer[1]);
  std::string said;
  char bytes[4096];
  for (ssize_t got = 0; (got = ::read(answer[0], bytes, sizeof bytes)) > 0;) said.append(bytes, static_cast<std::size_t>(got));
  ::close(answer[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  REQUIRE_MESSAGE((WIFEXITED(status) && WEXITSTATUS(status) == 0), "the child died; it said: " << said);
  return said;
}

// Gives a file or folder to whoever in_child() is.
inline void hand_over(const std::filesystem::path& path) {
  if (::geteuid() == 0) REQUIRE(::chown(path.c_str(), kNobody, static_cast<::gid_t>(-1)) == 0);
}

}  // namespace loophole::pulse::test
