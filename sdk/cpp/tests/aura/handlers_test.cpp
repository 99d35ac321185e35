// What a handler keeps in itself is there when it is called again.
#include <doctest/doctest.h>

#include <string>

#include "fake_pulse.hpp"

using namespace loophole;
using namespace std::chrono_literals;
using test::FakePulseScript;
using test::kWatchdog;

TEST_CASE("handlers that are called again go on from where they were") {
  const auto script = std::make_shared<FakePulseScript>();
  aura::Client client = test::connect(script);
  int ticks = 0;
  const auto timer = client.every(1ms, [&ticks, own = 0]() mutable { ticks = ++own; });
  REQUIRE(client.poll_until([&] { return ticks == 3; }, kWatchdog));
  client.cancel(timer);

  int changes = 0;
  int tempos = 0;
  client.on_change([&changes, own = 0](const project::Changed&) mutable { changes = ++own; });
  client.changes().on_tempo([&tempos, own = 0](const aura::TempoChange&) mutable { tempos = ++own; });
  for (std::int64_t revision = 5; revision < 8; ++revision)
    script->send(project::Changed{.revision = revision,
                                  .cause = {},
                                  .label = "Tempo",
                                  .origin = project::TransactionOrigin::edit,
                                  .changes = {project::TempoChanged{.tempo_bpm = 100.0 + static_cast<double>(revision)}}});
  REQUIRE(client.poll_until([&] { return client.revision() == 7; }, kWatchdog));
  CHECK(changes == 3);
  CHECK(tempos == 3);
}

TEST_CASE("a handler may put another in its place while it is called") {
  const auto script = std::make_shared<FakePulseScript>();
  aura::Client client = test::connect(script);
  std::string told;
  client.on_change([&](const project::Changed&) {
    told += "first ";
    client.on_change([&](const project::Changed&) { told += "second"; });
  });
  for (std::int64_t revision = 5; revision < 7; ++revision)
    script->send(
        project::Changed{.revision = revision, .cause = {}, .label = "Nothing", .origin = project::TransactionOrigin::edit, .changes = {}});
  REQUIRE(client.poll_until([&] { return client.revision() == 6; }, kWatchdog));
  CHECK(told == "first second");
}
