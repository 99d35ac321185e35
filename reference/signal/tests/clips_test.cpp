// Clips: files as they are, at their place; what cannot be read is named.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "clips/clip_library.hpp"
#include "stage.hpp"
#include "wav.hpp"

namespace loophole::test {
namespace {

struct Files : Stage {
  TempFolder folder;
  std::string path(const char* name) const { return (folder.path() / name).string(); }
  // A ramp that tells each frame from the next, with the right side upside down.
  Wav ramp(std::size_t frames, int rate = 48'000) const {
    Wav wav{.rate = rate, .channels = 2, .samples = {}};
    for (std::size_t i = 0; i < frames; ++i) {
      const float value = static_cast<float>(i + 1) / static_cast<float>(frames + 1);
      wav.samples.insert(wav.samples.end(), {value, -value});
    }
    return wav;
  }
  static graph::GraphClip clip(std::string file, std::int64_t start, std::int64_t length, double db = 0) {
    return {.path = std::move(file), .start_frames = start, .length_frames = length, .gain_db = db};
  }
  void play_clip(graph::GraphClip clip, std::int64_t from = 0) {
    REQUIRE(replace(chain_of({player_of("player", {std::move(clip)}), output_of()})));
    play(from);
  }
};

TEST_CASE("a clip at 0 dB is the file, sample by sample, after the fade of the start") {
  Files stage;
  REQUIRE(stage.configure());
  const Wav wav = stage.ramp(9'600);
  write_wav(stage.path("ramp.wav"), wav);
  stage.play_clip(Files::clip(stage.path("ramp.wav"), 1'000, 9'600));
  const auto left = stage.render(12'000);
  for (std::size_t i = 256; i < 1'000; ++i) REQUIRE(left[i] == 0);
  for (std::size_t i = 0; i < 9'600; ++i) {
    REQUIRE(left[1'000 + i] == wav.samples[2 * i]);
    REQUIRE(stage.right[1'000 + i] == wav.samples[2 * i + 1]);
  }
  for (std::size_t i = 10'600; i < 12'000; ++i) REQUIRE(left[i] == 0);
}

TEST_CASE("a clip has its level, and is faded where it is cut") {
  Files stage;
  REQUIRE(stage.configure());
  Wav flat{.rate = 48'000, .channels = 1, .samples = std::vector<float>(48'000, 0.5F)};
  write_wav(stage.path("flat.wav"), flat);
  stage.play_clip(Files::clip(stage.path("flat.wav"), 0, 4'800, -6.0206));
  const auto left = stage.render(9'600);
  CHECK(left[2'000] == doctest::Approx(0.25).epsilon(0.0001));
  CHECK(stage.right[2'000] == left[2'000]);  // mono is on both sides
  CHECK(left[4'800] == 0);
  CHECK(steepest(std::span(left).subspan(4'000, 2'000)) < 0.01);
}

TEST_CASE("overlapping clips are summed; a clip that began long ago is still found") {
  Files stage;
  REQUIRE(stage.configure());
  Wav flat{.rate = 48'000, .channels = 1, .samples = std::vector<float>(96'000, 0.25F)};
  write_wav(stage.path("flat.wav"), flat);
  REQUIRE(stage.replace(
      chain_of({player_of("player", {Files::clip(stage.path("flat.wav"), 0, 96'000), Files::clip(stage.path("flat.wav"), 40'000, 1'000),
                                     Files::clip(stage.path("flat.wav"), 60'000, 96'000)}),
                output_of()})));
  stage.play(59'000);
  const auto left = stage.render(4'000);
  CHECK(left[900] == 0.25F);
  CHECK(left[1'100] == 0.5F);
}

TEST_CASE("a file of another rate is brought to the engine's, and again when that changes") {
  Files stage;
  REQUIRE(stage.configure());
  Wav sine{.rate = 22'050, .channels = 1, .samples = {}};
  for (int i = 0; i < 22'050; ++i) sine.samples.push_back(static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * 441 * i / 22'050)));
  write_wav(stage.path("sine.wav"), sine, SF_FORMAT_WAV | SF_FORMAT_PCM_16);
  stage.play_clip(Files::clip(stage.path("sine.wav"), 0, 96'000));
  const auto cycles = [](std::span<const float> samples) {
    int upwards = 0;
    for (std::size_t i = 1; i < samples.size(); ++i) upwards += samples[i - 1] < 0 && samples[i] >= 0 ? 1 : 0;
    return upwards;
  };
  const auto at_48 = stage.render(48'128);
  CHECK(std::abs(cycles(at_48) - 441) <= 3);
  CHECK(db_of(rms_of(std::span(at_48).subspan(4'800, 38'400))) == doctest::Approx(db_of(0.5 / std::numbers::sqrt2)).epsilon(0.01));
  REQUIRE(stage.configure(96'000));
  stage.play(0);
  const auto at_96 = stage.render(96'256);
  CHECK(std::abs(cycles(std::span(at_96).first(96'000)) - 441) <= 3);
}

TEST_CASE("a file that cannot be read is named, and the old graph plays on") {
  Files stage;
  REQUIRE(stage.configure());
  REQUIRE(stage.replace(synth_graph()));
  stage.play();
  std::ofstream(stage.path("text.wav")) << "this is no audio";
  for (const std::string& file : {stage.path("missing.wav"), stage.path("text.wav"), stage.folder.path().string()}) {
    const auto refused = stage.replace(chain_of({player_of("player", {Files::clip(file, 0, 100)}), output_of()}));
    REQUIRE_FALSE(refused);
    CHECK(is(refused.error(), errors::kClipFileUnreadable));
    CHECK(refused.error().message.find("'" + file + "'") != std::string::npos);
    CHECK(refused.error().pointer == "/graph/nodes/0/clips/0/path");
  }
  stage.render(4'800);
  CHECK(rms_of(stage.render(4'800)) > 0.05);
}

TEST_CASE("what an answer owns goes with it, not when the reading thread gets on") {
  Files stage;
  write_wav(stage.path("ramp.wav"), stage.ramp(100));
  std::promise<std::function<void()>> handed_over;
  std::promise<void> seen;
  const reference_signal::PlayHead head;
  reference_signal::ClipLibrary library(
      [&](std::function<void()> task) {
        handed_over.set_value(std::move(task));
        seen.get_future().wait();
      },
      head);
  auto owned = std::make_shared<int>(0);
  const std::weak_ptr<int> left = owned;
  library.prepare(chain_of({player_of("player", {Files::clip(stage.path("ramp.wav"), 0, 100)}), output_of()}), 48'000,
                  [owned](const Result<reference_signal::ClipSet>& clips) { REQUIRE(clips); });
  owned.reset();
  auto task = handed_over.get_future().get();
  task();
  task = nullptr;
  CHECK(left.expired());
  seen.set_value();
}

TEST_CASE("a file that was changed is read again, one that was not is not") {
  Files stage;
  REQUIRE(stage.configure());
  Wav wav{.rate = 48'000, .channels = 1, .samples = std::vector<float>(4'800, 0.1F)};
  write_wav(stage.path("a.wav"), wav);
  const auto written = std::filesystem::last_write_time(stage.path("a.wav"));
  stage.play_clip(Files::clip(stage.path("a.wav"), 0, 4'800));
  CHECK(stage.render(4'800)[2'000] == 0.1F);
  wav.samples.assign(4'800, 0.9F);
  write_wav(stage.path("a.wav"), wav);
  std::filesystem::last_write_time(stage.path("a.wav"), written);
  stage.play_clip(Files::clip(stage.path("a.wav"), 0, 4'800));
  CHECK(stage.render(4'800)[2'000] == 0.1F);  // same size and time: from memory
  std::filesystem::last_write_time(stage.path("a.wav"), written + std::chrono::seconds(2));
  stage.play_clip(Files::clip(stage.path("a.wav"), 0, 4'800));
  CHECK(stage.render(4'800)[2'000] == 0.9F);
}

}  // namespace
}  // namespace loophole::test
