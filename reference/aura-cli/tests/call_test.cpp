// The raw form of a command: a payload as JSON, the reply as JSON.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "reading.hpp"

using namespace loophole;
using test::aura_cli;
using test::Rig;

TEST_CASE("a command is sent as it is written, and refused with the place that is wrong") {
  Rig rig("call");
  rig.start_pulse({"--no-engine", "--project", (rig.folder() / "song.loophole").string()});
  auto client = rig.connect();

  const auto added = aura_cli("call track.add '{\"name\":\"Drums\",\"index\":0}'");
  REQUIRE(added.exit_code == 0);
  CHECK(nlohmann::json::parse(added.out)["revision"] == 1);
  const auto piped = test::aura_cli_reading(rig, "call track.add -", "{\"name\":\"Bass\"}\n");
  CHECK(piped.exit_code == 0);
  REQUIRE(client.poll_until([&] { return client.revision() == 2; }, test::kWatchdog));
  CHECK(client.project()->tracks[1].name == "Bass");
  CHECK(nlohmann::json::parse(aura_cli("call history.list").out)["entries"].size() == 2);

  const auto wrong = aura_cli("call track.add '{\"name\":\"\"}' --json");
  CHECK(wrong.exit_code == 10);
  CHECK(nlohmann::json::parse(wrong.out)["pointer"] == "/name");
  CHECK(aura_cli("call track.add '{\"name\"'").exit_code == 10);
  const auto unknown = aura_cli("call track.ad");
  CHECK(unknown.exit_code == 15);
  CHECK(unknown.out.find("did you mean track.add?") != std::string::npos);
  CHECK(aura_cli("call graph.replace").exit_code == 15);  // not for Aura to send
  CHECK(client.revision() == 2);
}
