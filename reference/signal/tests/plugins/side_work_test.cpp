// What a plugin does beside the audio thread: asked for in a block, done elsewhere, and heard of in a later block.

#include "plugin_stage.hpp"

namespace loophole::test {
namespace {

TEST_CASE("a plugin hears of work that it asked for on the audio thread") {
  PluginStage stage;
  const double dry = stage.dry();
  auto node = memory_of(0, 0.25);
  node.plugin = fixture("worker");
  REQUIRE(stage.replace(tone_through(node)));
  CHECK(stage.level() == doctest::Approx(dry).epsilon(0.01));
  stage.set(10, 1);
  REQUIRE_POLL(rms_of(stage.render(9'600)) < dry * 0.26);
  CHECK(stage.level() == doctest::Approx(dry * 0.25).epsilon(0.01));
}

}  // namespace
}  // namespace loophole::test
