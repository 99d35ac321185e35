// The way to JACK through PortAudio, and what becomes of it when the server ends: PortAudio 19.6 waits for ever or takes the process down,
// unless drivers/jack_loss.hpp stands between the two.

#include <doctest/doctest.h>

#include <atomic>

#include "drivers/drivers.hpp"
#include "graphs.hpp"
#include "jack/jack_server.hpp"
#include "stage.hpp"

namespace loophole::test {
namespace {

const DeviceId kSystem("jack-audio-connection-kit/system");

// No device but JACK's.
struct OnlyJack {
  OnlyJack() {
    // PortAudio 19.6 asserts that at least one of the configured devices of ALSA cannot be used.
    std::ofstream(folder.path() / "asound.conf") << "pcm.broken { type hw card 31 }\n";
  }
  JackName name;
  TempFolder folder;
  Environment alsa{"ALSA_CONFIG_PATH", (folder.path() / "asound.conf").string()};
  Environment no_pulse{"PULSE_SERVER", "none"};
  Environment no_other_server{"JACK_NO_START_SERVER", "1"};
  Environment server{"JACK_DEFAULT_SERVER", JackServer::name()};
};

// Numbers its frames.
struct Numberer : AudioCallback {
  void render(std::span<float> block, std::uint64_t time_ns) noexcept LOOPHOLE_NONBLOCKING override {
    for (std::size_t i = 0; i < block.size(); i += 2) block[i] = block[i + 1] = static_cast<float>(frames + 1 + static_cast<int>(i / 2));
    if (block.size() / 2 != 256) ++odd_blocks;
    if (frames > 0 && time_ns <= last_ns) ++steps_back;
    last_ns = time_ns;
    frames += static_cast<int>(block.size() / 2);
  }
  std::atomic<int> frames{0};
  std::atomic<int> odd_blocks{0};
  std::atomic<int> steps_back{0};  // of time
  std::uint64_t last_ns = 0;
};

std::unique_ptr<AudioDriver> open_jack(std::int64_t rate = 48'000) {
  auto opened = reference_signal::SystemDrivers().open({.device = kSystem, .sample_rate_hz = rate, .block_frames = 256});
  REQUIRE_MESSAGE(opened.has_value(), (opened ? std::string() : to_string(opened.error())));
  return *std::move(opened);
}

TEST_CASE("JACK is listed with its one rate, runs at it, and hears each frame once and in its turn, whatever its period") {
  const OnlyJack only;
  for (const int period : {128, 256, 512}) {
    CAPTURE(period);
    const JackServer server(44'100, period);
    const auto devices = reference_signal::SystemDrivers().devices();
    REQUIRE(devices);
    REQUIRE(devices->size() == 1);
    CHECK(devices->front().id == kSystem);
    CHECK(devices->front().host_api == "JACK Audio Connection Kit");
    CHECK(devices->front().output_channels == 2);
    CHECK(devices->front().sample_rates_hz == std::vector<std::int64_t>{44'100});
    CHECK(devices->front().is_default);

    Numberer numberer;
    const auto driver = open_jack(48'000);
    CHECK(driver->device() == kSystem);
    CHECK(driver->effective().driver == engine::Driver::portaudio);
    CHECK(driver->effective().sample_rate_hz == 44'100);
    CHECK(driver->effective().block_frames == 256);
    REQUIRE(driver->start(numberer));
    {
      const Ear ear(44'100);
      REQUIRE_POLL(ear.is_full());
      for (std::size_t i = 1; i < ear.heard().size(); ++i) REQUIRE(ear.heard()[i] == ear.heard()[i - 1] + 1);
    }
    CHECK_FALSE(driver->fault());
    driver->stop();
    const int frames = numberer.frames;
    CHECK(numberer.odd_blocks == 0);
    CHECK(numberer.steps_back == 0);  // although a period of 512 has two blocks that come at once
    REQUIRE(driver->start(numberer));
    REQUIRE_POLL(numberer.frames > frames + 4'410);
  }
}

TEST_CASE("a driver outlives its server, whether it runs, was stopped or never ran") {
  const OnlyJack only;
  enum class When { running, stopped, opened };
  for (const int signal : {SIGTERM, SIGKILL}) {
    for (const When when : {When::running, When::stopped, When::opened}) {
      CAPTURE(signal);
      CAPTURE(static_cast<int>(when));
      JackServer server(48'000, 256);
      Numberer numberer;
      const auto driver = open_jack();
      if (when != When::opened) {
        REQUIRE(driver->start(numberer));
        REQUIRE_POLL(numberer.frames > 4'800);
      }
      if (when == When::stopped) driver->stop();
      server.end(signal);
      if (when != When::running) continue;
      std::optional<std::string> fault;
      REQUIRE_POLL((fault = driver->fault()).has_value());
      CHECK(*fault == "the output device 'system' is gone");
    }
  }
}

TEST_CASE("an engine whose JACK server is killed goes on without it, and returns to it at the rate that it has then") {
  const OnlyJack only;
  auto server = std::make_unique<JackServer>(48'000, 256);
  net::Loop loop;
  signal::rt::AudioPort port;
  reference_signal::SystemDrivers drivers;
  std::optional<device::Lost> lost;
  std::optional<engine::DriverChanged> changed;
  ReferenceEngine engine{port, [&](std::function<void()> task) { loop.post(std::move(task)); }, {}, drivers};
  engine.on_event([&](ReferenceEngine::Event event) {
    if (const auto* gone = std::get_if<device::Lost>(&event)) lost = *gone;
    if (const auto* other = std::get_if<engine::DriverChanged>(&event)) changed = *other;
  });
  const auto run = [&](const std::function<bool()>& done) {
    return run_until(loop, [&] {
      engine.tick();
      return done();
    });
  };
  const auto goes_on = [&] {
    const std::uint64_t before = engine.renderer().engine_frames();
    return run([&] { return engine.renderer().engine_frames() > before + 9'600; });
  };
  std::optional<Result<engine::Effective>> answer;
  engine.configure({.sample_rate_hz = 48'000, .block_frames = 256, .driver = {}, .device_id = kSystem},
                   [&](Result<engine::Effective> effective) { answer.emplace(std::move(effective)); });
  REQUIRE_SOON(loop, answer.has_value());
  REQUIRE(*answer);
  REQUIRE(goes_on());

  server->end(SIGKILL);
  REQUIRE(run([&] { return changed.has_value(); }));
  REQUIRE(lost);
  CHECK(lost->device_id == kSystem);
  CHECK(lost->reason == "the output device 'system' is gone");
  CHECK(changed->effective.driver == engine::Driver::paced);
  CHECK(changed->reason == lost->reason);
  REQUIRE(goes_on());

  changed.reset();
  server.reset();
  server = std::make_unique<JackServer>(44'100, 512);
  REQUIRE(run([&] { return changed.has_value(); }));
  CHECK(changed->effective.driver == engine::Driver::portaudio);
  CHECK(changed->effective.sample_rate_hz == 44'100);
  CHECK(changed->reason == "the output device 'system' is back");
  REQUIRE(goes_on());
}

}  // namespace
}  // namespace loophole::test
