// The audio thread and the I/O thread at the same time, as in life: for the eyes of ThreadSanitizer, and for what is left at the end.

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "realtime_scene.hpp"

namespace loophole::test {
namespace {

TEST_CASE("graphs, gestures, transport and telemetry while another thread renders") {
  RealtimeScene scene;
  AudioCallback& callback = *scene.stage.desk.callback;
  std::atomic<bool> ending{false};
  std::thread audio([&] {
    std::vector<float> out(512);
    for (std::uint64_t block = 0; !ending; ++block) {
      callback.render(out, block);
      std::this_thread::yield();
    }
  });
  for (int round = 1; round <= 300; ++round) scene.disturb(round);
  const auto last = scene.stage.replace(synth_graph());
  scene.stage.set(3, 1'234.5);
  const auto mark = scene.stage.port.parameters.mark();
  REQUIRE_POLL((scene.stage.engine.tick(), scene.stage.engine.taken(*last) && scene.stage.port.parameters.applied(mark)));
  CHECK(scene.stage.held(3) == 1'234.5);
  ending = true;
  audio.join();
}

}  // namespace
}  // namespace loophole::test
