// Commands that need not know the project do not ask for it.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "rig.hpp"

using namespace loophole;
using test::aura_cli;
using test::Rig;

namespace {

// How many messages Pulse has got.
std::int64_t received() {
  const auto ran = aura_cli("--json counters");
  REQUIRE(ran.exit_code == 0);
  return nlohmann::json::parse(ran.out)["controlReceived"].get<std::int64_t>();
}

// How many it gets for a command, the fewest of some times: heartbeats are among them.
std::int64_t messages_of(const std::string& words) {
  std::int64_t fewest = 1'000;
  for (int i = 0; i < 5; ++i) {
    const std::int64_t before = received();
    REQUIRE(aura_cli(words).exit_code == 0);
    fewest = std::min(fewest, received() - before);
  }
  return fewest;
}

}  // namespace

TEST_CASE("a parameter by its id, transport, history and raw commands are a hello, the command and a goodbye") {
  Rig rig("errand");
  rig.start_pulse({"--no-engine", "--project", (rig.folder() / "song.loophole").string()});
  const std::string id = rig.connect().project()->master.gain.id.str();
  const std::int64_t own = messages_of("--json counters");  // that of the one that counts, and this one
  for (const std::string words : {"history list", "project save", "call track.add '{\"name\":\"Voice\"}'", "track add Voice"})
    CHECK_MESSAGE(messages_of(words) == own, words);
  CHECK(messages_of("parameter set " + id + " -6") == own);
  CHECK(messages_of("parameter set Master/Gain -6") == own + 1);  // by its name: the project too
}

TEST_CASE("what is no id is looked for as a name") {
  Rig rig("noId");
  rig.start_pulse({"--no-engine", "--project", (rig.folder() / "song.loophole").string()});
  const auto ran = aura_cli("--timeout 30 parameter set Cutoff 440");
  CHECK(ran.exit_code == 10);
  CHECK(ran.out.find("`aura-cli parameter list` shows them") != std::string::npos);
}
