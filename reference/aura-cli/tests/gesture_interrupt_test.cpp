// Ctrl-C in the middle of a gesture: the values before come back, or stay as they are, as it was asked.
#include <doctest/doctest.h>

#include "background.hpp"
#include "loophole/core/clock.hpp"

using namespace loophole;
using test::Background;
using test::Rig;

namespace {

double engine_value(aura::Client& client, const ParameterId& id) {
  return client.call(parameter::Get{.parameter_id = id}).value().engine_value.value_or(1000);
}

// Until the engine holds a value below.
void wait_until_below(aura::Client& client, const ParameterId& id, double limit) {
  const auto end = Clock::now() + test::kWatchdog;
  while (engine_value(client, id) >= limit) {
    REQUIRE(Clock::now() < end);
    bool again = false;
    client.after(std::chrono::milliseconds{20}, [&again] { again = true; });
    REQUIRE(client.poll_until([&again] { return again; }, test::kWatchdog));
  }
}

}  // namespace

TEST_CASE("a gesture that is interrupted is cancelled, or ended with --on-interrupt end") {
  Rig rig("interrupted");
  rig.start_pulse({"--driver", "paced", "--project", (rig.folder() / "song.loophole").string()});
  auto client = rig.connect();
  REQUIRE(client.poll_until(
      [&] {
        const auto status = client.call(engine::Status{}).value();
        return status.engine_digest && status.engine_digest == status.model_digest;
      },
      test::kWatchdog));
  const ParameterId id = client.project()->master.gain.id;
  const double before = client.project()->master.gain.value;
  {
    Background gesture({"gesture", "Master/Gain", "--to", "-60", "--seconds", "100"});
    wait_until_below(client, id, before);
    CHECK(gesture.end(SIGINT) == 130);
  }
  CHECK(client.call(parameter::Get{.parameter_id = id}).value().value == before);
  CHECK(client.call(history::List{}).value().entries.empty());
  {
    Background gesture({"gesture", "Master/Gain", "--from", "-20", "--to", "-60", "--seconds", "100", "--on-interrupt", "end"});
    wait_until_below(client, id, -20);
    CHECK(gesture.end(SIGINT) == 130);
  }
  CHECK(client.call(parameter::Get{.parameter_id = id}).value().value <= -20);
  CHECK(client.call(history::List{}).value().entries.size() == 1);
}
