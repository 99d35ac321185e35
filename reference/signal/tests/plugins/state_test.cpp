// The state of a plugin: taken, given, kept over graphs, formats and engines, and kept as it is where nobody can read it.

#include "../wav.hpp"
#include "plugin_stage.hpp"

namespace loophole::test {
namespace {

// A stage whose plugin has learnt a gain of 0.25, with its state.
struct Learnt : PluginStage {
  Learnt() {
    plain = dry();
    REQUIRE(replace(tone_through(memory_of(1, 0.25))));
    CHECK(level() == doctest::Approx(plain * 0.25).epsilon(0.01));
    set(10, 0);
    CHECK(level() == doctest::Approx(plain * 0.25).epsilon(0.01));
    quiet = state().value();
  }
  double plain = 0;
  PluginState quiet;
};

TEST_CASE("a state that was given brings back sound and values, and the values are told") {
  Learnt stage;
  stage.set(11, 2);
  stage.set(10, 1);
  CHECK(stage.level() == doctest::Approx(stage.plain * 2).epsilon(0.01));
  const auto values = stage.set_state(stage.quiet);
  REQUIRE(values);
  REQUIRE(values->size() == 2);
  CHECK((*values)[0] == engine::HandleValue{.handle = 10, .value = 0});
  CHECK((*values)[1] == engine::HandleValue{.handle = 11, .value = 0.25});
  stage.set(10, 0);
  CHECK(stage.level() == doctest::Approx(stage.plain * 0.25).epsilon(0.01));
}

TEST_CASE("a plugin that plays is given a state without a click") {
  Learnt stage;
  stage.set(11, 2);
  stage.set(10, 1);
  stage.render(2'048);
  stage.set(10, 0);
  std::vector<float> heard = stage.render(9'728);
  const double before = steepest(heard);
  std::optional<Result<std::vector<engine::HandleValue>>> answer;
  stage.engine.set_plugin_state(GraphNodeId("plugin"), stage.quiet, [&](auto values) { answer.emplace(std::move(values)); });
  const auto render = [&] {
    const std::vector<float> more = stage.render(256);
    heard.insert(heard.end(), more.begin(), more.end());
    return answer.has_value();
  };
  REQUIRE_SOON(stage.loop, render());
  REQUIRE(*answer);
  for (int i = 0; i < 40; ++i) render();
  CHECK(rms_of(std::span(heard).last(4'864)) == doctest::Approx(stage.plain * 0.25).epsilon(0.01));
  CHECK(steepest(heard) < before * 1.1);
}

TEST_CASE("a value goes to a plugin in short steps over its smoothing time, however long a block is, and arrives exactly") {
  TempFolder folder;
  const std::string file = (folder.path() / "flat.wav").string();
  write_wav(file, {.rate = 48'000, .channels = 1, .samples = std::vector<float>(96'000, 0.5F)});
  for (const std::size_t block : {std::size_t{64}, std::size_t{256}, std::size_t{2'048}}) {
    CAPTURE(block);
    PluginStage stage;
    REQUIRE(stage.configure(48'000, static_cast<std::int64_t>(block)));
    auto node = memory_of(1, 0);
    node.parameters[1].smoothing_ms = 20;
    const graph::GraphClip clip{.path = file, .start_frames = 0, .length_frames = 96'000, .gain_db = 0};
    REQUIRE(stage.replace(chain_of({player_of("player", {clip}), node, output_of()})));
    stage.play(0);
    CHECK(stage.render(4'096, block).back() == 0);
    stage.set(11, 1);
    const std::vector<float> heard = stage.render(4'096, block);
    CHECK(heard.front() > 0);  // at once
    CHECK(steepest(heard) < 0.5 * 64 / 960 * 1.1);
    CHECK(heard[960] == 0.5F);
    CHECK(heard[800] < 0.45F);
  }
}

TEST_CASE("values that come with a state are clamped to the ranges of the graph") {
  Learnt stage;
  auto narrow = memory_of(0, 1);
  narrow.parameters[1].minimum = 0.5;
  narrow.state = stage.quiet;
  REQUIRE(stage.replace(tone_through(narrow)));
  const auto values = stage.set_state(stage.quiet).value();
  REQUIRE(values.size() == 2);
  CHECK(values[1].value == 0.5);
}

TEST_CASE("a state in a graph is there before the first block, in another engine too, and the graph's values count") {
  const Learnt learnt;
  PluginStage stage;
  auto node = memory_of(0, 7);
  node.state = learnt.quiet;
  REQUIRE(stage.replace(tone_through(node)));
  stage.play();
  CHECK(stage.level() == doctest::Approx(learnt.plain * 0.25).epsilon(0.01));
  CHECK(stage.held(11) == 7);
}

TEST_CASE("a graph with another state gives it to the plugin that plays; one with none again starts it anew") {
  Learnt stage;
  auto node = memory_of(0, 1);
  node.state = stage.quiet;
  stage.set(11, 2);
  stage.set(10, 1);
  stage.render(2'048);
  const PluginState loud = stage.state().value();
  REQUIRE(loud != stage.quiet);
  REQUIRE(stage.replace(tone_through(node)));
  CHECK(stage.level() == doctest::Approx(stage.plain * 0.25).epsilon(0.01));
  node.state = loud;
  REQUIRE(stage.replace(tone_through(node)));
  CHECK(stage.level() == doctest::Approx(stage.plain * 2).epsilon(0.01));
  node.state.reset();
  REQUIRE(stage.replace(tone_through(node)));
  CHECK(stage.level() == doctest::Approx(stage.plain).epsilon(0.01));
}

TEST_CASE("a plugin keeps what it has learnt when the rest of the graph changes, and when the sample rate does") {
  Learnt stage;
  REQUIRE(stage.replace(chain_of({tone_of("tone", 1), gain_of("gain", 5), memory_of(0, 1), output_of()})));
  CHECK(stage.level() == doctest::Approx(stage.plain * 0.25).epsilon(0.01));
  REQUIRE(stage.configure(96'000));
  stage.play();
  CHECK(stage.level() == doctest::Approx(stage.plain * 0.25).epsilon(0.01));
  CHECK(stage.failures.empty());
}

TEST_CASE("what is no state of this plugin is refused, and the plugin is as it was") {
  Learnt stage;
  for (const char* text : {"", "AAEC", "not Base64!", "aGVsbG8gd29ybGQ="}) {
    CAPTURE(text);
    const auto refused = stage.set_state(PluginState(text));
    REQUIRE_FALSE(refused);
    CHECK(is(refused.error(), errors::kPluginFaulty));
  }
  CHECK(stage.level() == doctest::Approx(stage.plain * 0.25).epsilon(0.01));
  REQUIRE(stage.replace(tone_through(trigger_of("nan"))));
  const auto foreign = stage.set_state(stage.quiet);
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().message.find("urn:loophole:fixture:memory") != std::string::npos);
  CHECK(stage.failures.empty());
}

TEST_CASE("a plugin that does not run keeps its state byte for byte") {
  PluginStage stage;
  auto node = trigger_of("nowhere");
  node.state = PluginState("whatever/it+is==");
  REQUIRE(stage.replace(tone_through(node)));
  CHECK(stage.state().value() == *node.state);
  const auto refused = stage.set_state(PluginState("AAAA"));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("not installed") != std::string::npos);
  node = trigger_of("nowhere");
  REQUIRE(stage.replace(tone_through(node)));
  CHECK(is(stage.state().error(), errors::kPluginFaulty));
}

TEST_CASE("a plugin that hangs while it takes a state is stopped and told, and audio and commands go on") {
  const Learnt learnt;
  PluginStage patient;
  REQUIRE(patient.replace(tone_through(memory_of(1, 13))));  // the number of which it is afraid
  patient.play();
  patient.render(2'048);
  const PluginState feared = patient.state().value();

  PluginStage stage(std::chrono::milliseconds(500));
  const double dry = stage.dry();
  REQUIRE(stage.replace(tone_through(memory_of(0, 1))));
  const auto hung = stage.set_state(feared);
  REQUIRE_FALSE(hung);
  CHECK(hung.error().message.find("within 0.5 s") != std::string::npos);
  CHECK(stage.level() == doctest::Approx(dry).epsilon(0.01));
  REQUIRE(stage.failures.size() == 1);
  CHECK(stage.failures[0].reason.find("within 0.5 s") != std::string::npos);
}

}  // namespace
}  // namespace loophole::test
