// Offline: the same graph makes the same file, byte by byte; how far it renders; what is refused.

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "drivers/offline_driver.hpp"
#include "loophole/wire/codec.hpp"
#include "render/render.hpp"
#include "stage.hpp"
#include "wav.hpp"

namespace loophole::test {
namespace {

using reference_signal::RenderJob;

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Desk {
  TempFolder folder;
  [[nodiscard]] std::filesystem::path path(const char* name) const { return folder.path() / name; }
  RenderJob job(const std::string& graph, const char* out = "out.wav") const {
    std::ofstream(path("graph.json")) << graph;
    return {.graph = path("graph.json"), .out = path(out)};
  }
};

const reference_signal::RenderProgress kQuiet = [](std::uint64_t, std::uint64_t) { return true; };

TEST_CASE("the same graph makes the same file, byte by byte, in each format") {
  Desk desk;
  for (const auto format : {reference_signal::WavFormat::float32, reference_signal::WavFormat::pcm16, reference_signal::WavFormat::pcm24}) {
    for (const char* out : {"one.wav", "two.wav"}) {
      RenderJob job = desk.job(wire::to_json(synth_graph()).value(), out);
      job.frames = 100'001;  // no whole number of blocks
      job.format = format;
      CHECK(reference_signal::render(job, kQuiet).value() == 100'001);
    }
    CHECK(read_wav(desk.path("one.wav")).frames() == 100'001);
    CHECK(bytes_of(desk.path("one.wav")) == bytes_of(desk.path("two.wav")));
    CHECK_FALSE(std::filesystem::exists(desk.path("one.wav.part")));
  }
}

TEST_CASE("clips are rendered whole, faster than they are read, and the same byte by byte") {
  Desk desk;
  std::vector<graph::GraphNode> players;
  for (const int rate : {22'050, 44'100, 48'000, 96'000}) {
    const std::string file = desk.path("clip.wav").string() + std::to_string(rate);
    Wav wav{.rate = rate, .channels = 2, .samples = {}};
    for (int i = 0; i < rate * 10; ++i) {
      const auto value = static_cast<float>(0.2 * std::sin(2 * std::numbers::pi * 440 * i / rate));
      wav.samples.insert(wav.samples.end(), {value, value * 0.5F});
    }
    write_wav(file, wav);
    players.push_back(player_of(std::to_string(rate), {{.path = file, .start_frames = 1'000, .length_frames = 480'000, .gain_db = 0}}));
  }
  graph::Graph graph{.nodes = players, .connections = {}};
  graph.nodes.push_back(output_of());
  for (const graph::GraphNode& player : players) graph.connections.push_back({.from = player.id, .to = GraphNodeId("out")});
  const std::string text = wire::to_json(graph).value();
  for (const char* out : {"one.wav", "two.wav", "three.wav"}) {
    RenderJob job = desk.job(text, out);
    job.block_frames = out[1] == 'w' ? 8'192 : 256;  // the second one in blocks of another size
    CHECK(reference_signal::render(job, kQuiet).value() == 481'000);
  }
  CHECK(bytes_of(desk.path("one.wav")) == bytes_of(desk.path("three.wav")));
  const Wav wav = read_wav(desk.path("one.wav"));
  REQUIRE(wav.frames() == 481'000);
  // Four sines that are one: nowhere is anything missing.
  double worst = 0;
  for (std::size_t i = 1'500; i < 480'000; ++i) {
    const double expected = 0.8 * std::sin(2 * std::numbers::pi * 440 * (static_cast<double>(i) - 1'000) / 48'000);
    worst = std::max(worst, std::fabs(wav.samples[2 * i] - expected));
  }
  CHECK(worst < 1e-4);
  const Wav other = read_wav(desk.path("two.wav"));
  CHECK(std::equal(wav.samples.begin() + 3'000, wav.samples.begin() + 960'000, other.samples.begin() + 3'000));
}

TEST_CASE("what is rendered offline is what a device would have played") {
  Desk desk;
  RenderJob job = desk.job(wire::to_json(synth_graph()).value());
  job.seconds = 1.0;
  REQUIRE(reference_signal::render(job, kQuiet));
  Stage stage;
  REQUIRE(stage.configure());
  REQUIRE(stage.replace(synth_graph()));
  stage.play(0);
  const auto heard = stage.render(48'000);
  const Wav wav = read_wav(desk.path("out.wav"));
  REQUIRE(wav.frames() == 48'000);
  for (std::size_t i = 0; i < 48'000; ++i) REQUIRE(wav.samples[2 * i] == heard[i]);
}

TEST_CASE("without a length it ends with the last clip, and a graph without clips needs one") {
  Desk desk;
  const std::string clip = desk.path("clip.wav").string();
  write_wav(clip, {.rate = 48'000, .channels = 1, .samples = std::vector<float>(10'000, 0.5F)});
  const auto clips = [&](std::int64_t start) {
    return graph::GraphClip{.path = clip, .start_frames = start, .offset_frames = 0, .length_frames = 10'000, .gain_db = 0};
  };
  const graph::Graph graph = chain_of({player_of("clips", {clips(20'000), clips(5'000)}), output_of()});
  CHECK(reference_signal::render(desk.job(wire::to_json(graph).value()), kQuiet).value() == 30'000);
  const auto refused = reference_signal::render(desk.job(wire::to_json(synth_graph()).value(), "other.wav"), kQuiet);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("--seconds") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(desk.path("other.wav")));
}

TEST_CASE("a graph is read alone or as the payload of graph.replace, and faults are pointed at in either") {
  const graph::Graph graph = synth_graph();
  CHECK(reference_signal::read_graph(wire::to_json(graph).value()).value() == graph);
  const std::string payload = wire::to_json(graph::Replace{.revision = 3, .graph = graph}).value();
  CHECK(reference_signal::read_graph(payload).value() == graph);
  CHECK(is(reference_signal::read_graph("{}").error(), errors::kPayloadInvalid));
  CHECK(is(reference_signal::read_graph("{").error(), errors::kPayloadInvalid));
  CHECK(reference_signal::read_graph(R"({"nodes":[{"id":7}],"connections":[]})").error().pointer == "/nodes/0/id");
  CHECK(reference_signal::read_graph(R"({"revision":1,"graph":{"nodes":[{"id":7}]}})").error().pointer == "/graph/nodes/0/id");

  Desk desk;
  graph::Graph wrong = graph;
  wrong.nodes[0].parameters[0].key = "pitch";
  const auto at = [&](const std::string& text) {
    RenderJob job = desk.job(text);
    job.seconds = 1.0;
    return reference_signal::render(job, kQuiet).error();
  };
  CHECK(at(wire::to_json(wrong).value()).pointer == "/nodes/0/parameters/0/key");
  CHECK(at(wire::to_json(graph::Replace{.revision = 1, .graph = wrong}).value()).pointer == "/graph/nodes/0/parameters/0/key");
}

TEST_CASE("what is there and no file is left alone") {
  Desk desk;
  RenderJob job = desk.job(wire::to_json(synth_graph()).value());
  job.seconds = 1.0;
  job.out = desk.folder.path();
  CHECK_FALSE(reference_signal::render(job, kQuiet));
  job.out = desk.path("no") / "folder.wav";
  CHECK_FALSE(reference_signal::render(job, kQuiet));
  job.graph = desk.path("none.json");
  CHECK_FALSE(reference_signal::render(job, kQuiet));
}

TEST_CASE("the driver renders only while the transport runs, and anew from each of its starts") {
  struct Script : AudioCallback {
    void render(std::span<float> block, std::uint64_t) noexcept LOOPHOLE_NONBLOCKING override {
      std::fill(block.begin(), block.end(), 0.25F);
      ++blocks;
    }
    bool take_due(bool was_heard) noexcept LOOPHOLE_NONBLOCKING override {
      heard_before = was_heard;
      ++looks;
      return playing;
    }
    std::atomic<int> blocks{0};
    std::atomic<int> looks{0};
    std::atomic<bool> playing{false};
    std::atomic<bool> heard_before{true};
  } script;
  Desk desk;
  {
    reference_signal::OfflineDriver driver(
        48'000, 256, reference_signal::WavFile::create(desk.path("out.wav"), 48'000, reference_signal::WavFormat::float32).value(), 1'000);
    REQUIRE(driver.start(script));
    REQUIRE_POLL(script.looks > 3);
    CHECK(script.blocks == 0);
    CHECK_FALSE(script.heard_before);
    script.playing = true;
    REQUIRE_POLL(driver.finished());
    CHECK(script.blocks == 4);
    REQUIRE_POLL(!script.heard_before);  // it waits, and what changes meanwhile does not fade
    script.playing = false;
    REQUIRE_POLL(!driver.finished());
    script.playing = true;
    REQUIRE_POLL(driver.finished());
    CHECK(script.blocks == 8);
    CHECK_FALSE(driver.fault());
  }
  CHECK(read_wav(desk.path("out.wav")).frames() == 2'000);
}

// A clip through a chain; `turned` has the chain the other way round, which the one before has to make way for.
graph::Graph two_gains(const std::string& clip, bool turned) {
  graph::Graph graph{.nodes = {player_of("clips", {{.path = clip, .start_frames = 0, .length_frames = 48'000, .gain_db = 0}}),
                               gain_of("a", 3), gain_of("b", 4), output_of()},
                     .connections = {}};
  const char* first = turned ? "b" : "a";
  const char* second = turned ? "a" : "b";
  for (const auto& [from, to] : {std::pair("clips", first), {first, second}, {second, "out"}})
    graph.connections.push_back({.from = GraphNodeId(from), .to = GraphNodeId(to)});
  return graph;
}

std::string clip_in(const Desk& desk) {
  const std::string clip = desk.path("clip.wav").string();
  Wav wav{.rate = 48'000, .channels = 1, .samples = {}};
  for (int i = 0; i < 48'000; ++i) wav.samples.push_back(static_cast<float>(std::sin(i * 0.05)));
  write_wav(clip, wav);
  return clip;
}

// As the driver does while the transport stands.
void look(Stage& stage) {
  static_cast<void>(stage.desk.callback->take_due(false));
  stage.engine.tick();
}

TEST_CASE("edits while the transport stands are in force without a block, one after the other") {
  Desk desk;
  const std::string clip = clip_in(desk);
  Stage stage;
  REQUIRE(stage.configure());
  REQUIRE(stage.replace(two_gains(clip, false)));
  stage.play();
  stage.render(4'864);
  stage.stop();
  static_cast<void>(stage.desk.callback->take_due(true));
  for (const bool turned : {true, false, true}) {
    const auto ticket = stage.replace(two_gains(clip, turned));
    REQUIRE(ticket);
    look(stage);
    CHECK(stage.engine.taken(*ticket));
  }
}

TEST_CASE("what was before an edit while the transport stands is not heard after it") {
  Desk desk;
  const std::string clip = clip_in(desk);
  graph::Graph last = two_gains(clip, true);
  last.nodes[1].parameters[0].value = -20;
  Stage fresh;
  REQUIRE(fresh.configure());
  REQUIRE(fresh.replace(last));
  look(fresh);
  fresh.play(0);
  const auto expected = fresh.render(9'728);

  Stage edited;
  REQUIRE(edited.configure());
  REQUIRE(edited.replace(two_gains(clip, false)));
  look(edited);
  edited.play(0);
  edited.render(4'864);
  edited.stop();
  static_cast<void>(edited.desk.callback->take_due(true));
  look(edited);
  REQUIRE(edited.replace(two_gains(clip, true)));
  look(edited);
  edited.set(3, -20);
  look(edited);
  edited.play(0);
  CHECK(edited.render(9'728) == expected);
}

TEST_CASE("a file that takes no more is a fault that names it") {
  struct Endless : AudioCallback {
    void render(std::span<float> block, std::uint64_t) noexcept LOOPHOLE_NONBLOCKING override {
      std::fill(block.begin(), block.end(), 0.25F);
    }
  } endless;
  // A disk that is full, for this process alone.
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto signal_before = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 500'000, .rlim_max = before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_FSIZE, &small) == 0);
  Desk desk;
  {
    reference_signal::OfflineDriver driver(
        48'000, 256, reference_signal::WavFile::create(desk.path("out.wav"), 48'000, reference_signal::WavFormat::float32).value(),
        10'000'000);
    REQUIRE(driver.start(endless));
    REQUIRE_POLL(driver.fault().has_value());
    CHECK(driver.fault()->find("out.wav") != std::string::npos);
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, signal_before);
}

}  // namespace
}  // namespace loophole::test
