// With RealtimeSanitizer (clang 20 and later): whatever blocks in a function marked LOOPHOLE_NONBLOCKING, or in one that it calls, ends
// the program with the stack that led there. It sees into plugins too; what others wrote is passed by the names in rtsan_suppressions.txt.

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>
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

void play(RealtimeScene& scene, int count) {
  std::atomic<int> blocks{0};
  AudioCallback& callback = *scene.stage.desk.callback;
  std::thread audio([&] {
    std::vector<float> out(512);
    for (; blocks < count; ++blocks) {
      callback.render(out, static_cast<std::uint64_t>(blocks.load()));
      std::this_thread::yield();
    }
  });
  int rounds = 0;
  while (blocks < count) scene.disturb(++rounds);
  audio.join();
  scene.disturb(1);
  CHECK(rounds > 1);
  CHECK(scene.stage.failures.empty());
  CHECK(scene.batches > 0);
  CHECK(scene.readings > 0);
  CHECK(scene.loads > 0);
  CHECK(scene.runs > 0);
}

TEST_CASE("rendering blocks nowhere, while graphs, gestures, automation, transport and telemetry go on") {
  RealtimeScene scene;
  play(scene, 3'000);
}

TEST_CASE("plugins of others are played, whatever they do, and no name of ours is among those that are passed") {
  std::vector<graph::GraphNode> others{trigger_of("blocks", 0)};
  for (const char* uri :
       {"http://drobilla.net/plugins/mda/Overdrive", "http://drobilla.net/plugins/mda/Delay", "http://calf.sourceforge.net/plugins/Filter",
        "http://calf.sourceforge.net/plugins/Reverb", "http://gareus.org/oss/lv2/fil4#stereo", "http://gareus.org/oss/lv2/dpl#stereo"})
    others.push_back(plugin_of(PluginId(uri), {}, "other" + std::to_string(others.size())));
  others.front().id = GraphNodeId("blocks");
  RealtimeScene scene(others);
  play(scene, 500);
  std::ifstream names(LOOPHOLE_RTSAN_SUPPRESSIONS);
  REQUIRE(names);
  for (std::string line; std::getline(names, line);)
    if (!line.starts_with('#')) CHECK(line.find("loophole") == std::string::npos);
}

TEST_CASE("a plugin that blocks and is not passed by name ends the process") {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    freopen("/dev/null", "w", stderr);
    PluginStage stage;
    if (!stage.replace(tone_through(trigger_of("blocks", 1)))) _exit(1);
    stage.play();
    stage.render(2'048);
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK_FALSE((WIFEXITED(status) && WEXITSTATUS(status) <= 1));
}

}  // namespace
}  // namespace loophole::test
