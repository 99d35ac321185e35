// With RealtimeSanitizer (clang 20 and later): whatever blocks in a function marked LOOPHOLE_NONBLOCKING, or in one that it calls, ends
// the program with the stack that led there. Sees into plugins too.

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "realtime_scene.hpp"

namespace loophole::test {
namespace {

std::unique_ptr<int> kept;
void block_in_a_callback() noexcept [[clang::nonblocking]] {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wfunction-effects"
  kept = std::make_unique<int>(1);
#pragma clang diagnostic pop
}

TEST_CASE("the sanitizer ends a process whose audio callback allocates") {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    freopen("/dev/null", "w", stderr);
    block_in_a_callback();
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK_FALSE((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

TEST_CASE("rendering blocks nowhere, while graphs, gestures, automation, transport and telemetry go on") {
  RealtimeScene scene;
  constexpr int kBlocks = 3'000;
  std::atomic<int> blocks{0};
  AudioCallback& callback = *scene.stage.desk.callback;
  std::thread audio([&] {
    std::vector<float> out(512);
    for (; blocks < kBlocks; ++blocks) {
      callback.render(out, static_cast<std::uint64_t>(blocks.load()));
      std::this_thread::yield();
    }
  });
  int rounds = 0;
  while (blocks < kBlocks) scene.disturb(++rounds);
  audio.join();
  scene.disturb(1);
  CHECK(rounds > 1);
  CHECK(scene.batches > 0);
  CHECK(scene.readings > 0);
  CHECK(scene.loads > 0);
  CHECK(scene.runs > 0);
}

}  // namespace
}  // namespace loophole::test
