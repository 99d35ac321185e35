// EngineServer: spectra of analysers, rates of topics, and statistics.

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "engine_seat.hpp"

namespace loophole::test {
namespace {

constexpr std::uint32_t kRate = 48'000;
constexpr std::uint32_t kBlock = 256;

// An engine with two analysers (7: a sine in the middle of bin 40, 8: silence) and a meter (6), which renders block by block.
struct Stage : EngineSeat {
  void play() {
    const signal::rt::SampleClock clock{.engine_frames = rendered, .time_ns = rendered * 1'000'000'000 / kRate, .sample_rate_hz = kRate};
    for (std::uint32_t i = 0; i < kBlock; ++i)
      sine[i] = level * static_cast<float>(std::sin(2 * std::numbers::pi * 40.0 / 2'048.0 * static_cast<double>(rendered + i)));
    for (const std::uint32_t handle : {7U, 8U})
      if (port.spectra.wanted(handle)) {
        ++handed_on;
        port.spectra.write(handle, handle == 7 ? sine : silence, handle == 7 ? sine : silence, clock);
      }
    rendered += kBlock;
    if (port.meters.measuring()) levels.measure(0, std::vector<float>(kBlock, rendered / kBlock % 100 == 0 ? 0.75F : 0.25F));
    signal::rt::MeterLevels* const meters[] = {&levels};
    port.meters.publish(meters, {.frames = kBlock, .engine_frames = rendered, .time_ns = clock.time_ns});
    if (!tells_load) return;
    port.load.publish({.frames = kBlock,
                       .sample_rate_hz = kRate,
                       .nodes = 3,
                       .engine_frames = rendered,
                       .begin_ns = clock.time_ns,
                       .end_ns = clock.time_ns + 1'000'000});
  }
  // Renders until it is done; the server collects after every few blocks.
  bool run(const std::function<bool()>& done) {
    return run_until(loop, [&] {
      for (int i = 0; i < 8; ++i) play();
      return done();
    });
  }
  signal::rt::MeterLevels levels{6};
  std::vector<float> sine = std::vector<float>(kBlock);
  std::vector<float> silence = std::vector<float>(kBlock);
  std::uint64_t rendered = 0;
  int handed_on = 0;
  bool tells_load = true;
  float level = 1;  // of the sine
};

// Frames of a topic in each second of audio, without the first and the last.
template <class Frames>
double rate_of(const Frames& frames, const std::string& topic) {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  int count = 0;
  for (const auto& frame : frames) {
    if (frame.topic != topic) continue;
    if (count++ == 0) first = frame.header.engine_frames;
    last = frame.header.engine_frames;
  }
  return last > first ? (count - 1) * static_cast<double>(kRate) / static_cast<double>(last - first) : 0;
}

}  // namespace

TEST_CASE("a sine is in its bin with its level, and silence is at the bottom") {
  Stage stage;
  Watcher aura(stage.context, stage.loop, stage.pulse->link());
  REQUIRE(aura.subscriber->subscribe("spectrum/7"));
  REQUIRE(aura.subscriber->subscribe("spectrum/8"));
  const auto of = [&](std::uint32_t handle) {
    return std::ranges::find(aura.spectra, handle, [](const Watcher::Spectrum& s) { return s.header.handle; });
  };
  REQUIRE(stage.run([&] { return of(7) != aura.spectra.end() && of(8) != aura.spectra.end(); }));
  const auto& spectrum = *of(7);
  CHECK(spectrum.header.epoch == static_cast<std::uint64_t>(stage.pulse->link().epoch));
  CHECK(spectrum.header.window == frames::SpectrumWindow::hann);
  CHECK(spectrum.header.sample_rate_hz == kRate);
  CHECK(spectrum.header.channel == -1);
  REQUIRE(spectrum.magnitudes_db.size() == spectrum.header.window_frames / 2 + 1);
  CHECK(spectrum.magnitudes_db[40] == doctest::Approx(0).epsilon(0.01));
  for (std::size_t bin = 0; bin < spectrum.magnitudes_db.size(); ++bin)
    if (bin < 38 || bin > 42) CHECK(spectrum.magnitudes_db[bin] < -60);
  CHECK(spectrum.header.time_ns == doctest::Approx(static_cast<double>(spectrum.header.engine_frames) * 1e9 / kRate));
  for (const float magnitude : of(8)->magnitudes_db) CHECK(magnitude == -200);
}

TEST_CASE("the level of a sine is right to a thousandth of a decibel, from above full scale to near silence") {
  for (const double wanted_db : {6.5, 0.0, -0.37, -3.0103, -20.0, -47.123, -96.0}) {
    CAPTURE(wanted_db);
    Stage stage;
    stage.level = static_cast<float>(std::pow(10.0, wanted_db / 20));
    Watcher aura(stage.context, stage.loop, stage.pulse->link());
    REQUIRE(aura.subscriber->subscribe("spectrum/7"));
    REQUIRE(stage.run([&] { return !aura.spectra.empty(); }));
    CHECK(std::abs(aura.spectra.front().magnitudes_db[40] - wanted_db) < 0.001);
  }
}

TEST_CASE("what passes an analyser is handed on only while somebody watches it") {
  Stage stage;
  for (int i = 0; i < 20; ++i) stage.play();
  CHECK(stage.handed_on == 0);
  {
    Watcher aura(stage.context, stage.loop, stage.pulse->link());
    REQUIRE(aura.subscriber->subscribe("spectrum/7"));
    REQUIRE(aura.subscriber->subscribe("spectrum/99"));  // there is none
    REQUIRE(stage.run([&] { return aura.spectra.size() > 3; }));
    CHECK(std::ranges::all_of(aura.spectra, [](const auto& s) { return s.header.handle == 7; }));
    for (std::size_t i = 1; i < aura.spectra.size(); ++i) CHECK(aura.spectra[i].header.sequence == aura.spectra[i - 1].header.sequence + 1);
  }
  REQUIRE(stage.run([&] { return !stage.port.spectra.wanted(7); }));
}

TEST_CASE("every topic has its own rate, in the mean exactly what was asked for") {
  Stage stage;
  Watcher aura(stage.context, stage.loop, stage.pulse->link());
  for (const char* topic : {"meters", "meters@010", "meters@025", "meters@120", "spectrum/7", "spectrum/7@005"})
    REQUIRE(aura.subscriber->subscribe(topic));
  REQUIRE(stage.run([&] { return rate_of(aura.meters, "meters@010") > 0 && rate_of(aura.spectra, "spectrum/7@005") > 0; }));
  aura.meters.clear();
  aura.spectra.clear();
  const std::uint64_t begin = stage.rendered;
  REQUIRE(stage.run([&] { return stage.rendered > begin + 6 * kRate; }));
  CHECK(rate_of(aura.meters, "meters") == doctest::Approx(60).epsilon(0.02));
  CHECK(rate_of(aura.meters, "meters@010") == doctest::Approx(10).epsilon(0.02));
  CHECK(rate_of(aura.meters, "meters@025") == doctest::Approx(25).epsilon(0.02));
  CHECK(rate_of(aura.meters, "meters@120") == doctest::Approx(120).epsilon(0.02));
  CHECK(rate_of(aura.spectra, "spectrum/7") == doctest::Approx(30).epsilon(0.02));
  CHECK(rate_of(aura.spectra, "spectrum/7@005") == doctest::Approx(5).epsilon(0.02));
  // Each peak of 0.75, one block in a hundred, is in exactly one reading of each topic, and the readings leave nothing out.
  for (const char* topic : {"meters", "meters@010", "meters@025", "meters@120"}) {
    CAPTURE(topic);
    std::uint64_t end = 0;
    int peaks = 0;
    std::uint64_t covered = 0;
    std::uint64_t first = 0;
    for (const auto& frame : aura.meters) {
      if (frame.topic != topic) continue;
      if (end != 0) CHECK(frame.header.engine_frames - frame.header.length_frames == end);
      if (end == 0) first = frame.header.engine_frames - frame.header.length_frames;
      end = frame.header.engine_frames;
      covered += frame.header.length_frames;
      REQUIRE(frame.readings.size() == 2);
      peaks += frame.readings[0].peak == 0.75F ? 1 : 0;
      CHECK(frame.readings[0].rms >= 0.25F);
    }
    const auto blocks_with_peak = [](std::uint64_t frames) { return static_cast<int>(frames / kBlock / 100); };
    CHECK(covered == end - first);
    CHECK(peaks == blocks_with_peak(end) - blocks_with_peak(first));
  }
}

TEST_CASE("a topic that is subscribed to again goes on above the numbers that it had") {
  Stage stage;
  std::uint64_t last = 0;
  for (int round = 0; round < 3; ++round) {
    Watcher aura(stage.context, stage.loop, stage.pulse->link());
    REQUIRE(aura.subscriber->subscribe("meters"));
    REQUIRE(stage.run([&] { return aura.meters.size() > 4; }));
    if (round > 0) CHECK(aura.meters.front().header.sequence > last);
    last = aura.meters.back().header.sequence;
  }
}

TEST_CASE("nothing is said of a driver that does not run before it had the time to say something itself") {
  Stage stage;
  stage.tells_load = false;
  Watcher aura(stage.context, stage.loop, stage.pulse->link());
  REQUIRE(aura.subscriber->subscribe("stats@001"));
  REQUIRE(aura.subscriber->subscribe("meters"));
  REQUIRE(stage.run([&] { return aura.meters.size() > 100; }));
  CHECK(aura.stats.empty());
}

TEST_CASE("statistics tell load, blocks and what the planes counted; without a driver they tell that nothing is rendered") {
  Stage stage;
  stage.load(synth_graph());
  Watcher aura(stage.context, stage.loop, stage.pulse->link());
  REQUIRE(aura.subscriber->subscribe("stats@010"));
  REQUIRE(stage.run([&] { return aura.stats.size() > 5; }));
  const frames::EngineStats& stats = aura.stats[3];
  CHECK(stats.sample_rate_hz == kRate);
  CHECK(stats.block_frames == kBlock);
  CHECK(stats.nodes == 5);
  CHECK(stats.load_mean_ratio == doctest::Approx(0.001 * kRate / kBlock).epsilon(0.01));
  CHECK(stats.load_peak_ratio == doctest::Approx(0.001 * kRate / kBlock).epsilon(0.01));
  CHECK(stats.length_frames == doctest::Approx(kRate / 10).epsilon(0.06));
  CHECK(stats.blocks >= 3 * kRate / 10 / kBlock);
  CHECK(stats.late_blocks == 0);
  CHECK(aura.stats[4].blocks > stats.blocks);
  aura.stats.clear();
  // Nothing is rendered any more.
  REQUIRE_SOON(stage.loop, !aura.stats.empty() && aura.stats.back().sample_rate_hz == 0);
  CHECK(aura.stats.back().load_mean_ratio == 0);
  CHECK(aura.stats.back().blocks == stage.port.load.blocks());
}

}  // namespace loophole::test
