// PortAudioDriver with a device that swallows everything, of an ALSA configuration of the test's own; and on a machine without any device.

#include "drivers/portaudio_driver.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <fstream>

#include "../transport/support.hpp"

namespace loophole::test {
namespace {

using reference_signal::PortAudioDriver;

struct Counter : reference_signal::AudioCallback {
  void render(std::span<float> block, std::uint64_t) noexcept LOOPHOLE_NONBLOCKING override {
    std::fill(block.begin(), block.end(), 0.0F);
    ++blocks;
    frames += static_cast<int>(block.size() / 2);
  }
  std::atomic<int> blocks{0};
  std::atomic<int> frames{0};
};

struct AlsaConfiguration {
  explicit AlsaConfiguration(const char* text) : environment("ALSA_CONFIG_PATH", (folder.path() / "asound.conf").string()) {
    std::ofstream(folder.path() / "asound.conf") << text;
  }
  TempFolder folder;
  Environment environment;
  Environment no_pulse{"PULSE_SERVER", "none"};
  Environment no_jack{"JACK_NO_START_SERVER", "1"};
};

// What was written to stderr while `body` ran.
template <class Body>
std::string stderr_of(Body body) {
  TempFolder folder;
  const std::string file = (folder.path() / "stderr").string();
  std::fflush(stderr);
  const int kept = dup(STDERR_FILENO);
  REQUIRE(std::freopen(file.c_str(), "w", stderr) != nullptr);
  body();
  std::fflush(stderr);
  dup2(kept, STDERR_FILENO);
  close(kept);
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_CASE("audio goes to the default output device, stopped and started again") {
  const AlsaConfiguration alsa("pcm.!default { type null }\n");
  Counter counter;  // before the driver, which may call it until it is destroyed
  auto opened = PortAudioDriver::open({});
  REQUIRE(opened);
  if (!*opened) {
    MESSAGE("PortAudio takes no device from an ALSA configuration here: not checked");
    return;
  }
  reference_signal::AudioDriver& driver = **opened;
  CHECK(driver.effective().driver == engine::Driver::portaudio);
  CHECK_FALSE(driver.effective().device.empty());
  CHECK(driver.effective().sample_rate_hz == 48'000);
  REQUIRE(driver.start(counter));
  REQUIRE_POLL(counter.frames > 48'000);
  CHECK_FALSE(driver.fault());
  driver.stop();
  const int blocks = counter.blocks;
  CHECK_FALSE(driver.fault());
  REQUIRE(driver.start(counter));
  REQUIRE_POLL(counter.blocks > blocks + 5);
}

TEST_CASE("without a device: nothing from open, a driver with the reason from auto, an error where PortAudio was asked for") {
  auto opened = PortAudioDriver::open({});
  if (opened && *opened) {
    MESSAGE("this machine has an output device: not checked");
    return;
  }
  std::string driver;
  std::optional<std::string> reason;
  const std::string said = stderr_of([&] {
    const auto chosen = reference_signal::SystemDrivers().open({});
    if (chosen) reason = (*chosen)->stands_in();
    driver = chosen ? std::string(engine::to_string((*chosen)->effective().driver)) : "";
  });
  CHECK(driver == "paced");
  CHECK(reason.has_value());
  CHECK(std::count(said.begin(), said.end(), '\n') <= 1);
  const auto refused = reference_signal::SystemDrivers().open({.driver = engine::Driver::portaudio});
  REQUIRE_FALSE(refused);
  CHECK(is(refused.error(), errors::kEngineDriverFailed));
}

}  // namespace
}  // namespace loophole::test
