// The audio callback enters the kernel not once: its thread runs under a seccomp filter that kills the process at any system call but exit.

#include <doctest/doctest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <thread>

#include "realtime_scene.hpp"

namespace loophole::test {
namespace {

constexpr int kNoSeccomp = 77;

// For the calling thread alone. From here on only `exit` (of the thread) is left.
bool forbid_system_calls() {
  sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
  };
  const sock_fprog program{.len = sizeof rules / sizeof rules[0], .filter = rules};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

// In a child process: `prepare`, then `body` on a thread under the filter and `meanwhile` on the first thread; returns how the child ended.
// `verdict`, at the end on the first thread, says whether all was as it should.
template <class Prepare, class Body, class Meanwhile, class Verdict>
int status_of_child(Prepare prepare, Body body, Meanwhile meanwhile, Verdict verdict) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    prepare();
    static std::atomic<bool> done{false};
    static std::atomic<bool> unable{false};
    std::thread audio([&] {
      if (forbid_system_calls())
        body();
      else
        unable = true;
      done = true;
      while (!unable) syscall(SYS_exit, 0);  // the end of a std::thread makes system calls of its own
    });
    while (!done) meanwhile();
    _exit(unable ? kNoSeccomp : verdict() ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

// A check that was left out is no check: whoever has to leave it out says so.
bool left_out(int status) {
  const bool unavailable = WIFEXITED(status) && WEXITSTATUS(status) == kNoSeccomp;
  const bool may = std::getenv("LOOPHOLE_WITHOUT_SECCOMP") != nullptr;
  CHECK_MESSAGE((!unavailable || may), "this machine has no seccomp filters; set LOOPHOLE_WITHOUT_SECCOMP=1 to leave this check out");
  return unavailable;
}

TEST_CASE("the filter kills at a system call") {
  const int status = status_of_child([] {}, [] { syscall(SYS_getpid); }, [] {}, [] { return true; });
  if (left_out(status)) return;
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGSYS);
}

TEST_CASE("rendering makes no system call, while graphs, gestures, transport and meters go on") {
  // Made in the child: a fork takes no threads along, and clips are read by one.
  std::unique_ptr<RealtimeScene> scene;
  std::vector<float> out(512);
  int round = 0;
  const int status = status_of_child([&] { scene = std::make_unique<RealtimeScene>(); },
                                     [&] {
                                       AudioCallback& callback = *scene->stage.desk.callback;
                                       for (int block = 0; block < 3'000; ++block) callback.render(out, static_cast<std::uint64_t>(block));
                                     },
                                     [&] { scene->disturb(++round); },
                                     [&] {
                                       scene->disturb(++round);
                                       return round > 2 && scene->batches > 0 && scene->readings > 0 && scene->loads > 0 && scene->runs > 0;
                                     });
  if (left_out(status)) return;
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace loophole::test
