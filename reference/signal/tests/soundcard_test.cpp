// The whole way to a device through PortAudio and ALSA, with a sound card of the tests' own.

#include "soundcard/soundcard.hpp"

#include <doctest/doctest.h>
#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "drivers/drivers.hpp"
#include "drivers/portaudio_library.hpp"
#include "graphs.hpp"
#include "stage.hpp"

namespace loophole::test {
namespace {

const DeviceId kCard("alsa/card");
const DeviceId kOther("alsa/other");
constexpr int kMostTries = 5;  // a busy machine has xruns of its own

// Numbers its frames, as floats hold whole numbers exactly up to 2^24.
struct Numberer : AudioCallback {
  void render(std::span<float> block, std::uint64_t time_ns) noexcept LOOPHOLE_NONBLOCKING override {
    if (frames == 0) {
      first_ns = time_ns;
      sched_param parameters{};
      pthread_getschedparam(pthread_self(), &policy, &parameters);
    }
    if (time_ns <= last_ns) ++steps_back;
    last_ns = time_ns;
    frames_before_last = frames.load();
    for (std::size_t i = 0; i < block.size(); i += 2) block[i] = block[i + 1] = static_cast<float>(frames + 1 + static_cast<int>(i / 2));
    frames += static_cast<int>(block.size() / 2);
  }
  void xrun() noexcept LOOPHOLE_NONBLOCKING override { ++xruns; }
  std::atomic<int> frames{0};
  std::atomic<int> xruns{0};
  int policy = -1;                 // of the thread that calls
  std::atomic<int> steps_back{0};  // of time
  std::atomic<std::uint64_t> first_ns{0};
  std::atomic<std::uint64_t> last_ns{0};
  std::atomic<int> frames_before_last{0};
};

bool may_be_real_time() {
  bool may = false;
  std::thread([&] {
    sched_param parameters{};
    parameters.sched_priority = 1;
    may = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) == 0;
  }).join();
  return may;
}

std::unique_ptr<AudioDriver> open_card(const DeviceId& id) {
  auto opened = reference_signal::SystemDrivers().open({.device = id, .sample_rate_hz = 48'000, .block_frames = 512});
  REQUIRE_MESSAGE(opened.has_value(), (opened ? std::string() : to_string(opened.error())));
  return *std::move(opened);
}

TEST_CASE("cards are listed with stable ids and their rates; one is the default") {
  Studio::get().card().reset();
  const auto devices = reference_signal::SystemDrivers().devices();
  REQUIRE(devices);
  const auto found = std::ranges::find(*devices, kCard, &device::Device::id);
  REQUIRE(found != devices->end());
  CHECK(found->name == "card");
  CHECK(found->host_api == "ALSA");
  CHECK(found->output_channels == 2);
  CHECK(found->sample_rates_hz == std::vector<std::int64_t>{44'100, 48'000});
  CHECK(std::ranges::find(*devices, kOther, &device::Device::id) != devices->end());
  CHECK(std::ranges::count(*devices, true, &device::Device::is_default) == 1);
}

TEST_CASE("the card takes audio at real time, and what it is given is what was rendered") {
  for (int attempt = 1;; ++attempt) {
    const SoundCard& card = Studio::get().card();
    card.reset();
    Numberer numberer;
    {
      const auto driver = open_card(kCard);
      CHECK(driver->device() == kCard);
      CHECK(driver->effective().sample_rate_hz == 48'000);
      REQUIRE(driver->start(numberer));
      REQUIRE_POLL(numberer.frames > 96'000);
      CHECK_FALSE(driver->fault());
      driver->stop();
    }
    if (numberer.xruns > 0 && attempt < kMostTries) continue;
    REQUIRE(numberer.xruns == 0);
    CHECK(numberer.steps_back == 0);
    CHECK(numberer.policy == (may_be_real_time() ? SCHED_FIFO : SCHED_OTHER));
    const double seconds = static_cast<double>(numberer.last_ns - numberer.first_ns) * 1e-9;
    const double ratio = static_cast<double>(numberer.frames_before_last) / 48'000 / seconds;
    CHECK(ratio == doctest::Approx(1).epsilon(0.1));  // what fills the card's buffer at first comes at once
    const std::vector<float> played = card.played();
    REQUIRE(played.size() > 80'000);
    for (std::size_t i = 0; i < played.size(); ++i) REQUIRE(played[i] == static_cast<float>(i + 1));
    MESSAGE(ratio << " times real time");
    return;
  }
}

TEST_CASE("an xrun of the card is counted") {
  Studio::get().card().reset();
  Numberer numberer;
  const auto driver = open_card(kCard);
  REQUIRE(driver->start(numberer));
  REQUIRE_POLL(numberer.frames > 10'000);
  const int before = numberer.xruns;
  Studio::get().card().inject_xrun();
  REQUIRE_POLL(numberer.xruns > before);
  const int frames = numberer.frames;
  REQUIRE_POLL(numberer.frames > frames + 10'000);  // and audio goes on
  CHECK_FALSE(driver->fault());
}

// An engine on the real drivers, and what it told.
struct Session {
  explicit Session() {
    engine.on_event([this](ReferenceEngine::Event event) { events.push_back(std::move(event)); });
    std::optional<Result<engine::Effective>> answer;
    engine.configure({.sample_rate_hz = 48'000, .block_frames = 512, .driver = {}, .device_id = kCard},
                     [&](Result<engine::Effective> effective) { answer.emplace(std::move(effective)); });
    REQUIRE_SOON(loop, answer.has_value());
    REQUIRE(*answer);
    auto order = signal::check_graph(graph).value();
    bool live = false;
    engine.replace_graph(graph, order, [&](Result<signal::Engine::Ticket> ticket) { live = ticket.has_value(); });
    REQUIRE_SOON(loop, live);
    static_cast<void>(engine.set_transport({.playing = true, .position_frames = 0, .loop = {}, .tempo_bpm = {}}));
  }
  bool run(const std::function<bool()>& done) {
    return run_until(loop, [&] {
      engine.tick();
      return done();
    });
  }
  template <class E>
  [[nodiscard]] const E* last() const {
    for (auto event = events.rbegin(); event != events.rend(); ++event)
      if (const E* found = std::get_if<E>(&*event)) return found;
    return nullptr;
  }
  [[nodiscard]] std::optional<DeviceId> in_use() {
    std::optional<Result<device::ListReply>> answer;
    engine.list_devices([&](Result<device::ListReply> devices) { answer.emplace(std::move(devices)); });
    REQUIRE_SOON(loop, answer.has_value());
    return (*answer)->in_use;
  }
  bool goes_on() {
    const std::uint64_t before = engine.renderer().engine_frames();
    return run([&] { return engine.renderer().engine_frames() > before + 9'600; });
  }

  graph::Graph graph = synth_graph();
  net::Loop loop;
  signal::rt::AudioPort port;
  reference_signal::SystemDrivers drivers;
  std::vector<ReferenceEngine::Event> events;
  ReferenceEngine engine{port, [this](std::function<void()> task) { loop.post(std::move(task)); }, {}, drivers};
};

TEST_CASE("a card that is pulled is told, audio goes on without it, and it is used again when it is back") {
  const SoundCard& card = Studio::get().card();
  card.reset();
  Session session;
  REQUIRE(session.goes_on());
  CHECK(session.in_use() == kCard);

  card.pull();
  REQUIRE(session.run([&] { return session.last<engine::StateChanged>() != nullptr; }));
  REQUIRE(session.last<device::Lost>() != nullptr);
  CHECK(session.last<device::Lost>()->device_id == kCard);
  CHECK(session.last<engine::DriverChanged>()->effective.driver == engine::Driver::paced);
  CHECK(session.last<engine::StateChanged>()->state == engine::AudioState::without_device);
  REQUIRE(session.goes_on());
  REQUIRE(session.run([&] { return session.last<device::Changed>() != nullptr; }));
  const auto listed = [&](const DeviceId& id) {
    const auto& devices = session.last<device::Changed>()->devices;
    return std::ranges::find(devices, id, &device::Device::id) != devices.end();
  };
  CHECK_FALSE(listed(kCard));
  CHECK(listed(kOther));

  card.plug_in();
  REQUIRE(session.run([&] { return session.last<engine::StateChanged>()->state == engine::AudioState::running; }));
  CHECK(listed(kCard));
  CHECK(session.last<engine::DriverChanged>()->effective.device == "card");
  CHECK(session.last<engine::DriverChanged>()->reason.find("is back") != std::string::npos);
  CHECK(session.in_use() == kCard);
  REQUIRE(session.goes_on());
}

TEST_CASE("a card that returns with another sample rate runs at it") {
  const SoundCard& card = Studio::get().card();
  card.reset();
  Session session;
  REQUIRE(session.goes_on());
  card.pull();
  REQUIRE(session.run([&] { return session.last<device::Lost>() != nullptr; }));
  card.set_rate(44'100);
  card.plug_in();
  REQUIRE(session.run([&] { return session.engine.state().state == engine::AudioState::running; }));
  CHECK(session.last<engine::DriverChanged>()->effective.sample_rate_hz == 44'100);
  REQUIRE(session.goes_on());
}

TEST_CASE("an xrun of the card is told to Pulse with the total") {
  const SoundCard& card = Studio::get().card();
  card.reset();
  Session session;
  REQUIRE(session.goes_on());
  const std::int64_t before = session.engine.state().xruns;
  card.inject_xrun();
  REQUIRE(session.run([&] { return session.last<engine::Xrun>() != nullptr && session.last<engine::Xrun>()->total > before; }));
  CHECK(session.last<engine::Xrun>()->xruns >= 1);
  CHECK(session.engine.state().xruns >= session.last<engine::Xrun>()->total);
}

}  // namespace
}  // namespace loophole::test
