// Devices: listed, chosen, lost and back again; each change is told, and audio goes on.

#include <doctest/doctest.h>

#include <fstream>

#include "drivers/portaudio_library.hpp"
#include "stage.hpp"
#include "wav.hpp"

namespace loophole::test {
namespace {

struct Told {
  explicit Told(Stage& stage) {
    stage.engine.on_event([this](ReferenceEngine::Event event) { events.push_back(std::move(event)); });
  }
  template <class E>
  std::vector<E> all() const {
    std::vector<E> found;
    for (const auto& event : events)
      if (const E* one = std::get_if<E>(&event)) found.push_back(*one);
    return found;
  }
  std::vector<ReferenceEngine::Event> events;
};

Result<device::ListReply> list(Stage& stage) {
  std::optional<Result<device::ListReply>> answer;
  stage.engine.list_devices([&](Result<device::ListReply> devices) { answer.emplace(std::move(devices)); });
  REQUIRE_SOON(stage.loop, answer.has_value());
  return *std::move(answer);
}

const DeviceId kOne("test/one");
const DeviceId kTwo("test/two");

TEST_CASE("devices are listed with the one in use, and another one is chosen by its id") {
  Stage stage;
  CHECK_FALSE(list(stage)->in_use);
  REQUIRE(stage.configure(48'000, 256, kOne));
  const auto listed = list(stage);
  REQUIRE(listed);
  CHECK(listed->devices == stage.desk.devices);
  CHECK(listed->in_use == kOne);
  const auto effective = stage.configure(48'000, 256, kTwo);
  CHECK(effective->device == "Two");
  CHECK(effective->sample_rate_hz == 44'100);
  CHECK(list(stage)->in_use == kTwo);
}

TEST_CASE("a device that there is not is refused, and what ran before runs on") {
  Stage stage;
  REQUIRE(stage.configure(48'000, 256, kOne));
  const auto refused = stage.configure(48'000, 256, DeviceId("test/three"));
  REQUIRE_FALSE(refused);
  CHECK(is(refused.error(), errors::kDeviceNotFound));
  CHECK(list(stage)->in_use == kOne);
  CHECK(stage.engine.state().state == engine::AudioState::running);
}

TEST_CASE("a device of another rate goes on sounding, and its recording goes on in another file") {
  TempFolder folder;
  Stage stage({.driver = {}, .record = folder.path() / "take.wav", .plugins = {}, .make_plugin = {}});
  REQUIRE(stage.configure(48'000, 256, kOne));
  REQUIRE(stage.replace(synth_graph()));
  stage.play();
  stage.render(9'600);
  const auto effective = stage.configure(48'000, 256, kTwo);
  REQUIRE(effective);
  CHECK(effective->sample_rate_hz == 44'100);
  stage.render(9'600);
  CHECK(stage.engine.recorder()->sample_rate_hz() == 44'100);
  REQUIRE(stage.configure(48'000, 256, kOne));  // and back: where it began
  CHECK(stage.engine.recorder()->sample_rate_hz() == 48'000);
  CHECK(read_wav((folder.path() / "take.wav").string()).rate == 48'000);
  CHECK(read_wav((folder.path() / "take-2.wav").string()).rate == 44'100);
  CHECK(read_wav((folder.path() / "take-2.wav").string()).frames() >= 9'600);
}

TEST_CASE("a configuration that fails after its driver was opened leaves what ran before") {
  TempFolder folder;
  Stage stage({.driver = {}, .record = folder.path() / "take.wav", .plugins = {}, .make_plugin = {}});
  REQUIRE(stage.configure(48'000, 256, kOne));
  std::ofstream(folder.path() / "take-2.wav") << "no sound";
  const auto refused = stage.configure(48'000, 256, kTwo);
  REQUIRE_FALSE(refused);
  CHECK(is(refused.error(), errors::kEngineDriverFailed));
  CHECK(list(stage)->in_use == kOne);
  CHECK(stage.engine.state().state == engine::AudioState::running);
}

TEST_CASE("that there was no device to begin with is told after the answer, with the reason") {
  Stage stage({.driver = engine::Driver::paced, .record = {}, .plugins = {}, .make_plugin = {}});
  Told told(stage);
  REQUIRE(stage.configure());
  CHECK(told.events.empty());  // it was meant
  stage.desk.stands_in = "there is no output device";
  const auto effective = stage.configure(44'100);
  REQUIRE(effective);
  REQUIRE(told.events.size() == 2);
  CHECK(told.all<engine::DriverChanged>().at(0).effective == *effective);
  CHECK(told.all<engine::DriverChanged>().at(0).reason == "there is no output device");
  CHECK(told.all<engine::StateChanged>().at(0).state == engine::AudioState::without_device);
  CHECK(told.all<engine::StateChanged>().at(0).reason == "there is no output device");
  REQUIRE(stage.configure(44'100));  // as another Pulse may ask
  CHECK(told.all<engine::DriverChanged>().size() == 2);
}

TEST_CASE("when the device goes, audio goes on without it; loss, driver and state are told in this order") {
  Stage stage;
  REQUIRE(stage.configure(48'000, 256, kOne));
  REQUIRE(stage.replace(synth_graph()));
  stage.play();
  stage.render(4'800);
  const Told told(stage);
  stage.desk.fault = "the output device 'One' is gone";
  stage.engine.tick();
  REQUIRE(told.events.size() == 3);
  CHECK(std::get<device::Lost>(told.events[0]) == device::Lost{.device_id = kOne, .name = "One", .reason = *stage.desk.fault});
  CHECK(std::get<engine::DriverChanged>(told.events[1]).effective.driver == engine::Driver::paced);
  CHECK(std::get<engine::DriverChanged>(told.events[1]).reason == *stage.desk.fault);
  CHECK(std::get<engine::StateChanged>(told.events[2]).state == engine::AudioState::without_device);
  CHECK(stage.engine.state().state == engine::AudioState::without_device);
  CHECK(rms_of(stage.render(4'800)) > 0.05);
}

TEST_CASE("a device that returns is used again, without having been asked for") {
  Stage stage;
  REQUIRE(stage.configure(48'000, 256, kOne));
  REQUIRE(stage.replace(synth_graph()));
  stage.play();
  stage.render(4'800);
  const auto both = stage.desk.devices;
  stage.desk.devices.erase(stage.desk.devices.begin());
  stage.desk.fault = "the output device 'One' is gone";
  stage.engine.tick();
  stage.desk.fault.reset();
  const Told told(stage);
  CHECK_FALSE(list(stage)->in_use);
  REQUIRE(told.all<device::Changed>().size() == 1);
  CHECK(told.all<device::Changed>()[0].devices == stage.desk.devices);
  CHECK(told.all<engine::DriverChanged>().empty());

  stage.desk.devices = both;
  REQUIRE(run_until(stage.loop, [&] {  // it looks by itself
    stage.engine.tick();
    return !told.all<engine::StateChanged>().empty();
  }));
  CHECK(told.all<device::Changed>().size() == 2);
  REQUIRE(told.all<engine::DriverChanged>().size() == 1);
  CHECK(told.all<engine::DriverChanged>()[0].effective.device == "One");
  CHECK(told.all<engine::DriverChanged>()[0].reason.find("'One' is back") != std::string::npos);
  CHECK(told.all<engine::StateChanged>()[0].state == engine::AudioState::running);
  CHECK(list(stage)->in_use == kOne);
  CHECK(rms_of(stage.render(4'800)) > 0.05);
}

TEST_CASE("a device that returns with another rate plays the graph at it, from where it was in time") {
  TempFolder folder;
  const std::string file = (folder.path() / "clip.wav").string();
  write_wav(file, {.rate = 48'000, .channels = 1, .samples = std::vector<float>(480'000, 0.25F)});
  Stage stage;
  REQUIRE(stage.configure(48'000, 256, kOne));
  const graph::GraphClip clip{.path = file, .start_frames = 0, .offset_frames = 0, .length_frames = 440'000, .gain_db = 0};
  REQUIRE(stage.replace(chain_of({player_of("clips", {clip}), output_of()})));
  stage.play(96'000);
  stage.render(48'000);
  const std::int64_t before = stage.engine.transport().position_frames;
  stage.desk.fault = "the output device 'One' is gone";
  stage.engine.tick();
  stage.desk.fault.reset();
  stage.desk.devices[0].sample_rates_hz = {44'100};
  const Told told(stage);
  static_cast<void>(list(stage));
  REQUIRE_SOON(stage.loop, !told.all<engine::DriverChanged>().empty());
  CHECK(told.all<engine::DriverChanged>()[0].effective.sample_rate_hz == 44'100);
  CHECK(stage.engine.state().effective->sample_rate_hz == 44'100);
  CHECK(stage.engine.transport().position_frames == std::llround(static_cast<double>(before) * 441 / 480));
  CHECK(stage.engine.transport().playing);
  stage.render(4'410);
  CHECK(rms_of(stage.render(4'410)) == doctest::Approx(0.25).epsilon(0.01));
}

TEST_CASE("something else that is configured ends the search for a lost device") {
  Stage stage;
  REQUIRE(stage.configure(48'000, 256, kOne));
  stage.desk.fault = "the output device 'One' is gone";
  stage.engine.tick();
  stage.desk.fault.reset();
  REQUIRE(stage.configure(48'000, 256, kTwo));
  const Told told(stage);
  static_cast<void>(list(stage));
  CHECK(told.all<engine::DriverChanged>().empty());
  CHECK(list(stage)->in_use == kTwo);
}

TEST_CASE("while a device is lost, another one that there is not changes nothing") {
  Stage stage;
  REQUIRE(stage.configure(48'000, 256, kOne));
  stage.desk.fault = "the output device 'One' is gone";
  stage.engine.tick();
  stage.desk.fault.reset();
  AudioCallback* const pacing = stage.desk.callback;
  const int opened = stage.desk.opened;
  CHECK(is(stage.configure(48'000, 256, DeviceId("test/three")).error(), errors::kDeviceNotFound));
  CHECK(stage.desk.callback == pacing);
  CHECK(stage.desk.opened == opened);
  CHECK(list(stage));
  CHECK(list(stage)->in_use == kOne);  // still waited for, and there
}

TEST_CASE("audio that was stopped while its device is lost starts without it, and finds it later") {
  Stage stage;
  REQUIRE(stage.configure(48'000, 256, kOne));
  const auto both = stage.desk.devices;
  stage.desk.devices.erase(stage.desk.devices.begin());
  stage.desk.fault = "the output device 'One' is gone";
  stage.engine.tick();
  stage.desk.fault.reset();
  stage.engine.stop();
  CHECK(stage.engine.state().state == engine::AudioState::stopped);
  std::optional<Result<void>> started;
  stage.engine.start([&](Result<void> done) { started.emplace(std::move(done)); });
  REQUIRE(started);
  CHECK(*started);
  CHECK(stage.engine.state().state == engine::AudioState::without_device);
  stage.desk.devices = both;
  CHECK(list(stage));
  CHECK(list(stage)->in_use == kOne);
}

TEST_CASE("gaps are told at most ten times a second, and the total misses none") {
  Stage stage;
  REQUIRE(stage.configure());
  const Told told(stage);
  stage.desk.callback->xrun();
  stage.engine.tick();
  for (int gap = 0; gap < 5; ++gap) {
    stage.desk.callback->xrun();
    stage.engine.tick();
  }
  CHECK(told.all<engine::Xrun>().size() <= 2);
  CHECK(stage.engine.state().xruns == 6);
  REQUIRE(run_until(stage.loop, [&] {
    stage.engine.tick();
    return told.all<engine::Xrun>().back().total == 6;
  }));
  std::int64_t sum = 0;
  for (const engine::Xrun& xrun : told.all<engine::Xrun>()) sum += xrun.xruns;
  CHECK(sum == 6);
}

TEST_CASE("the load of each block is measured, with the nodes of the graph") {
  Stage stage;
  REQUIRE(stage.configure());
  REQUIRE(stage.replace(synth_graph()));
  stage.port.load.set_wanted(true);
  stage.port.load.set_interval(2'560);
  stage.render(5'120);
  signal::rt::LoadReading reading;
  REQUIRE(stage.port.load.take(reading));
  CHECK(reading.length_frames == 2'560);
  CHECK(reading.nodes == 5);
  CHECK(reading.blocks == 10);
  CHECK(reading.mean_ratio > 0);
  CHECK(reading.peak_ratio >= reading.mean_ratio);
  CHECK(reading.sample_rate_hz == 48'000);
}

TEST_CASE("ids of devices are of host API and name, without the number that a card has today") {
  using reference_signal::device_id_of;
  CHECK(device_id_of("ALSA", "HDA Intel PCH: ALC257 Analog (hw:0,0)") == "alsa/hda-intel-pch-alc257-analog");
  CHECK(device_id_of("ALSA", "HDA Intel PCH: ALC257 Analog (hw:1,0)") == "alsa/hda-intel-pch-alc257-analog");
  CHECK(device_id_of("JACK Audio Connection Kit", "system") == "jack-audio-connection-kit/system");
  CHECK(device_id_of("ALSA", "(hw:0,0)") == "alsa/hw-0-0");
  CHECK(device_id_of("ALSA", " ::: ") == "alsa/device");
  CHECK(device_id_of("ALSA", std::string(1'000, 'x')).size() <= 256);
  CHECK(reference_signal::readable("caf\xC3\xA9 \xFF\xC3", 256) == "caf\xC3\xA9 ??");
  CHECK(reference_signal::readable("caf\xC3\xA9", 4) == "caf");
}

}  // namespace
}  // namespace loophole::test
