// Configuration and drivers: started once, started again when asked for something else, replaced when the device goes.

#include <doctest/doctest.h>

#include <atomic>

#include "drivers/drivers.hpp"
#include "drivers/paced_driver.hpp"
#include "recorder/recorder.hpp"
#include "stage.hpp"
#include "wav.hpp"

namespace loophole::test {
namespace {

TEST_CASE("the same configuration again changes nothing, another one starts the driver again") {
  Stage stage;
  CHECK(stage.configure()->sample_rate_hz == 48'000);
  CHECK(stage.configure()->sample_rate_hz == 48'000);
  CHECK(stage.desk.opened == 1);
  REQUIRE(stage.replace(synth_graph()));
  stage.play();
  stage.render(4'800);
  CHECK(stage.configure(44'100, 128)->block_frames == 128);
  CHECK(stage.desk.opened == 2);
  stage.render(4'800, 128);
  CHECK(rms_of(stage.render(4'800, 128)) > 0.05);
}

TEST_CASE("a driver that cannot be opened is an error, and what ran before runs on") {
  Stage stage;
  REQUIRE(stage.configure());
  REQUIRE(stage.replace(synth_graph()));
  stage.desk.refuse = true;
  const auto refused = stage.configure(96'000);
  REQUIRE_FALSE(refused);
  CHECK(is(refused.error(), errors::kEngineDriverFailed));
  stage.desk.refuse = false;
  CHECK(stage.configure()->sample_rate_hz == 48'000);
  stage.play();
  stage.render(4'800);
  CHECK(rms_of(stage.render(4'800)) > 0.05);
}

TEST_CASE("blocks larger than asked for are rendered all the same") {
  Stage stage;
  REQUIRE(stage.configure(48'000, 64));
  REQUIRE(stage.replace(chain_of({tone_of("tone", 1, 1'000, -12), output_of()})));
  stage.play();
  stage.render(9'600, 1'000);
  CHECK(db_of(rms_of(stage.render(48'000, 1'000))) == doctest::Approx(-12 - db_of(std::numbers::sqrt2)).epsilon(0.002));
}

TEST_CASE("the paced driver calls from a thread of its own until it is stopped") {
  struct Counter : AudioCallback {
    void render(std::span<float> block, std::uint64_t time_ns) noexcept LOOPHOLE_NONBLOCKING override {
      in_order = in_order && time_ns >= last && block.size() == 512;
      last = time_ns;
      if (frames == 0) begin = time_ns;
      const std::uint64_t expected = begin + frames * 1'000'000'000 / 48'000;
      on_the_line = on_the_line && (time_ns > expected ? time_ns - expected : expected - time_ns) <= 2;
      frames += 256;
      ++blocks;
    }
    void xrun() noexcept LOOPHOLE_NONBLOCKING override { frames = 0; }
    std::atomic<int> blocks{0};
    std::atomic<bool> in_order{true};
    std::atomic<bool> on_the_line{true};
    std::uint64_t last = 0;
    std::uint64_t begin = 0;
    std::uint64_t frames = 0;  // since the begin or the last gap
  } counter;
  reference_signal::PacedDriver driver(48'000, 256);
  REQUIRE(driver.start(counter));
  REQUIRE_POLL(counter.blocks > 20);
  driver.stop();
  const int blocks = counter.blocks;
  CHECK(counter.in_order);
  CHECK(counter.on_the_line);
  CHECK(driver.effective().driver == engine::Driver::paced);
  REQUIRE(driver.start(counter));
  REQUIRE_POLL(counter.blocks > blocks + 5);
}

TEST_CASE("auto finds a driver on every machine; one that this engine does not have is refused") {
  reference_signal::SystemDrivers drivers;
  CHECK(drivers.open({}));
  const auto refused = drivers.open({.driver = engine::Driver::unknown});
  REQUIRE_FALSE(refused);
  CHECK(is(refused.error(), errors::kEngineDriverFailed));
}

TEST_CASE("what is played is what is recorded") {
  TempFolder folder;
  const std::string file = (folder.path() / "take.wav").string();
  std::vector<float> heard;
  {
    Stage stage({.driver = {}, .record = file});
    REQUIRE(stage.configure());
    REQUIRE(stage.replace(synth_graph()));
    stage.play();
    heard = stage.render(48'000);
    CHECK(stage.engine.recorder()->lost_frames() == 0);
  }
  const Wav wav = read_wav(file);
  REQUIRE(wav.frames() == heard.size());
  for (std::size_t i = 0; i < heard.size(); ++i) REQUIRE(wav.samples[2 * i] == heard[i]);
}

TEST_CASE("a recording is continued; what is no recording of this kind is refused and left alone") {
  TempFolder folder;
  const std::string file = (folder.path() / "take.wav").string();
  const std::vector<float> frames(2'000, 0.5F);
  for (std::size_t start = 1; start <= 3; ++start) {
    auto recorder = reference_signal::Recorder::open(file, 48'000);
    REQUIRE(recorder);
    (*recorder)->tap()->write(frames);
    recorder->reset();
    CHECK(read_wav(file).frames() == start * 1'000);
  }
  const auto other_rate = reference_signal::Recorder::open(file, 44'100);
  REQUIRE_FALSE(other_rate);
  CHECK(other_rate.error().message.find(file) != std::string::npos);
  CHECK(read_wav(file).frames() == 3'000);

  const std::string pcm = (folder.path() / "pcm.wav").string();
  write_wav(pcm, {.rate = 48'000, .channels = 1, .samples = std::vector<float>(10)}, SF_FORMAT_WAV | SF_FORMAT_PCM_16);
  CHECK_FALSE(reference_signal::Recorder::open(pcm, 48'000));
  CHECK_FALSE(reference_signal::Recorder::open(folder.path() / "no" / "folder.wav", 48'000));
  Stage stage({.driver = {}, .record = pcm});
  CHECK(is(stage.configure().error(), errors::kEngineDriverFailed));
}

}  // namespace
}  // namespace loophole::test
