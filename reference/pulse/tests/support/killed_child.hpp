#pragma once
// KilledChild: work in a child process that ends at a moment that nobody chose, within the time that the work takes here and now.

#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <random>

namespace loophole::pulse::test {

class KilledChild {
 public:
  // `rehearsal` is the same work once to its end.
  KilledChild(std::uint32_t seed, const std::function<void()>& rehearsal) : random_(seed) {
    const auto begin = std::chrono::steady_clock::now();
    rehearsal();
    takes_ = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
  }

  void run(const std::function<void()>& work) {
    const auto most = static_cast<suseconds_t>(std::min<std::int64_t>(2 * takes_.count() + 1'000, 900'000));
    const auto delay = std::uniform_int_distribution<suseconds_t>(100, most)(random_);
    const pid_t child = ::fork();
    if (child == 0) {
      const itimerval when{.it_interval = {}, .it_value = {.tv_sec = 0, .tv_usec = delay}};
      ::setitimer(ITIMER_REAL, &when, nullptr);  // SIGALRM ends the process as SIGKILL does: without a word
      work();
      for (;;) ::pause();
    }
    ::waitpid(child, nullptr, 0);
  }

 private:
  std::mt19937 random_;
  std::chrono::microseconds takes_{};
};

}  // namespace loophole::pulse::test
