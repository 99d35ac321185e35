// Gestures from the command line: of several parameters, and with Ctrl-C in their middle, when the values before come back or stay as they
// are, as it was asked.
#include <doctest/doctest.h>
#include <fmt/format.h>

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

// Until the engine runs what Pulse derived.
void wait_for_graph(aura::Client& client) {
  REQUIRE(client.poll_until(
      [&] {
        const auto status = client.call(engine::Status{}).value();
        return status.engine_digest && status.engine_digest == status.model_digest;
      },
      test::kWatchdog));
}

}  // namespace

TEST_CASE("a gesture moves several parameters, each to its own place, in one step of the history") {
  Rig rig("several");
  rig.start_pulse({"--driver", "paced", "--project", (rig.folder() / "song.loophole").string()});
  auto client = rig.connect();
  client.call(track::Add{.name = "Voice", .index = {}}).value();
  wait_for_graph(client);
  const auto steps = client.call(history::List{}).value().entries.size();
  const auto ran = test::aura_cli("gesture Voice/Gain=-3..-12 Master/Gain=-6 --seconds 0.2");
  CHECK(ran.exit_code == 0);
  CHECK(ran.out.starts_with("Voice/Gain -12 dB, Master/Gain -6 dB in "));
  CHECK(client.call(parameter::Get{.parameter_id = client.project()->tracks[0].channel.gain.id}).value().value == -12);
  CHECK(client.call(parameter::Get{.parameter_id = client.project()->master.gain.id}).value().value == -6);
  CHECK(client.call(history::List{}).value().entries.size() == steps + 1);

  CHECK(test::aura_cli("gesture Voice/Gain=loud").out.find("write PARAMETER=TO or PARAMETER=FROM..TO") != std::string::npos);
  CHECK(test::aura_cli("gesture Voice/Gain=1000").out.find("1000 dB is outside the range of Voice/Gain: ") != std::string::npos);
  client.call(track::Add{.name = "Syn=th", .index = {}}).value();
  wait_for_graph(client);
  CHECK(test::aura_cli("gesture Syn=th/Gain --to -6 --seconds 0.1").out.starts_with("Syn=th/Gain -6 dB in "));
  CHECK(test::aura_cli("gesture Syn=th/Gain=-3 --seconds 0.1").out.starts_with("Syn=th/Gain -3 dB in "));
  CHECK(test::aura_cli("gesture Voice/Gain voice/gain=-1").out.find("name each once") != std::string::npos);
}

TEST_CASE("a gesture that is interrupted is cancelled, or ended with --on-interrupt end") {
  Rig rig("interrupted");
  rig.start_pulse({"--driver", "paced", "--project", (rig.folder() / "song.loophole").string()});
  auto client = rig.connect();
  wait_for_graph(client);
  const ParameterId id = client.project()->master.gain.id;
  const double before = client.project()->master.gain.value;
  {
    Background gesture({"gesture", "Master/Gain", "--to", "-60", "--seconds", "100"});
    wait_until_below(client, id, before);
    gesture.signal(SIGINT);
    CHECK(gesture.line() == "cancelled; as before: Master/Gain 0 dB");
    CHECK(gesture.end() == 130);
  }
  CHECK(client.call(parameter::Get{.parameter_id = id}).value().value == before);
  CHECK(client.call(history::List{}).value().entries.empty());
  {
    Background gesture({"gesture", "Master/Gain", "--from", "-20", "--to", "-60", "--seconds", "100", "--on-interrupt", "end"});
    wait_until_below(client, id, -20);
    gesture.signal(SIGINT);
    const std::string line = gesture.line();
    CHECK(gesture.end() == 130);
    const double value = client.call(parameter::Get{.parameter_id = id}).value().value;
    CHECK(value <= -20);
    CHECK(line.starts_with(fmt::format("ended where it was: Master/Gain {:g} dB in ", value)));
  }
  CHECK(client.call(history::List{}).value().entries.size() == 1);
}
